import type { Evaluation } from '#shared/domain/run.ts'
import { applyIsotonic } from '../calibration/isotonic.ts'
import { judge } from '../metrics/judge.ts'
import type { LabelledPairs } from '../trainContract.ts'
import type { HeadWeights } from '../weights.ts'
import { scoreRivals } from './predict.ts'

/** Judges the model in use, the ensemble and the four baselines on labelled pairs. */
export async function evaluate(
  weights: HeadWeights,
  pairs: LabelledPairs,
  threads: number,
): Promise<Evaluation> {
  const { target, group } = pairs
  const at = await scoreRivals(weights, pairs, threads)
  const ensemble = judge(at('ensemble'), target, group)
  const ridge = judge(at('ridge'), target, group)
  return {
    used: weights.used === 'ensemble' ? ensemble : ridge,
    ensemble,
    baselines: {
      mean: judge(new Float32Array(target.length).fill(weights.mean), target, group),
      cosine: judge(applyIsotonic(weights.cosine, at('cosine')), target, group),
      'hypothesis-only': judge(at('hypothesis_only'), target, group),
      ridge,
    },
  }
}
