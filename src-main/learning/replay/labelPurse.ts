import type { Bought } from '#shared/domain/replay.ts'
import { createRandom } from '../random.ts'
import type { ReplayData } from './replayContract.ts'

/** The label of a pair as far as it has been bought. */
export interface BoughtLabel {
  /** 0–1. */
  readonly target: number
  /** How much it counts: 2k / (k + 1) for k ratings (`consensusPrecision`), 1 for a consensus. */
  readonly weight: number
  /** Single ratings bought; 1 for a consensus. */
  readonly ratings: number
  /** Standard deviation (n − 1) of those; null under two. */
  readonly deviation: number | null
}

/** Gives out labels, and keeps count. */
export interface LabelPurse {
  readonly spent: number
  /** What a new pair costs. */
  readonly price: number
  /** A pair's label, which is paid for: its first ratings. */
  buy(pair: number): BoughtLabel
  /** The label with one more rating; null where the pair has no more. */
  buyAgain(pair: number): BoughtLabel | null
  /** Whether the pair has a rating that was not bought. */
  hasMore(pair: number): boolean
}

/**
 * Opens a purse. Which of a pair's ratings comes first is drawn by the seed.
 * @throws RangeError where single ratings are to be bought and the data has none.
 */
export function openPurse({ pool, ratings }: ReplayData, buys: Bought, seed: number): LabelPurse {
  const had = new Map<number, number>()
  let spent = 0
  const price = buys.kind === 'each' ? buys.ratings : 1
  if (buys.kind === 'consensus' || ratings === null) {
    if (buys.kind !== 'consensus') throw new RangeError('There are no single ratings to buy')
    return {
      get spent() {
        return spent
      },
      price,
      buy(pair) {
        spent += 1
        return { target: pool.target[pair] ?? 0, weight: 1, ratings: 1, deviation: null }
      },
      buyAgain: () => null,
      hasMore: () => false,
    }
  }
  const scoresOf = (pair: number): Float32Array => {
    const own = ratings.scores.slice(ratings.starts[pair] ?? 0, ratings.starts[pair + 1] ?? 0)
    const order = createRandom(seed, 'order of ratings', pair).shuffle(Uint32Array.from(own.keys()))
    return own.map((_, place) => own[order[place] ?? 0] ?? 0)
  }
  const take = (pair: number, count: number): BoughtLabel => {
    const all = scoresOf(pair)
    const scores = all.subarray(0, count)
    spent += scores.length - (had.get(pair) ?? 0)
    had.set(pair, scores.length)
    const n = scores.length
    const target = scores.reduce((sum, score) => sum + score, 0) / Math.max(1, n)
    const squares = scores.reduce((sum, score) => sum + (score - target) ** 2, 0)
    return {
      target,
      weight: (2 * n) / (n + 1),
      ratings: n,
      deviation: n < 2 ? null : Math.sqrt(squares / (n - 1)),
    }
  }
  const hasMore = (pair: number): boolean =>
    (had.get(pair) ?? 0) < (ratings.starts[pair + 1] ?? 0) - (ratings.starts[pair] ?? 0)
  return {
    get spent() {
      return spent
    },
    price,
    buy: (pair) => take(pair, price),
    buyAgain: (pair) => (hasMore(pair) ? take(pair, (had.get(pair) ?? 0) + 1) : null),
    hasMore,
  }
}
