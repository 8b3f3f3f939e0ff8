import { z } from 'zod'
import { ulid } from './ids.ts'
import { interval } from './interval.ts'
import {
  abstentionFigures,
  classification,
  conformalFit,
  conformalReport,
  reliabilityCurve,
  riskCoverageCurve,
} from './judging.ts'
import { lossName } from './losses.ts'
import { consensusRule } from './project.ts'
import { score } from './score.ts'

export { interval, type Interval } from './interval.ts'

/** What a training is asked to do. Defaults are those of the shipped head. */
export const trainingConfiguration = z.object({
  seed: z.number().int().min(0).max(0xffffffff).default(42),
  ensembleSize: z.number().int().min(2).max(20).default(5),
  hiddenWidth: z.number().int().min(8).max(2048).default(256),
  dropout: z.number().min(0).max(0.9).default(0.5),
  learningRate: z.number().positive().max(1).default(0.0001),
  weightDecay: z.number().min(0).max(1).default(0.01),
  batchSize: z.number().int().min(4).max(1024).default(64),
  maximumEpochs: z.number().int().min(1).max(500).default(50),
  /**
   * Early stopping on validation Pearson: epochs without a gain of `minimumDelta`; where a head gives no scores, on the
   * validation loss: epochs in which it does not fall by that share.
   */
  patience: z.number().int().min(1).max(100).default(5),
  minimumDelta: z.number().min(0).max(1).default(0.001),
  /** Share of the trainable premise groups kept for validation where none is declared. */
  validationShare: z.number().min(0.05).max(0.5).default(0.15),
  /** What scores are trained with. */
  loss: lossName.default('mse'),
  /** Rows of rare scores count more. */
  densityWeighting: z.boolean().default(false),
  /** Whether the interaction head is trained, too; it reads token vectors and takes most of the time. */
  interaction: z.boolean().default(true),
  interactionWidth: z.number().int().min(8).max(1024).default(200),
  interactionDropout: z.number().min(0).max(0.9).default(0.2),
  interactionLearningRate: z.number().positive().max(1).default(0.0005),
  interactionBatchSize: z.number().int().min(4).max(1024).default(32),
  interactionEpochs: z.number().int().min(1).max(200).default(10),
  /** Largest difference from the consensus that counts as right; null: what people differ by, else .15. */
  tolerance: z.number().min(0.01).max(1).nullable().default(null),
})
export type TrainingConfiguration = z.infer<typeof trainingConfiguration>

/** How well predictions fit the consensus. Correlations are null where one side is constant or n < 3. */
export const judgement = z.object({
  n: z.number().int().nonnegative(),
  pearson: interval.nullable(),
  spearman: interval.nullable(),
  rmse: interval.nullable(),
  mae: interval.nullable(),
  /** Runs of the first version were stored without it. */
  mse: interval.nullable().default(null),
})
export type Judgement = z.infer<typeof judgement>

/** Models that score: the blend of the others, ridge, and the two kinds of heads, each the mean of its members. */
export const modelName = z.enum(['blend', 'ridge', 'regression', 'interaction'])
export type ModelName = z.infer<typeof modelName>

/** What a project can score with: the blend, or ridge where the blend is not clearly better. */
export const usedModel = z.enum(['blend', 'ridge'])
export type UsedModel = z.infer<typeof usedModel>

/** What every run also fits and shows beside itself. */
export const baselineName = z.enum(['mean', 'cosine', 'hypothesis-only', 'ridge'])
export type BaselineName = z.infer<typeof baselineName>

/** Signals of how unsure a score is: the abstention head, and its three rivals. */
export const signalName = z.enum(['abstention', 'variance', 'spread', 'threshold'])
export type SignalName = z.infer<typeof signalName>

