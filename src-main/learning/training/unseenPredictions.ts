import { smallestSigma } from '../calibration/conformal.ts'
import { decisionThreshold } from '../metrics/classification.ts'
import { scoreRivals } from '../scoring/predict.ts'
import type { EmbeddedPairs, UnseenPredictions } from '../trainContract.ts'
import { readsTokens, trustOf, type ModelWeights } from '../weights.ts'

/** Half the width of a 95% interval in standard deviations of a normal error. */
const normalQuantile = 1.96

/** What is known of rows without the heads having seen them [rows]. */
export interface UnseenColumns {
  /** Of the model in use. */
  readonly score: Float32Array
  /** Of the spread heads; null without them. */
  readonly spread: Float32Array | null
  /** What the abstention head says; null without one. */
  readonly uncertain: Float32Array | null
}

/**
 * What a finished training says of rows that it has learnt from, or was chosen by, as it would of others: score, spread and
 * doubt are those of heads that have not seen the row, and the interval lies about that score, made as every other. The
 * variance alone is that among all members, of which all but those of the row's own fold have learnt from a training row:
 * there it is rather too small.
 */
export async function predictUnseen(
  weights: ModelWeights,
  pairs: EmbeddedPairs,
  { score, spread, uncertain }: UnseenColumns,
  threads: number,
): Promise<Omit<UnseenPredictions, 'rows'>> {
  const withTokens = readsTokens(weights) && pairs.tokens !== null
  const at = await scoreRivals(weights, withTokens ? pairs : { ...pairs, tokens: null }, threads)
  const variance = at('variance') ?? new Float32Array(score.length)
  const { residualVariance } = weights
  const { conformal, signal } = trustOf(weights, withTokens)
  const margin = variance.map((own, row) => {
    if (conformal.quantile === null) return normalQuantile * Math.sqrt(own + residualVariance)
    const noise = spread === null ? residualVariance : (spread[row] ?? 0) ** 2
    return conformal.quantile * Math.max(smallestSigma, Math.sqrt(own + noise))
  })
  const clip = (value: number): number => Math.min(1, Math.max(0, value))
  const signals = {
    abstention: uncertain,
    variance,
    spread,
    threshold: score.map((own) => -Math.abs(own - decisionThreshold)),
  }
  const doubt = signal === null ? null : signals[signal.name]
  return {
    // Ridge may leave the scale.
    score: score.map(clip),
    variance,
    low: score.map((own, row) => clip(own - (margin[row] ?? 0))),
    high: score.map((own, row) => clip(own + (margin[row] ?? 0))),
    spread,
    doubt,
    abstainAbove: doubt === null ? null : (signal?.abstainAbove ?? null),
  }
}
