import { noValue } from './numbers.ts'

/** A length of time in at most two units: "0.8 s", "38 s", "2 min 10 s", "1 h 5 min". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return noValue
  if (seconds < 9.95) return `${String(Number(seconds.toFixed(1)))} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return twoUnits(Math.floor(whole / 60), 'min', whole % 60, 's')
  const minutes = Math.round(seconds / 60)
  return twoUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
}

function twoUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}

/** What is left of a job, rounded so that it does not flicker: "about 40 s left"; "" while it cannot be told. */
export function timeLeft(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return ''
  if (seconds < 5) return 'a few seconds left'
  if (seconds < 90) return `about ${Math.max(5, Math.round(seconds / 5) * 5)} s left`
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} min left`
  return `about ${Math.round(seconds / 3600)} h left`
}

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** How long ago: "just now", "2 min ago", "3 h ago", "yesterday 14:05", "14 Nov 2026". */
export function ago(iso: string, now: Date): string {
  const then = new Date(iso)
  const seconds = (now.getTime() - then.getTime()) / 1000
  if (!Number.isFinite(seconds)) return noValue
  if (seconds < 45) return 'just now'
  if (seconds < 3570) return `${Math.max(1, Math.round(seconds / 60))} min ago`
  const yesterday = new Date(now)
  yesterday.setDate(now.getDate() - 1)
  if (then.toDateString() === yesterday.toDateString()) return `yesterday ${clock.format(then)}`
  if (seconds < 86_400) return `${Math.max(1, Math.round(seconds / 3600))} h ago`
  return day.format(then)
}

/** Day and minute, for tooltips and histories: "14 Nov 2026, 14:05". */
export function moment(iso: string): string {
  const then = new Date(iso)
  return Number.isFinite(then.getTime()) ? `${day.format(then)}, ${clock.format(then)}` : noValue
}
