import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { GradusError } from '#shared/contract/errors.ts'
import type { TrainingConfiguration } from '#shared/domain/run.ts'
import type { OutputOf, ParsedInputOf } from '#shared/rpc/contract.ts'
import { processGate } from '../jobs/gate.ts'
import { fitBaselines } from './baselines/fitBaselines.ts'
import { fitIsotonic } from './calibration/isotonic.ts'
import { checkLabelled, checkLearnable, finiteRows, keepFinite } from './checkRows.ts'
import type { PairInputs } from './features/pairInputs.ts'
import { losses } from './losses/registry.ts'
import { consensusPrecision } from './metrics/consensusPrecision.ts'
import { inverseDensityWeights } from './metrics/labelDensity.ts'
import { squaredError } from './metrics/squaredError.ts'
import { evaluate } from './scoring/evaluate.ts'
import type { LabelledPairs, trainContract, UnseenPredictions } from './trainContract.ts'
import { chooseModel, fewestForHeads, type Choice } from './training/chooseModel.ts'
import { tooFewToTell } from './training/calibrate.ts'
import { readCheckpoint } from './training/checkpoint.ts'
import { makeFolds, unseenScores } from './training/folds.ts'
import { createHeadTrainer, type HeadTrainer, type TrainListener } from './training/headTrainer.ts'
import {
  trainAbstention,
  trainClasses,
  trainSpread,
  unseenSpread,
  unseenUncertainty,
  type SideTraining,
} from './training/sideHeads.ts'
import type { HeadResult, HeadSchedule } from './training/trainHead.ts'
import { predictUnseen } from './training/unseenPredictions.ts'
import { conformalLevel, measureTrust, trustFigures } from './training/measureTrust.ts'
import { readsTokens, readWeights, writeWeights, type HeadWeights, type ModelWeights } from './weights.ts'

export type TrainInput = ParsedInputOf<typeof trainContract, 'train'>
export type TrainOutput = OutputOf<typeof trainContract, 'train'>

/** Members learn from all folds but one; beyond five folds nothing is gained. */
const mostFolds = 5

/** Parts of the whole training that each step begins and ends at; interaction heads take most where they are trained. */
const shares = {
  withInteraction: { baselines: 0.06, regression: 0.2, interaction: 0.86, side: 0.95 },
  without: { baselines: 0.1, regression: 0.7, interaction: 0.7, side: 0.95 },
}

/**
 * Fits ridge, the baselines and the heads, blends them, learns which scores to abstain from, and judges all on the
 * holdout. Every member of a head learns from all folds but its own, so that what it says of that one is out of fold;
 * blend, spread and abstention rest on that.
 * @throws GradusError `not-enough-labels`, `bad-request`, `bad-options` (diverged), `cancelled`, `bad-file` (checkpoint).
 */
