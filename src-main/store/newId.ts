import { decodeTime, monotonicFactory } from 'ulid'

const next = monotonicFactory()
/** No id is made with an earlier time than this, in milliseconds since 1970. */
let earliest = 0
/** Of the 48 bits that a ULID has for its time, the last thousand years are nobody's clock. */
const latest = 2 ** 48 - 2 ** 45

/** Makes a ULID. Within this process each one sorts after the one before, whatever the clock does. */
export function newId(): string {
  return next(Math.max(Date.now(), earliest))
}

/** Makes ids of one time, in order: their first ten characters are the same, and later ids of such a kind have others. */
export function newIds(count: number): string[] {
  const time = Math.max(Date.now(), earliest)
  return Array.from({ length: count }, () => next(time))
}

/**
 * Lets every id that is made from now on sort after this one, which another process or another machine has made, perhaps
 * with its clock ahead: what a person does here comes after what they did there.
 */
export function makeIdsAfter(id: string): void {
  earliest = Math.max(earliest, Math.min(latest, decodeTime(id) + 1))
}
