import type { Prediction } from '#shared/domain/run.ts'
import type { Suggestion } from '#shared/domain/suggestion.ts'
import { rankByEnsembleVariance } from '../learning/strategies/ensembleVariance.ts'
import { newId } from '../store/newId.ts'

/** A pair of the pool with what the run says of it. */
export interface Candidate extends Prediction {
  readonly pairId: string
}

/** The most suggestions that a run makes. */
export const mostSuggestions = 500

/** Ranks the pool by what the ensemble's members disagree on most, each pair with its reason. */
export function chooseSuggestions(runId: string, candidates: readonly Candidate[]): Suggestion[] {
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
      reason: reasonOf(candidate, index, candidates.length),
    }
  })
}

function reasonOf({ variance, score }: Candidate, above: number, poolSize: number): string {
  const spread = `The heads differ by ${Math.sqrt(variance).toFixed(2)} (SD) around ${score.toFixed(2)}`
  if (above === 0) return `${spread}: more than on any other of ${poolSize} unrated pairs.`
  const share = Math.min(99, Math.floor((100 * (poolSize - above - 1)) / poolSize))
  return `${spread}: more than on ${share}% of ${poolSize} unrated pairs.`
}
