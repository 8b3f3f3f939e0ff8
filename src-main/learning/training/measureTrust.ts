import type { ConformalFit } from '#shared/domain/judging.ts'
import { fitConformal } from '../calibration/conformal.ts'
import { signalsOf } from '../scoring/evaluate.ts'
import { scoreRivals } from '../scoring/predict.ts'
import type { LabelledPairs } from '../trainContract.ts'
import type { ModelWeights, TrustFigures } from '../weights.ts'
import { chooseSignal, wrongScores, type ChosenSignal } from './calibrate.ts'

/** The share of consensus scores that intervals are to hold. */
export const conformalLevel = 0.9

/** How far one score is trusted, and how that was chosen. */
export interface MeasuredTrust {
  readonly conformal: ConformalFit
  readonly chosen: ChosenSignal | null
}

/** What of it is kept with the weights. */
export function trustFigures({ conformal, chosen }: MeasuredTrust): TrustFigures {
  return {
    conformal,
    signal: chosen === null ? null : { name: chosen.name, abstainAbove: chosen.abstainAbove },
  }
}

/**
 * Fits the intervals and chooses the signal of one score.
 * @param options `score` and `uncertain`, what the abstention head says, of rows that neither has learnt from.
 */
export async function measureTrust(
  weights: ModelWeights,
  rows: LabelledPairs,
  options: {
    readonly score: Float32Array
    readonly uncertain: Float32Array | null
    readonly tolerance: number
    readonly threads: number
  },
): Promise<MeasuredTrust> {
  const { score, uncertain, tolerance, threads } = options
  const at = await scoreRivals(weights, rows, threads)
  const signals = signalsOf((output) =>
    output === 'score' ? score : output === 'uncertain' ? uncertain : at(output),
  )
  return {
    conformal: fitConformal(score, rows.target, at('sigma') ?? [], conformalLevel),
    chosen: chooseSignal(signals, wrongScores(score, rows.target, tolerance), rows.group),
  }
}