export async function train(input: TrainInput, listener: TrainListener): Promise<TrainOutput> {
  const { configuration, threads } = input
  const remarks: string[] = []
  const usable = (pairs: LabelledPairs, split: string): LabelledPairs => {
    checkLabelled(pairs, split)
    return keepFinite(pairs, split, remarks)
  }
  const learnt = usable(input.train, 'training')
  const validation = usable(input.validation, 'validation')
  const holdout = input.holdout === null ? null : usable(input.holdout, 'holdout')
  checkLearnable(learnt, validation)
  const started = performance.now()
  const rows = weighRows(learnt, configuration)
  const resume = input.checkpoint === null ? null : readCheckpoint(input.checkpoint)
  const tolerance = resume?.tolerance ?? input.tolerance
  const labels = rows.target.length + validation.target.length
  if (labels < fewestForHeads)
    remarks.push(
      `There are ${labels} rated pairs to learn from, fewer than ${fewestForHeads}: ridge or the cosine is used, since nothing would say which heads to trust.`,
    )

  const folds = makeFolds(rows.group, Math.min(mostFolds, configuration.ensembleSize), configuration.seed)
  if (!folds.byGroup)
    remarks.push(
      'There are fewer premises than folds, so pairs of one premise are on both sides of a fold: figures out of fold are better than on new premises.',
    )
  const withInteraction = configuration.interaction && rows.tokens !== null && validation.tokens !== null
  const parts = withInteraction ? shares.withInteraction : shares.without
  const baselines = await fitBaselines(rows, validation, folds, threads, async (share) => {
    listener.onProgress(share * parts.baselines, 'Fitting baselines')
    await yieldToOthers()
    await processGate.passed()
    if (listener.signal.aborted) throw new GradusError('cancelled', 'The training was cancelled.')
  })
  const { standardisation } = baselines
  const inputs = (pairs: LabelledPairs, frozen: Float32Array | null = null): PairInputs => ({
    pairs,
    standardisation,
    frozen,
  })
  const trainer = createHeadTrainer({
    configuration,
    tolerance,
    dimension: rows.dimension,
    backend: { ...input.backend, threads },
    resume,
    listener,
  })
  const score = (
    request: Pick<Parameters<HeadTrainer['train']>[0], 'name' | 'hiddenWidth' | 'schedule' | 'share'>,
  ): Promise<HeadResult> =>
    trainer.train({
      ...request,
      columns: losses[configuration.loss].columns,
      frozenWidth: 0,
      labelColumns: 1,
      train: { inputs: inputs(rows), labels: rows.target, weight: rows.weight },
      validation: { inputs: inputs(validation), labels: validation.target, weight: validation.weight },
      folds,
    })
  const regression = await score({
    name: 'regression',
    hiddenWidth: configuration.hiddenWidth,
    schedule: regressionSchedule(configuration),
    share: [parts.baselines, parts.regression],
  })
  const interaction = withInteraction
    ? await score({
        name: 'interaction',
        hiddenWidth: configuration.interactionWidth,
        schedule: interactionSchedule(configuration),
        share: [parts.regression, parts.interaction],
      })
    : null

  const choice = chooseModel(
    {
      ridge: { train: baselines.ridgeOutOfFold, validation: baselines.ridge.validationScores },
      cosine: { train: baselines.cosineOutOfFold, validation: baselines.cosineValidation },
      regression: unseenScores(regression, regression.size, folds),
      ...(interaction === null ? {} : { interaction: unseenScores(interaction, interaction.size, folds) }),
    },
    rows,
    validation,
  )
  if (choice.byRow)
    remarks.push(
      'All pairs share one premise, so whether the blend is better than ridge was judged pair by pair, not premise by premise.',
    )
  const share: [number, number] = [parts.interaction, parts.side]
  const side: SideTraining = {
    rows,
    validation,
    inputs,
    folds,
    trainer,
    schedule: regressionSchedule(configuration),
    share,
    remarks,
  }
  const spread = await trainSpread(side, configuration.hiddenWidth)
  const nli = await trainClasses(side, configuration.hiddenWidth, input.classes.length)
  const { used, blend, pooledBlend } = choice
  const trained: Record<string, HeadResult> = {
    regression,
    ...(interaction === null ? {} : { interaction }),
    ...(spread === null ? {} : { spread }),
    ...(nli === null ? {} : { nli }),
  }
  const residualVariance = squaredError(choice.scores.validation, validation.target)
  const weights: ModelWeights = {
    dimension: rows.dimension,
    used,
    heads: Object.fromEntries(Object.entries(trained).map(([name, own]) => [name, weightsOf(own)])),
    standardisation,
    ridgeLambda: baselines.ridge.lambda,
    ridge: baselines.ridgeWeights,
    hypothesisOnly: baselines.hypothesisOnly,
    cosine: baselines.cosine,
    mean: baselines.mean,
    blend,
    pooledBlend,
    calibration: fitIsotonic(choice.scores.validation, validation.target, validation.weight),
    residualVariance,
    conformal: { level: conformalLevel, n: 0, quantile: null, reason: null },
    signal: null,
    pooled: null,
    tolerance,
    classes: input.classes,
  }
  const abstention = await trainAbstention(side, {
    weights,
    unseen: choice.scores,
    models: { baselines, regression, interaction, spread },
    tolerance,
  })
  if (abstention !== null) trained['abstention'] = abstention
  const uncertain = abstention === null ? null : unseenUncertainty(abstention, folds)
  const complete = await calibrated(weights, abstention, validation, choice, {
    uncertain: uncertain?.validation ?? null,
    tolerance,
    threads,
    remarks,
  })
  const unseenOf = async (split: 'train' | 'validation'): Promise<UnseenPredictions> => {
    const pairs = split === 'train' ? rows : validation
    const columns = {
      score: choice.scores[split],
      spread: spread === null ? null : await unseenSpread(side, spread, split, pairs),
      uncertain: uncertain?.[split] ?? null,
    }
    return {
      rows: Int32Array.from(finiteRows(input[split])),
      ...(await predictUnseen(complete.weights, pairs, columns, threads)),
    }
  }
  const unseen = { train: await unseenOf('train'), validation: await unseenOf('validation') }

  const fitted = performance.now()
  listener.onProgress(parts.side, 'Judging')
  const written = writeWeights(complete.weights)
  // What is judged is what is kept: float32.
  const judged = holdout === null ? null : await evaluate(readWeights(written), holdout, threads)
  listener.onProgress(1, 'Done')
  return {
    weights: written,
    unseen,
    report: {
      used,
      blend,
      outOfFoldPearson: choice.outOfFoldPearson,
      validationPearson: choice.validationPearson,
      ridgeLambda: baselines.ridge.lambda,
      curves: Object.values(trained).map(({ curves }) => curves),
      signal: complete.signal,
      conformal: complete.weights.conformal,
      classes: nli === null ? null : input.classes,
      remarks,
      holdout: judged,
      backend: regression.backend,
      seconds: { fit: (fitted - started) / 1000, judge: (performance.now() - fitted) / 1000 },
    },
  }
}

