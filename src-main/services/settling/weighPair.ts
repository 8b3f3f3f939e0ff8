import type { DisagreementKind } from '#shared/domain/disagreement.ts'
import { disagreementKind, disagreementWeight } from '../../agreement/disagreementKind.ts'
import type { DisagreementCandidate } from '../../store/repositories/disagreements.ts'

/** From this difference on, the model is far from what people say; on 0–1. */
export const largeModelGap = 0.3

/** A pair with what makes it worth settling. */
export interface WeighedPair {
  readonly pairId: string
  /** Null under two scores. */
  readonly kind: DisagreementKind | null
  readonly weight: number
  readonly raters: number
  /** Standard deviation (n−1) of the scores; null under two. */
  readonly deviation: number | null
  /** |model − people|, 0–1; null where either says nothing. */
  readonly modelGap: number | null
  readonly disputes: number
  readonly settled: boolean
  readonly consensus: number | null
}

function sampleDeviation(scores: readonly number[]): number | null {
  if (scores.length < 2) return null
  const mean = scores.reduce((sum, value) => sum + value, 0) / scores.length
  const squares = scores.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return Math.sqrt(squares / (scores.length - 1))
}

/** Weighs a pair by its scores, its disputes and how far the model is from what people say. */
export function weighPair(candidate: DisagreementCandidate): WeighedPair {
  const { pairId, scores, consensus, predicted, disputes, settled } = candidate
  const kind = disagreementKind(scores)
  const modelGap = predicted === null || consensus === null ? null : Math.abs(predicted - consensus)
  return {
    pairId,
    kind,
    weight: disagreementWeight({ scores, disputes, modelGap }),
    raters: scores.length,
    deviation: sampleDeviation(scores),
    modelGap,
    disputes,
    settled,
    consensus,
  }
}

/** Whether the model is far from what people say of the pair. */
export function hasLargeGap({ modelGap }: Pick<WeighedPair, 'modelGap'>): boolean {
  return modelGap !== null && modelGap >= largeModelGap
}

/** Whether there is anything to settle: people who do not agree, a dispute, or a model far from them. */
export function isDisagreement(pair: WeighedPair): boolean {
  return (pair.kind !== null && pair.kind !== 'agree') || pair.disputes > 0 || hasLargeGap(pair)
}
