import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { PairFilter } from '../../store/repositories/pairs.ts'

/** How the Data view's list is to be. */
export interface WantedList extends PairFilter {
  readonly descending: boolean
}

/** Places looked at before other work gets its turn: some milliseconds. */
const placesPerTurn = 2000
const greatest = 0xffffffff

/** The value as 32 bits that sort as wanted: pairs without one come last, whichever way the list runs. */
function sortKey(value: number | null, { order, descending }: WantedList): number {
  if (value === null) return greatest
  // Counts as they are; all else lies in 0–1.
  const key = Math.min(greatest - 1, Math.round(order === 'ratings' ? value : value * 2 ** 31))
  return descending ? greatest - 1 - key : key
}

/**
 * The places of all pairs that fit, in the order wanted; equal ones in the order they were added, or its reverse where
 * the list descends. Reads in chunks and yields in between.
 */
export async function listPlaces(store: ProjectStore, wanted: WantedList): Promise<Uint32Array> {
  const flip = (place: number): number => (wanted.descending ? greatest - place : place)
  const end = store.pairs.lastPlace()
  // Sorted as 64-bit numbers, read as two halves: place below, key above (every platform of ours is little-endian).
  let halves = new Uint32Array(2 * placesPerTurn)
  let count = 0
  for (let after = 0; after < end; after += placesPerTurn) {
    const values = store.pairs.values(wanted, { after, last: after + placesPerTurn })
    if (2 * (count + values.length) > halves.length) {
      const larger = new Uint32Array(2 * (halves.length + 2 * values.length))
      larger.set(halves)
      halves = larger
    }
    for (const { place, value } of values) {
      halves[2 * count] = flip(place)
      halves[2 * count + 1] = sortKey(value, wanted)
      count += 1
    }
    await yieldToOthers()
  }
  new BigUint64Array(halves.buffer, 0, count).sort()
  const places = new Uint32Array(count)
  for (let index = 0; index < count; index++) places[index] = flip(halves[2 * index] ?? 0)
  return places
}
