import { z } from 'zod'
import { ulid } from './ids.ts'
import { score } from './score.ts'

/** What a training is asked to do. Defaults are those of the shipped head. */
export const trainingConfiguration = z.object({
  seed: z.number().int().min(0).max(0xffffffff).default(42),
  ensembleSize: z.number().int().min(2).max(20).default(5),
  hiddenWidth: z.number().int().min(8).max(2048).default(256),
  dropout: z.number().min(0).max(0.9).default(0.3),
  learningRate: z.number().positive().max(1).default(0.0002),
  weightDecay: z.number().min(0).max(1).default(0.01),
  batchSize: z.number().int().min(4).max(1024).default(64),
  maximumEpochs: z.number().int().min(1).max(500).default(50),
  /** Early stopping on validation Pearson: epochs without a gain of `minimumDelta`. */
  patience: z.number().int().min(1).max(100).default(5),
  minimumDelta: z.number().min(0).max(1).default(0.001),
  /** Share of the trainable premise groups kept for validation where none is declared. */
  validationShare: z.number().min(0.05).max(0.5).default(0.15),
})
export type TrainingConfiguration = z.infer<typeof trainingConfiguration>

/** A figure with its 95% bootstrap interval over premise groups; null where it is not defined, `reason` says why. */
export const interval = z.object({ value: z.number(), low: z.number(), high: z.number() })
export type Interval = z.infer<typeof interval>

/** How well predictions fit the consensus. Correlations are null where one side is constant or n < 3. */
export const judgement = z.object({
  n: z.number().int().nonnegative(),
  pearson: interval.nullable(),
  spearman: interval.nullable(),
  rmse: interval.nullable(),
  mae: interval.nullable(),
})
export type Judgement = z.infer<typeof judgement>

/** The two models a run fits; the run uses ridge unless the ensemble is clearly better on validation. */
export const modelName = z.enum(['ensemble', 'ridge'])
export type ModelName = z.infer<typeof modelName>

/** What every run also fits and shows beside itself. */
export const baselineName = z.enum(['mean', 'cosine', 'hypothesis-only', 'ridge'])
export type BaselineName = z.infer<typeof baselineName>

/** One split judged with the model in use, the ensemble, and the four baselines. */
export const evaluation = z.object({
  used: judgement,
  ensemble: judgement,
  baselines: z.record(baselineName, judgement),
})
export type Evaluation = z.infer<typeof evaluation>

/** One epoch of the whole ensemble. `validationPearson` is null where validation is constant. */
export const epochRecord = z.object({
  epoch: z.number().int().positive(),
  trainingLoss: z.number(),
  validationLoss: z.number(),
  validationPearson: z.number().nullable(),
})
export type EpochRecord = z.infer<typeof epochRecord>

export const stoppingReason = z.enum(['early-stopping', 'maximum-epochs'])

/** What people reach on the same pairs: one random rater against the mean of the others. */
export const humanCeiling = z.object({
  pairs: z.number().int(),
  pearson: z.number().nullable(),
  mae: z.number(),
})
export type HumanCeiling = z.infer<typeof humanCeiling>

export const runReport = z.object({
  used: modelName,
  /** Validation Pearson that decided `used`; null where not defined. */
  validationPearson: z.record(modelName, z.number().nullable()),
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
  epochs: z.array(epochRecord),
  bestEpoch: z.number().int(),
  stoppingReason,
  holdout: evaluation.nullable(),
  ceiling: humanCeiling.nullable(),
  backend: z.object({ name: z.string(), threads: z.number().int() }),
  seconds: z.object({ encode: z.number(), fit: z.number(), judge: z.number() }),
})
export type RunReport = z.infer<typeof runReport>

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
  /** sha256 of the sorted training rows (pair, target, weight, split). */
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
  /** Variance of the ensemble members' scores: the epistemic uncertainty. */
  variance: z.number().nonnegative(),
  /** 95% interval from ensemble variance and validation residuals, clipped to 0–1. */
  low: score,
  high: score,
})
export type Prediction = z.infer<typeof prediction>
