import type { Suggestion } from '#shared/domain/suggestion.ts'
import { describeMemberRange, rankByEnsembleVariance } from '../../learning/strategies/ensembleVariance.ts'
import { newId } from '../../store/newId.ts'
import type { PairScore } from '../model/scoring.ts'

/** A pair of the pool with what the run says of it. */
export interface Candidate extends PairScore {
  readonly pairId: string
}

/** The most suggestions that a run makes. */
export const mostSuggestions = 500

/**
 * The candidates that the ensemble's heads disagree on most, highest first, at most `kept`. So a pool that
 * comes in pieces is ranked piece by piece, and no more than the best are kept: of equal ones the earlier comes first,
 * as if the pool had been ranked whole.
 */
export function keepMostUncertain(candidates: readonly Candidate[], kept: number): Candidate[] {
  const variance = Float32Array.from(candidates, (candidate) => candidate.variance)
  return [...rankByEnsembleVariance(variance, kept)].flatMap((row) => candidates[row] ?? [])
}

/**
 * Makes suggestions of ranked candidates, each with its reason.
 * @param members how many heads the ensemble has.
 */
export function toSuggestions(runId: string, members: number, ranked: readonly Candidate[]): Suggestion[] {
  return ranked.map(({ pairId, memberLow, memberHigh }, index) => ({
    id: newId(),
    runId,
    pairId,
    strategy: 'ensemble-variance' as const,
    ask: 'new-pair' as const,
    rank: index + 1,
    reason: describeMemberRange(members, memberLow, memberHigh),
  }))
}
