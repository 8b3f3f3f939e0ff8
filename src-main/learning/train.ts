import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { GradusError } from '#shared/contract/errors.ts'
import type { EpochRecord, ModelName } from '#shared/domain/run.ts'
import type { OutputOf, ParsedInputOf } from '#shared/rpc/contract.ts'
import { fitBaselines } from './baselines/fitBaselines.ts'
import { checkLabelled, checkLearnable } from './checkRows.ts'
import type { Standardisation } from './features/featureSums.ts'
import { pooledWidth } from './features/pooled.ts'
import { ensembleMean, fit, type Fit } from './fit.ts'
import type { HeadSize } from './heads/head.ts'
import { heads } from './heads/registry.ts'
import { losses } from './losses/registry.ts'
import { createLossMeter } from './losses/lossMeter.ts'
import { shareBetter } from './metrics/compare.ts'
import { pearson } from './metrics/correlation.ts'
import { numberGroups } from './metrics/groups.ts'
import { squaredError } from './metrics/squaredError.ts'
import { createTrainer, type PlacedTrainer } from './runtime/createTrainer.ts'
import { evaluate } from './scoring/evaluate.ts'
import { createMaskPool, initialParameters, maskStarts, memberWeights } from './training/initial.ts'
import { batchSizes } from './training/plan.ts'
import type { LabelledPairs, trainContract } from './trainContract.ts'
import { readWeights, writeWeights, type HeadWeights } from './weights.ts'

type TrainInput = ParsedInputOf<typeof trainContract, 'train'>
type TrainOutput = OutputOf<typeof trainContract, 'train'>

/** Where a training tells how it goes. */
export interface TrainListener {
  readonly signal: AbortSignal
  onEpoch(record: EpochRecord): void
  /** @param share of the whole training, 0–1. */
  onProgress(share: number, phase: string): void
}

/** Parts of the whole training that the baselines and the fit end at. */
const baselinesEnd = 0.08
const fitEnd = 0.95

/** How sure the ensemble's lead over ridge must be. */
const sureShare = 0.975
/** In fewer premise groups even a lead in each of them is chance too often: 2⁻⁵ > 1 − `sureShare`. */
const fewestGroups = 6

/**
 * Fits the ensemble, ridge and the baselines, chooses between ensemble and ridge by validation Pearson (see `choose`),
 * and judges all on the holdout.
 * @throws GradusError `not-enough-labels`, `bad-request`, `bad-options` (diverged), `cancelled`.
 */
export async function train(input: TrainInput, listener: TrainListener): Promise<TrainOutput> {
  const { train: rows, validation, holdout, threads } = input
  for (const [split, pairs] of Object.entries({ training: rows, validation, holdout }))
    if (pairs !== null) checkLabelled(pairs, split)
  checkLearnable(rows, validation)
  const started = performance.now()

  const baselines = await fitBaselines(rows, validation, threads, async (share) => {
    listener.onProgress(share * baselinesEnd, 'Fitting baselines')
    await yieldToOthers()
    if (listener.signal.aborted) throw new GradusError('cancelled', 'The training was cancelled.')
  })
  const { ensemble, size, backend } = await fitEnsemble(input, baselines.standardisation, listener)

  const mean = ensembleMean(ensemble.validationScores, size.members)
  const validationPearson = {
    ensemble: pearson(mean, validation.target),
    ridge: baselines.ridge.validationPearson,
  }
  const used = choose(mean, baselines.ridge.validationScores, validation)
  const weights: HeadWeights = {
    head: 'regression',
    size,
    dimension: rows.dimension,
    used,
    ridgeLambda: baselines.ridge.lambda,
    standardisation: baselines.standardisation,
    parameters: ensemble.parameters,
    ridge: baselines.ridgeWeights,
    hypothesisOnly: baselines.hypothesisOnly,
    cosine: baselines.cosine,
    mean: baselines.mean,
    residualVariance: squaredError(
      used === 'ensemble' ? mean : baselines.ridge.validationScores,
      validation.target,
    ),
  }
  const fitted = performance.now()
  listener.onProgress(fitEnd, 'Judging')
  const written = writeWeights(weights)
  // What is judged is what is kept: float32.
  const judged = holdout === null ? null : await evaluate(readWeights(written), holdout, threads)
  listener.onProgress(1, 'Done')
  const { epochs, bestEpoch, stoppingReason } = ensemble
  return {
    weights: written,
    used,
    validationPearson,
    ridgeLambda: baselines.ridge.lambda,
    epochs,
    bestEpoch,
    stoppingReason,
    holdout: judged,
    backend,
    seconds: { fit: (fitted - started) / 1000, judge: (performance.now() - fitted) / 1000 },
  }
}

/**
 * The ensemble where its validation Pearson is higher in at least `sureShare` of the resamples of no fewer than
 * `fewestGroups` groups, else ridge: early stopping has seen the validation rows, ridge has nearly not, and on STS-B
 * small gains of the ensemble there were losses on dev. Where Pearson is not defined, the lower squared error decides.
 */
function choose(ensemble: Float32Array, ridge: Float32Array, validation: LabelledPairs): ModelName {
  const { target, group } = validation
  const share = shareBetter(ensemble, ridge, target, group)
  if (share === null)
    return squaredError(ensemble, target) < squaredError(ridge, target) ? 'ensemble' : 'ridge'
  return share >= sureShare && numberGroups(group).count >= fewestGroups ? 'ensemble' : 'ridge'
}

async function fitEnsemble(
  { configuration, train: rows, validation, threads, backend: wanted }: TrainInput,
  standardisation: Standardisation,
  listener: TrainListener,
): Promise<{ ensemble: Fit; size: HeadSize; backend: PlacedTrainer['backend'] }> {
  const head = heads.regression
  const loss = losses.mse
  const { seed, ensembleSize: members, hiddenWidth, dropout, batchSize } = configuration
  const size = { members, featureWidth: pooledWidth(rows.dimension), hiddenWidth }
  const { batch } = batchSizes(rows.target.length, batchSize)
  const maskLength = head.maskShape(size, batch).reduce((product, side) => product * side, 1)
  const { trainer, backend } = await createTrainer(
    {
      head,
      loss,
      size,
      batch,
      pairs: rows,
      target: rows.target,
      memberWeight: memberWeights(rows.weight, members, seed),
      featureMean: standardisation.mean,
      featureScale: standardisation.scale,
      maskPool: dropout > 0 ? createMaskPool(maskLength, dropout, seed) : null,
      initial: initialParameters(head, size, seed),
    },
    { ...wanted, threads },
  )
  const meter = await createLossMeter(loss)
  try {
    const ensemble = await fit(trainer, {
      configuration,
      plan: { ...configuration, rows: rows.target.length, maskStarts },
      members,
      validation,
      validationLoss: (score) => meter.measure(score, validation.target, validation.weight),
      signal: listener.signal,
      onEpoch: (record) => listener.onEpoch(record),
      onProgress: (share) =>
        listener.onProgress(baselinesEnd + share * (fitEnd - baselinesEnd), 'Training heads'),
    })
    return { ensemble, size, backend }
  } finally {
    await trainer.dispose()
    await meter.dispose()
  }
}
