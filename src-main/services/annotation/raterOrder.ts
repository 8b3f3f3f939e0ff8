import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { ProjectStore } from '../../store/projectStore.ts'
import { hashText } from './hashText.ts'

/** The pair to show now, and why it comes first where it does. */
export interface NextPlace {
  readonly place: number
  readonly because: 'calibration' | 'asked' | 'order'
}

/** A rater's own random order of their pairs, with what is done, held in memory: nine bytes a pair. */
export interface RaterOrder {
  readonly total: number
  /** Pairs answered. */
  readonly done: number
  /** Pairs skipped and not answered since. */
  readonly skipped: number
  /** Pairs of the calibration round, and how many of them are answered. */
  readonly calibration: { readonly done: number; readonly total: number }
  /**
   * The pair to show now: of the calibration round, then those that another rating was asked for, then the first open one,
   * at the end the one skipped longest ago; null: all done.
   */
  next(): NextPlace | null
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

/** A pair that comes before the others. */
interface UrgentPair {
  readonly id: string
  readonly place: number
  readonly because: 'calibration' | 'asked'
}

/** Pairs that a rater is to rate where the project has a plan: dealt or asked for, gold, and the calibration round. */
async function assignedPairs(
  store: ProjectStore,
  raterId: string,
): Promise<{ keys: { id: string; place: number }[]; asked: UrgentPair[] }> {
  const keys = new Map<number, string>()
  const asked: UrgentPair[] = []
  for (let after = ''; ;) {
    const page = store.assignments.ofRater(raterId, after, chunk)
    for (const { pairId: id, place, kind } of page) {
      keys.set(place, id)
      if (kind === 'asked') asked.push({ id, place, because: 'asked' })
    }
    if (page.length < chunk) break
    after = page.at(-1)?.pairId ?? after
    await yieldToOthers()
  }
  for (const { pairId, place } of store.assignments.everybodys()) keys.set(place, pairId)
  return { keys: [...keys].map(([place, id]) => ({ place, id })), asked }
}

/**
 * Builds the order of one rater: pairs sorted by a hash of project seed, rater and pair, so that pairs added later slip
 * in without moving the others. All pairs, or with a plan those the rater is to rate. Reads in chunks and yields in
 * between.
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
  const add = (keys: readonly { id: string; place: number }[]): void => {
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
  }
  // Whoever works on a file split off for them has all of its pairs to rate.
  const { settings, workRaterId } = store.project.read()
  const planned =
    settings.overlap === null || workRaterId !== null ? null : await assignedPairs(store, raterId)
  if (planned !== null) add(planned.keys)
  else
    for (let after = 0; ;) {
      const keys = store.pairs.keys(after, chunk)
      add(keys)
      if (keys.length < chunk) break
      after = keys.at(-1)?.place ?? after
      await yieldToOthers()
    }
  const calibration = store.assignments
    .calibrationPairs()
    .map(({ pairId: id, place }): UrgentPair => ({ id, place, because: 'calibration' }))
  const order = createRaterOrder(entries.slice(0, count).sort(), ownSeed, [
    ...calibration,
    ...(planned?.asked ?? []),
  ])
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

function createRaterOrder(
  entries: BigUint64Array,
  seed: number,
  urgentPairs: readonly UrgentPair[],
): RaterOrder {
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
  const urgent = urgentPairs.flatMap((pair) => {
    const index = indexOf(pair)
    return index === null ? [] : { index, because: pair.because }
  })
  const calibration = urgent.filter(({ because }) => because === 'calibration')
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
    get calibration() {
      const answeredOnes = calibration.filter(({ index }) => states[index] === answered).length
      return { done: answeredOnes, total: calibration.length }
    },
    next() {
      const first = urgent.find(({ index }) => states[index] === open)
      if (first !== undefined) return { place: halves[2 * first.index] ?? 0, because: first.because }
      while (firstOpen < total && states[firstOpen] !== open) firstOpen += 1
      const [firstSkipped] = skippedIndexes
      const index = firstOpen < total ? firstOpen : firstSkipped
      return index === undefined ? null : { place: halves[2 * index] ?? 0, because: 'order' }
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
