import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { ProjectStore } from '../../store/projectStore.ts'

/** A rater's own random order of all pairs, with what is done, held in memory: nine bytes a pair. */
export interface RaterOrder {
  readonly total: number
  /** Pairs answered. */
  readonly done: number
  /** Pairs skipped and not answered since. */
  readonly skipped: number
  /** The place of the pair to show now: the first open one, at the end the one skipped longest ago; null: all done. */
  next(): number | null
  /** Notes what became of a pair. */
  mark(pair: { id: string; place: number }, state: 'open' | 'answered'): void
  /** Puts the skipped pairs, by their places, in this order; answered ones among them are left out. */
  setSkipped(pairs: readonly { id: string; place: number }[]): void
  /** Puts a pair at the end of the skipped ones; an answered one stays where it is. */
  skip(pair: { id: string; place: number }): void
}

const open = 0
const answered = 1
const skippedState = 2
const chunk = 5000

/**
 * 32 bits that look random, from a text and a seed: MurmurHash3 (Austin Appleby, public domain) over the UTF-16 codes,
 * one block each.
 */
function hashText(text: string, seed: number): number {
  let hash = seed | 0
  for (let index = 0; index < text.length; index++) {
    let block = Math.imul(text.charCodeAt(index), 0xcc9e2d51)
    block = (block << 15) | (block >>> 17)
    hash ^= Math.imul(block, 0x1b873593)
    hash = (hash << 13) | (hash >>> 19)
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0
  }
  hash ^= text.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/**
 * Builds the order of one rater: pairs sorted by a hash of project seed, rater and pair, so that pairs added later slip
 * in without moving the others. Reads in chunks and yields in between.
 */
export async function buildRaterOrder(
  store: ProjectStore,
  raterId: string,
  seed: number,
): Promise<RaterOrder> {
  const ownSeed = hashText(raterId, seed)
  const total = store.tally.read().pairs
  // Sorted as 64-bit numbers, read as two halves: place below, key above (every platform of ours is little-endian).
  let entries = new BigUint64Array(total)
  let halves = new Uint32Array(entries.buffer)
  let count = 0
  for (let after = 0; ;) {
    const keys = store.pairs.keys(after, chunk)
    if (count + keys.length > entries.length) {
      const larger = new BigUint64Array(2 * (count + keys.length))
      larger.set(entries)
      entries = larger
      halves = new Uint32Array(entries.buffer)
    }
    for (const { place, id } of keys) {
      halves[2 * count] = place
      halves[2 * count + 1] = hashText(id, ownSeed)
      count += 1
    }
    if (keys.length < chunk) break
    after = keys.at(-1)?.place ?? after
    await yieldToOthers()
  }
  const order = createRaterOrder(entries.slice(0, count).sort(), ownSeed)
  for (let after = ''; ;) {
    const ratings = store.pairs.answered(raterId, after, chunk)
    for (const { place, pairId } of ratings) order.mark({ id: pairId, place }, 'answered')
    if (ratings.length < chunk) break
    after = ratings.at(-1)?.ratingId ?? after
    await yieldToOthers()
  }
  order.setSkipped(
    store.annotation.skippedPairs(raterId).flatMap((id) => {
      const place = store.pairs.place(id)
      return place === null ? [] : { id, place }
    }),
  )
  return order
}

function createRaterOrder(entries: BigUint64Array, seed: number): RaterOrder {
  const halves = new Uint32Array(entries.buffer)
  const total = entries.length
  const states = new Uint8Array(total)
  const skippedIndexes = new Set<number>()
  let done = 0
  /** No pair before this index is open. */
  let firstOpen = 0

  const indexOf = (pair: { id: string; place: number }): number | null => {
    const key = hashText(pair.id, seed)
    let low = 0
    let high = total - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      const difference = (halves[2 * middle + 1] ?? 0) - key || (halves[2 * middle] ?? 0) - pair.place
      if (difference === 0) return middle
      if (difference < 0) low = middle + 1
      else high = middle - 1
    }
    return null
  }
  const setState = (index: number, state: number): void => {
    if (states[index] === answered) done -= 1
    if (state === answered) done += 1
    skippedIndexes.delete(index)
    if (state === skippedState) skippedIndexes.add(index)
    states[index] = state
    if (state === open && index < firstOpen) firstOpen = index
  }
  const skip = (pair: { id: string; place: number }): void => {
    const index = indexOf(pair)
    if (index !== null && states[index] !== answered) setState(index, skippedState)
  }

  return {
    total,
    get done() {
      return done
    },
    get skipped() {
      return skippedIndexes.size
    },
    next() {
      while (firstOpen < total && states[firstOpen] !== open) firstOpen += 1
      const [firstSkipped] = skippedIndexes
      const index = firstOpen < total ? firstOpen : firstSkipped
      return index === undefined ? null : (halves[2 * index] ?? null)
    },
    mark(pair, state) {
      const index = indexOf(pair)
      if (index !== null) setState(index, state === 'answered' ? answered : open)
    },
    skip,
    setSkipped(pairs) {
      for (const index of [...skippedIndexes]) setState(index, open)
      pairs.forEach(skip)
    },
  }
}