/** How well a project knows which of its scores are wrong. */
export const abstentionReport = z.object({
  /** A score is wrong where it differs from the consensus by more. */
  tolerance: z.number(),
  /** The signal the run uses. */
  signal: signalName,
  /** Risk (share of wrong scores) over coverage for each signal that the run has. */
  curves: z.partialRecord(signalName, riskCoverageCurve),
  /** At the run's own threshold; null where it could not be set. */
  figures: abstentionFigures.nullable(),
  /** At the operating point nearest to half coverage. */
  half: abstentionFigures.nullable(),
})
export type AbstentionReport = z.infer<typeof abstentionReport>

/** One split judged with the model in use, all models that score, and the baselines. */
export const evaluation = z.object({
  used: judgement,
  models: z.partialRecord(modelName, judgement),
  baselines: z.record(baselineName, judgement),
  /** Yes or no at .5; null for a run of the first version. */
  classification: classification.nullable(),
  /** Of the score, and of the calibrated score. */
  reliability: z.object({ score: reliabilityCurve, calibrated: reliabilityCurve }).nullable(),
  conformal: conformalReport.nullable(),
  abstention: abstentionReport.nullable(),
})
export type Evaluation = z.infer<typeof evaluation>

/** One epoch of all members of a head. `validationPearson` is null where it is not defined or the head gives no score. */
export const epochRecord = z.object({
  epoch: z.number().int().positive(),
  trainingLoss: z.number(),
  validationLoss: z.number(),
  validationPearson: z.number().nullable(),
})
export type EpochRecord = z.infer<typeof epochRecord>

export const stoppingReason = z.enum(['early-stopping', 'maximum-epochs'])
export type StoppingReason = z.infer<typeof stoppingReason>

/** How the training of one head went. */
export const headCurves = z.object({
  /** Its name among those that the program can train. */
  head: z.string().min(1),
  epochs: z.array(epochRecord),
  bestEpoch: z.number().int(),
  stoppingReason,
  /** Largest number of epochs it might have taken. */
  maximumEpochs: z.number().int(),
})
export type HeadCurves = z.infer<typeof headCurves>

/** Weights of the blend, ≥ 0, that sum to 1. */
export const blendWeights = z.object({
  ridge: z.number(),
  /** Of the cosine's isotonic map. */
  cosine: z.number(),
  regression: z.number(),
  interaction: z.number(),
})
export type BlendWeights = z.infer<typeof blendWeights>

/** What people reach on the same pairs: one random rater against the mean of the others. */
export const humanCeiling = z.object({
  pairs: z.number().int(),
  pearson: z.number().nullable(),
  mae: z.number(),
})
export type HumanCeiling = z.infer<typeof humanCeiling>

/** The present shape of a report. */
export const runReportShape = z.object({
  used: usedModel,
  blend: blendWeights,
  /** Pearson of each model on what it was not trained on, training rows out of fold; null where not defined. */
  outOfFoldPearson: z.partialRecord(modelName, z.number().nullable()),
  validationPearson: z.partialRecord(modelName, z.number().nullable()),
  ridgeLambda: z.number(),
  rows: z.object({
    train: z.number().int(),
    validation: z.number().int(),
    holdout: z.number().int(),
    /** Labelled training pairs left out because their premise is also in the holdout. */
    leftOutForHoldout: z.number().int(),
    /** Labelled training pairs left out because their premise is also among the declared validation pairs. */
    leftOutForValidation: z.number().int(),
  }),
  /** One entry per trained head, in the order of their training. */
  curves: z.array(headCurves),
  /** The signal that tells which scores to abstain from, and each signal's AURC where it was chosen. */
  signal: z
    .object({ used: signalName, tolerance: z.number(), aurc: z.partialRecord(signalName, z.number()) })
    .nullable(),
  conformal: conformalFit.nullable(),
  /** The classes of the nli head with their scores; null where no class labels were there. */
  classes: z.array(z.object({ name: z.string(), score: z.number() })).nullable(),
  /** What was left out or done differently, and why: one sentence each. */
  remarks: z.array(z.string()),
  holdout: evaluation.nullable(),
  ceiling: humanCeiling.nullable(),
  /** How the scores of a pair became its target; older runs took the mean. */
  consensus: consensusRule.default('mean'),
  backend: z.object({ name: z.string(), threads: z.number().int() }),
  seconds: z.object({ encode: z.number(), fit: z.number(), judge: z.number() }),
})

