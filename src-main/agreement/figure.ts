import type { AgreementFigure } from '#shared/domain/agreement.ts'

/** A figure whose interval is not known (yet). */
export function known(value: number): AgreementFigure {
  return { value, low: null, high: null, reason: null }
}

/** A figure with its 95% interval. */
export function between(value: number, [low, high]: readonly [number, number]): AgreementFigure {
  return { value, low, high, reason: null }
}

/** A figure that is not defined here, with the reason as a sentence's part. */
export function absent(reason: string): AgreementFigure {
  return { value: null, low: null, high: null, reason }
}

export const needsOverlap = 'needs two raters on the same pair'

/** Ends of the middle 95% of values; null of fewer than 20. Sorts in place. */
export function middle(values: Float64Array): readonly [number, number] | null {
  if (values.length < 20) return null
  values.sort()
  const at = (share: number): number => {
    const place = share * (values.length - 1)
    const below = values[Math.floor(place)] ?? 0
    return below + ((values[Math.ceil(place)] ?? below) - below) * (place - Math.floor(place))
  }
  return [at(0.025), at(0.975)]
}

/** Adds an interval of resampled values, where they are defined, to a figure. */
export function withInterval(figure: AgreementFigure, resampled: Float64Array): AgreementFigure {
  if (figure.value === null) return figure
  const interval = middle(resampled.filter(Number.isFinite))
  return interval === null ? figure : between(figure.value, interval)
}

/** Wilson's 95% interval of a share (Wilson 1927). */
export function shareFigure(hits: number, all: number, reason: string): AgreementFigure {
  if (all === 0) return absent(reason)
  const z = 1.959964
  const share = hits / all
  const centre = share + (z * z) / (2 * all)
  const half = z * Math.sqrt((share * (1 - share)) / all + (z * z) / (4 * all * all))
  const whole = 1 + (z * z) / all
  return between(share, [Math.max(0, (centre - half) / whole), Math.min(1, (centre + half) / whole)])
}
