const whole = new Intl.NumberFormat('en')

/** A count with separated thousands: 2,400. */
export function formatCount(count: number): string {
  return whole.format(count)
}

/** A count with its noun: 1 rating, 2,400 ratings. */
export function formatCountOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** A score or correlation of −1 to 1 in the short form of tables: .78, −.04, 1.00. */
export function formatShort(value: number, digits = 2): string {
  const text = Math.abs(value).toFixed(digits)
  const isZero = Number(text) === 0
  return `${value < 0 && !isZero ? '−' : ''}${text.replace(/^0\./, '.')}`
}

/** A share of 0–1 in whole per cent: 42%. */
export function formatShare(share: number): string {
  return `${Math.floor(share * 100)}%`
}

/** A length of time in words, coarse enough to read at a glance: 40 s, 12 min, 3 h 20 min. */
export function formatDuration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  const rest = minutes % 60
  return `${Math.floor(minutes / 60)} h${rest === 0 ? '' : ` ${rest} min`}`
}

/** A size in the largest unit that leaves at least one: 47 MB. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`
}

/** A moment as date and time in the user's own manner. */
export function formatMoment(iso: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso))
}
