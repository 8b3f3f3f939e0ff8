import type { CandidatePredictions, Pool } from './strategy.ts'

/** A pool of points in the plane, for tests: the first `labelled` of them are rated with `target`, the others wait. */
export function planePool(
  points: readonly (readonly [number, number])[],
  target: readonly number[],
  more: Partial<Pool> = {},
): Pool {
  return {
    width: 2,
    vectors: Float32Array.from(points.flat()),
    labelled: Uint32Array.from(target.keys()),
    candidates: Uint32Array.from(points.keys()).slice(target.length),
    target: Float32Array.from(target),
    predictions: null,
    threshold: 0.5,
    seed: 1,
    count: 2,
    ...more,
  }
}

/** Predictions of which only the named parts matter to a test. */
export function predictionsOf(
  scores: readonly number[],
  { variance, spread }: { variance?: readonly number[]; spread?: readonly number[] } = {},
): CandidatePredictions {
  const own = Float32Array.from(scores, (_, place) => variance?.[place] ?? 0.01 * (place + 1))
  return {
    score: Float32Array.from(scores),
    variance: own,
    memberLow: Float32Array.from(scores, (score, place) => score - (own[place] ?? 0)),
    memberHigh: Float32Array.from(scores, (score, place) => score + (own[place] ?? 0)),
    members: 5,
    spread: spread === undefined ? null : Float32Array.from(spread),
  }
}
