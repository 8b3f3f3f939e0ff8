import type { Points } from './distances.ts'
import type { Because } from './reason.ts'

/** What a model says of each candidate; every array is [candidates]. */
export interface CandidatePredictions {
  /** 0–1. */
  readonly score: Float32Array
  /** Variance of the members' scores. */
  readonly variance: Float32Array
  /** Lowest and highest score among the members. */
  readonly memberLow: Float32Array
  readonly memberHigh: Float32Array
  /** How many members the ensemble has. */
  readonly members: number
  /** Expected standard deviation of raters' scores; null where nothing predicts it. */
  readonly spread: Float32Array | null
}

/**
 * The nearest labelled pair of every pair, kept from one ranking to the next: a pair is compared when a strategy asks for
 * it, and then only with what was labelled since it was last. It belongs to one set of vectors, and to labels that only
 * ever grow at their end.
 */
export interface NearestRated {
  readonly points: Points
  /** Squared; infinite while it is compared with none [pairs]. */
  readonly distance: Float64Array
  /** Which labelled pair, by its place among them; −1 while there is none [pairs]. */
  readonly owner: Int32Array
  /** With how many of the labelled pairs, from the first on, each is compared [pairs]. */
  readonly seen: Uint32Array
}

/** What a strategy chooses from. */
export interface Pool {
  /** Numbers in one vector. */
  readonly width: number
  /** What pairs are told apart by, such as `pairVectors` makes: row-major [pairs × width], finite. */
  readonly vectors: Float32Array
  /** The pairs that may be chosen, as rows of `vectors`. */
  readonly candidates: Uint32Array
  /** The pairs that are labelled, as rows of `vectors`, in the order in which they were. */
  readonly labelled: Uint32Array
  /** Their scores, 0–1 [labelled]. */
  readonly target: Float32Array
  /** Null where there is no model yet. */
  readonly predictions: CandidatePredictions | null
  /** The score from which on a pair counts as a yes, 0–1. */
  readonly threshold: number
  /** Equal seeds choose alike. */
  readonly seed: number
  /** How many to choose; fewer are chosen where there are fewer candidates. */
  readonly count: number
  /** Spares distances that an earlier ranking of the same vectors has computed. */
  readonly nearest?: NearestRated
  /** The candidates that may be compared with labels one by one, as places; drawn anew, as `work` allows, unless given. */
  readonly compared?: Uint32Array
  /** Numbers multiplied for distances, at most; see `thin`. `usualWork` unless given. */
  readonly work?: number
}

/** A chosen candidate, as its place in `candidates`, and why. */
export interface Choice {
  readonly candidate: number
  readonly because: Because
}

/** The best candidates, the most useful first. */
export interface Ranking {
  readonly choices: readonly Choice[]
  /** How many candidates were compared: fewer than all where the pool is too large for the strategy. */
  readonly considered: number
  /** What a person should know of this ranking, such as that there is no model yet; null where all went as meant. */
  readonly remark: string | null
}

/** Ranks the candidates of a pool; pure, and the same for the same pool. */
export type Strategy = (pool: Pool) => Ranking

/** The places of the `count` highest values, highest first; equal ones keep their order. */
export function highestFirst(values: ArrayLike<number>, count: number): Uint32Array {
  if (count <= 0) return new Uint32Array()
  // Numbers alone are sorted many times faster than places by their values, and few places are wanted of many.
  const lowest = new Float64Array(values).sort()[values.length - count] ?? -Infinity
  const places: number[] = []
  const equals: number[] = []
  for (let place = 0; place < values.length; place++) {
    const value = values[place] ?? 0
    if (value > lowest) places.push(place)
    else if (value === lowest && equals.length < count) equals.push(place)
  }
  const sorted = Uint32Array.from([...places, ...equals.slice(0, count - places.length)])
  return sorted.sort((left, right) => (values[right] ?? 0) - (values[left] ?? 0) || left - right)
}

/** Whether no value differs from another. */
export function allEqual(values: ArrayLike<number>): boolean {
  for (let place = 1; place < values.length; place++) if (values[place] !== values[0]) return false
  return true
}
