import type { Evaluation, ModelName, SignalName } from '#shared/domain/run.ts'
import { judgeConformal } from '../calibration/conformal.ts'
import { judgeAbstention, thresholdForCoverage } from '../metrics/abstention.ts'
import { decisionThreshold, judgeClasses } from '../metrics/classification.ts'
import { judge } from '../metrics/judge.ts'
import { reliability } from '../metrics/reliability.ts'
import { riskCoverage } from '../metrics/riskCoverage.ts'
import type { LabelledPairs } from '../trainContract.ts'
import { canBeTold, wrongScores, type Signals } from '../training/calibrate.ts'
import { trustOf, type ModelWeights, type TrustFigures } from '../weights.ts'
import { scoreRivals, type ScoredColumns } from './predict.ts'

/** Judges the model in use, every model that scores, and the baselines on labelled pairs; how well it knows its errors, too. */
export async function evaluate(
  weights: ModelWeights,
  pairs: LabelledPairs,
  threads: number,
): Promise<Evaluation> {
  const { target, group } = pairs
  const at = await scoreRivals(weights, pairs, threads)
  const column = (output: Parameters<ScoredColumns>[0]): Float32Array => {
    const values = at(output)
    if (values === null) throw new RangeError(`The model has no output ${output}`)
    return values
  }
  const score = column('score')
  const trust = trustOf(weights, at('interaction') !== null)
  const models: Evaluation['models'] = {}
  for (const name of ['blend', 'ridge', 'regression', 'interaction'] as const satisfies ModelName[]) {
    const own = at(name)
    if (own !== null) models[name] = judge(own, target, group)
  }
  const ridge = judge(column('ridge'), target, group)
  const calibratedScore = column('calibrated').map((value) => Math.min(1, Math.max(0, value)))
  return {
    used: judge(score, target, group),
    models,
    baselines: {
      mean: judge(new Float32Array(target.length).fill(weights.mean), target, group),
      cosine: judge(column('cosine'), target, group),
      'hypothesis-only': judge(column('hypothesis_only'), target, group),
      ridge,
    },
    classification: judgeClasses(score, target, group, decisionThreshold),
    reliability: {
      score: reliability(score, target, group),
      calibrated: reliability(calibratedScore, target, group),
    },
    conformal: judgeConformal(trust.conformal, { score, target, sigma: column('sigma'), group }),
    abstention: judgeSignals(trust.signal, weights.tolerance, at, pairs),
  }
}

/** The signals that the columns hold, higher is less sure. */
export function signalsOf(at: ScoredColumns): Signals {
  const score = at('score') ?? new Float32Array()
  const found: Partial<Record<SignalName, Float32Array>> = {
    threshold: score.map((value) => -Math.abs(value - decisionThreshold)),
  }
  const outputs = { abstention: 'uncertain', variance: 'variance', spread: 'spread' } as const
  for (const [name, output] of Object.entries(outputs)) {
    const values = at(output)
    if (values !== null) found[name as SignalName] = values
  }
  return found
}

function judgeSignals(
  signal: TrustFigures['signal'],
  tolerance: number,
  at: ScoredColumns,
  { target, group }: LabelledPairs,
): Evaluation['abstention'] {
  if (signal === null) return null
  const wrong = wrongScores(at('score') ?? [], target, tolerance)
  if (!canBeTold(wrong)) return null
  const signals = signalsOf(at)
  const curves: NonNullable<Evaluation['abstention']>['curves'] = {}
  for (const [name, values] of Object.entries(signals))
    curves[name as SignalName] = riskCoverage(values, wrong.map(Number), group)
  const own = signals[signal.name]
  const half = own === undefined ? null : thresholdForCoverage(own, 0.5)
  return {
    tolerance,
    signal: signal.name,
    curves,
    figures: own === undefined ? null : judgeAbstention(own, wrong, group, signal.abstainAbove),
    half: own === undefined || half === null ? null : judgeAbstention(own, wrong, group, half.threshold),
  }
}
