import { coreSet } from './coreSet.ts'
import type { Because } from './reason.ts'
import { allEqual, highestFirst, type CandidatePredictions, type Pool, type Ranking } from './strategy.ts'

export { describeMemberRange } from './reason.ts'

/** Ensemble variance: where the heads differ most, a label says most about which of them is right. */
export function ensembleVariance(pool: Pool): Ranking {
  const { predictions, candidates, count } = pool
  const remark = varianceObstacle(predictions)
  if (predictions === null || remark !== null) return { ...coreSet(pool), remark }
  return {
    choices: Array.from(rankByEnsembleVariance(predictions.variance, count), (candidate) => ({
      candidate,
      because: becauseOfMembers(predictions, candidate),
    })),
    considered: candidates.length,
    remark: null,
  }
}

/** Why candidates cannot be told apart by the heads, in a sentence; null where they can. */
export function varianceObstacle(predictions: CandidatePredictions | null): string | null {
  if (predictions === null) return 'There is no model yet, so the pairs least like the rated ones are chosen.'
  if (predictions.variance.length > 1 && allEqual(predictions.variance))
    return 'The heads differ equally on every pair, so the pairs least like the rated ones are chosen.'
  return null
}

/** What the heads say of a candidate. */
export function becauseOfMembers(
  { members, memberLow, memberHigh }: CandidatePredictions,
  candidate: number,
): Because {
  return { kind: 'members', members, low: memberLow[candidate] ?? 0, high: memberHigh[candidate] ?? 0 }
}

/**
 * Ranks candidates by the variance of the ensemble members' scores, highest first; equal ones keep their order.
 * @param variance [candidates]
 * @param count how many at most.
 * @returns numbers of candidates.
 */
export function rankByEnsembleVariance(variance: Float32Array, count: number): Uint32Array {
  return highestFirst(variance, count)
}
