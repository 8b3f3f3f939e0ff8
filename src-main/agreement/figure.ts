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

/** A mean of values that are not below 0, with its normal interval. */
export function meanFigure(values: readonly number[], reason: string): AgreementFigure {
  const n = values.length
  if (n === 0) return absent(reason)
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  if (n < 2) return known(mean)
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1)
  const half = 1.959964 * Math.sqrt(variance / n)
  return between(mean, [Math.max(0, mean - half), mean + half])
}

/** A median; its interval lies between the values whose ranks are n/2 ± 1.96 · √n/2 (binomial, by the normal curve). */
export function medianFigure(values: readonly number[], reason: string): AgreementFigure {
  const n = values.length
  const sorted = values.toSorted((left, right) => left - right)
  const [low, high] = [sorted[Math.ceil(n / 2) - 1], sorted[Math.floor(n / 2)]]
  if (low === undefined || high === undefined) return absent(reason)
  const median = (low + high) / 2
  const half = (1.959964 * Math.sqrt(n)) / 2
  const [first, last] = [sorted[Math.floor(n / 2 - half) - 1], sorted[Math.ceil(n / 2 + half)]]
  return first === undefined || last === undefined ? known(median) : between(median, [first, last])
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
