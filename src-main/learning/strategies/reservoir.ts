import { createRandom } from '../random.ts'

/** A fair draw of a fixed size from rows that come one after another, however many there will be. */
export interface Reservoir {
  /** Where the next row is to be kept, in place of what was there; −1 where it is not kept. */
  offer(): number
  /** Rows offered, and kept. */
  readonly offered: number
  readonly kept: number
}

/**
 * Keeps `capacity` rows of those that come, each with the same chance (algorithm R; Vitter 1985); equal seeds, streams and
 * orders of rows keep the same.
 * @param stream names what is drawn.
 */
export function createReservoir(capacity: number, seed: number, stream: string): Reservoir {
  const random = createRandom(seed, stream)
  let offered = 0
  return {
    offer() {
      const slot = offered < capacity ? offered : random.integer(offered + 1)
      offered += 1
      return slot < capacity ? slot : -1
    },
    get offered() {
      return offered
    },
    get kept() {
      return Math.min(offered, capacity)
    },
  }
}