/** Reports of the first version: an ensemble of regression heads, or ridge. */
const firstReport = z.looseObject({
  used: z.enum(['ensemble', 'ridge']),
  validationPearson: z.object({ ensemble: z.number().nullable(), ridge: z.number().nullable() }),
  epochs: z.array(epochRecord),
  bestEpoch: z.number().int(),
  stoppingReason,
  holdout: z.looseObject({ ensemble: judgement }).nullable(),
})

/** A first version's report in the present shape. */
function upgradeReport(raw: unknown): unknown {
  const parsed = firstReport.safeParse(raw)
  if (!parsed.success) return raw
  const { used, validationPearson, epochs, bestEpoch, stoppingReason: reason, holdout, ...rest } = parsed.data
  const { ensemble, ...judged } = holdout ?? { ensemble: null }
  return {
    ...rest,
    used: used === 'ridge' ? 'ridge' : 'blend',
    blend: { ridge: 0, cosine: 0, regression: 1, interaction: 0 },
    outOfFoldPearson: {},
    validationPearson: { ridge: validationPearson.ridge, regression: validationPearson.ensemble },
    curves: [
      {
        head: 'regression',
        epochs,
        bestEpoch,
        stoppingReason: reason,
        maximumEpochs: Math.max(1, epochs.length),
      },
    ],
    signal: null,
    conformal: null,
    classes: null,
    remarks: [],
    holdout:
      holdout === null
        ? null
        : {
            ...judged,
            models: { regression: ensemble },
            classification: null,
            reliability: null,
            conformal: null,
            abstention: null,
          },
  }
}

export const runReport = z.preprocess(upgradeReport, runReportShape)
export type RunReport = z.infer<typeof runReportShape>

export const runName = z.string().trim().min(1).max(80)

/** One training with its configuration, data snapshot, metrics and weights. */
export const run = z.object({
  id: ulid,
  /** Counts from 1 within the project; never given again. */
  number: z.number().int().positive(),
  /** What people call it. */
  name: runName.nullable(),
  /** Kept from the bin. */
  pinned: z.boolean(),
  /** When it was put into the bin; null where it is not there. */
  binnedAt: z.iso.datetime().nullable(),
  /** The project scores with it. */
  inUse: z.boolean(),
  /** It did not finish, and where it stood is kept: it can be taken up from there. */
  resumable: z.boolean(),
  status: z.enum(['running', 'finished', 'cancelled', 'failed']),
  configuration: trainingConfiguration,
  encoderDigest: z.string(),
  /** sha256 of all that the training read of labels: rows with their scores, splits and class labels, and the classes. */
  snapshotDigest: z.string(),
  labelledPairs: z.number().int(),
  /** Versions of the program, of Node and of the libraries that trained it, by name; empty in runs of older programs. */
  libraries: z.record(z.string(), z.string()),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  /** Why a failed or cancelled run ended. */
  failure: z.string().nullable(),
  report: runReport.nullable(),
})
export type Run = z.infer<typeof run>

/** What a run says of one pair. */
export const prediction = z.object({
  score,
  /** Variance of the heads' scores: the epistemic uncertainty. */
  variance: z.number().nonnegative(),
  /** 90% interval where conformal calibration was possible, else 95% from validation residuals; clipped to 0–1. */
  low: score,
  high: score,
  /** Standard deviation that raters' scores are expected to have; null where the run knows no spread. */
  spread: z.number().nonnegative().nullable(),
  /** The run's signal of how unsure the score is, higher is less sure; null where it has none. */
  doubt: z.number().nullable(),
  /** Whether the model declines to score it. */
  abstained: z.boolean(),
  /** The run has learnt from the pair: score, spread and doubt are those of heads that had not seen it. */
  outOfFold: z.boolean().default(false),
})
export type Prediction = z.infer<typeof prediction>
