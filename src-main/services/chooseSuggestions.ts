import type { Suggestion } from '#shared/domain/suggestion.ts'
import { describeMemberRange, rankByEnsembleVariance } from '../learning/strategies/ensembleVariance.ts'
import { newId } from '../store/newId.ts'
import type { PairScore } from './scoring.ts'

/** A pair of the pool with what the run says of it. */
export interface Candidate extends PairScore {
  readonly pairId: string
}

/** The most suggestions that a run makes. */
const mostSuggestions = 500

/**
 * Ranks the pool by what the ensemble's heads disagree on most, each pair with its reason.
 * @param members how many heads the ensemble has.
 */
export function chooseSuggestions(
  runId: string,
  members: number,
  candidates: readonly Candidate[],
): Suggestion[] {
  const variance = Float32Array.from(candidates, (candidate) => candidate.variance)
  return [...rankByEnsembleVariance(variance, mostSuggestions)].flatMap((row, index) => {
    const candidate = candidates[row]
    if (candidate === undefined) return []
    return {
      id: newId(),
      runId,
      pairId: candidate.pairId,
      strategy: 'ensemble-variance' as const,
      rank: index + 1,
      reason: describeMemberRange(members, candidate.memberLow, candidate.memberHigh),
    }
  })
}