/** Rows with more raters weigh more, and where the configuration says so those of rare scores. */
function weighRows(rows: LabelledPairs, { densityWeighting }: TrainingConfiguration): LabelledPairs {
  const precision = consensusPrecision(rows.ratings)
  const density = densityWeighting ? inverseDensityWeights(rows.target) : null
  const weight = rows.weight.map((own, row) => own * (precision[row] ?? 1) * (density?.[row] ?? 1))
  return { ...rows, weight }
}

function regressionSchedule(configuration: TrainingConfiguration): HeadSchedule {
  const { seed, learningRate, weightDecay, dropout, batchSize, maximumEpochs, patience, minimumDelta } =
    configuration
  return {
    seed,
    learningRate,
    weightDecay,
    dropout,
    batchSize,
    maximumEpochs,
    patience,
    minimumDelta,
    bootstrap: true,
  }
}

/**
 * Interaction heads are set apart by folds, first weights and dropout alone: on UNLI the bootstrap, which takes half of
 * what a member learns from, costs r .09 out of fold (.336 to .424 after four epochs).
 */
function interactionSchedule(configuration: TrainingConfiguration): HeadSchedule {
  return {
    ...regressionSchedule(configuration),
    learningRate: configuration.interactionLearningRate,
    dropout: configuration.interactionDropout,
    batchSize: configuration.interactionBatchSize,
    maximumEpochs: configuration.interactionEpochs,
    bootstrap: false,
  }
}

function weightsOf({ size, parameters }: HeadResult): HeadWeights {
  return { size, parameters }
}

/**
 * Weights with intervals and the signal to abstain by, both from validation rows: no head was trained on them, though
 * early stopping, the strength of ridge and the blend have seen them, which a remark says. On ten splits of STS-B with
 * 1,500 such rows each, 90% intervals hold .895 of the holdout on average, from .881 to .909. To keep half of the rows
 * back for this alone would widen what chance does to one split from ±.019 to ±.024, and leave less to choose by.
 * @param choice what was said of the validation rows: the ridge that is kept has learnt from them, so the scoring graph
 *   would be too good on them.
 */
async function calibrated(
  weights: ModelWeights,
  abstention: HeadResult | null,
  validation: LabelledPairs,
  choice: Pick<Choice, 'scores' | 'pooledScores'>,
  options: {
    /** What the abstention head says of the validation rows. */
    readonly uncertain: Float32Array | null
    readonly tolerance: number
    readonly threads: number
    readonly remarks: string[]
  },
): Promise<{ weights: ModelWeights; signal: TrainOutput['report']['signal'] }> {
  const before: ModelWeights =
    abstention === null
      ? weights
      : { ...weights, heads: { ...weights.heads, abstention: weightsOf(abstention) } }
  const { tolerance, remarks } = options
  const full = await measureTrust(before, validation, {
    ...options,
    score: choice.scores.validation,
  })
  if (full.conformal.reason !== null) remarks.push(full.conformal.reason)
  if (full.chosen === null)
    remarks.push(`${tooFewToTell('validation scores', tolerance)}: no pair is abstained from.`)
  const pooled = readsTokens(weights)
    ? await measureTrust(
        before,
        { ...validation, tokens: null },
        { ...options, score: choice.pooledScores.validation, uncertain: null },
      )
    : null
  const { chosen } = full
  if (full.conformal.quantile !== null || chosen !== null)
    remarks.push(
      'Intervals and when to abstain rest on validation pairs that also chose epochs and blend, so they may be slightly too sure: the holdout shows how they hold.',
    )
  return {
    weights: {
      ...before,
      ...trustFigures(full),
      pooled: pooled === null ? null : trustFigures(pooled),
    },
    signal: chosen === null ? null : { used: chosen.name, tolerance, aurc: chosen.aurc },
  }
}
