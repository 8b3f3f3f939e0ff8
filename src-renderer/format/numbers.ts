import type { Interval } from '#shared/domain/run.ts'
import { shownDecimals, type ScaleKind } from '#shared/domain/score.ts'

/** What stands where a number is not defined. */
export const noValue = '–'

/**
 * A correlation or score as statistics prints it: two decimals, no leading zero (".81", "−.05", "1.00").
 * @returns "–" for null, undefined and anything that is not finite.
 */
export function coefficient(value: number | null | undefined, decimals = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return noValue
  const digits = Math.abs(value).toFixed(decimals)
  const isZero = Number(digits) === 0
  return (value < 0 && !isZero ? '−' : '') + digits.replace(/^0(?=\.)/, '')
}

/** A score with the decimals that the scale of the project tells apart: ".80", on a logit scale also ".9985". */
export function scoreOn(scale: ScaleKind, score: number | null): string {
  return coefficient(score, score === null ? 2 : shownDecimals(score, scale))
}

/** The ends of an interval: "[.78, .84]"; "" where there is none. */
export function intervalEnds(interval: Pick<Interval, 'low' | 'high'> | null, decimals = 2): string {
  return interval === null
    ? ''
    : `[${coefficient(interval.low, decimals)}, ${coefficient(interval.high, decimals)}]`
}

/** A figure with its interval: ".81 [.78, .84]"; "–" where there is none. */
export function withInterval(interval: Interval | null, decimals = 2): string {
  return interval === null
    ? noValue
    : `${coefficient(interval.value, decimals)} ${intervalEnds(interval, decimals)}`
}

const grouped = new Intl.NumberFormat('en')

/** A count with thousands grouped: "1,240". */
export function count(value: number): string {
  return Number.isFinite(value) ? grouped.format(value) : noValue
}

/** A count with its noun: "1 pair", "1,240 pairs". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

/** A size in bytes, decimal units as file managers use them: "812 B", "4.6 MB". */
export function byteSize(bytes: number): string {
  if (!Number.isFinite(bytes)) return noValue
  const units = ['B', 'kB', 'MB', 'GB']
  let size = bytes
  let unit = 0
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000
    unit += 1
  }
  return `${unit === 0 || size >= 99.5 ? size.toFixed(0) : size.toFixed(1)} ${units[unit] ?? ''}`
}

/** A share 0–1 as whole percent: "42%"; never 100% before all is done. */
export function percent(share: number | null): string {
  if (share === null || !Number.isFinite(share)) return noValue
  return `${share >= 1 ? 100 : Math.min(99, Math.round(share * 100))}%`
}
