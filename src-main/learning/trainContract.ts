import { z } from 'zod'
import { backendName } from '#shared/domain/backend.ts'
import { epochRecord, evaluation, runReportShape, trainingConfiguration } from '#shared/domain/run.ts'
import { strategyName } from '#shared/domain/suggestion.ts'
import { searchCount, searchMethod, searchReport, triedConfiguration } from '#shared/domain/search.ts'
import { method } from '#shared/rpc/contract.ts'
import { paceMethods } from '../jobs/pace.ts'

// `z.instanceof` would refuse, by type alone, views on memory that might be shared.
const float32 = z.custom<Float32Array>((value) => value instanceof Float32Array, 'Not a Float32Array')
const int32 = z.custom<Int32Array>((value) => value instanceof Int32Array, 'Not an Int32Array')
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'Not a Uint8Array')

const uint16 = z.custom<Uint16Array>((value) => value instanceof Uint16Array, 'Not a Uint16Array')

/** Token vectors of pairs: each text once, and for each pair which text it has on either side. */
const tokenPairs = z.object({
  /** Half-precision bits, row-major [tokens × dimension], texts one after another. */
  values: uint16,
  /** First token of each text [texts]. */
  starts: int32,
  /** Tokens of each text [texts], at least 1. */
  lengths: int32,
  /** Number of the premise's text [rows]. */
  premise: int32,
  hypothesis: int32,
})
export type TokenPairs = z.infer<typeof tokenPairs>

/** Embeddings of pairs, row-major [rows × dimension], unit length per row. */
const embeddedPairs = z.object({
  dimension: z.number().int().positive(),
  premise: float32,
  hypothesis: float32,
  /** Null where no head needs them. */
  tokens: tokenPairs.nullable(),
})
export type EmbeddedPairs = z.infer<typeof embeddedPairs>

/** Labelled rows of one split. */
const labelledPairs = embeddedPairs.extend({
  /** Consensus score per row, 0–1. */
  target: float32,
  /** Weight per row, > 0; 1 is neutral. */
  weight: float32,
  /** Premise group per row; equal numbers share a premise. Used for the bootstrap. */
  group: int32,
  /** Standard deviation (n − 1) of each row's raters' scores; 0 where fewer than two have scored it. */
  deviation: float32,
  /** Raters that have scored each row. */
  ratings: int32,
  /** Shares of class labels [rows × classes], each row summing to 1, or to 0 where it has none; null without any. */
  classes: float32.nullable(),
})
export type LabelledPairs = z.infer<typeof labelledPairs>

/** Predictions per row. */
const predictions = z.object({
  /** Score of the model in use. */
  score: float32,
  /** Variance of the members' scores. */
  variance: float32,
  /** Interval, clipped to 0–1. */
  low: float32,
  high: float32,
  /** Lowest and highest score among the members. */
  memberLow: float32,
  memberHigh: float32,
  /** Expected standard deviation of raters' scores; null where the weights hold no spread head. */
  spread: float32.nullable(),
  /** The run's signal of how unsure the score is, higher is less sure; null without one. */
  doubt: float32.nullable(),
  /** What is less sure than this is abstained from; null where nothing is. */
  abstainAbove: z.number().nullable(),
})
export type Predictions = z.infer<typeof predictions>

/** Predictions of the rows of a split that are not left out for numbers that are not finite. */
const unseenPredictions = predictions.omit({ memberLow: true, memberHigh: true }).extend({
  /** Numbers of the rows [predicted]. */
  rows: int32,
})
export type UnseenPredictions = z.infer<typeof unseenPredictions>

/** What is ranked beside the waiting pairs that were kept, and how. */
const rankRequest = z.object({
  /** The rated pairs, or a part of them. */
  labelled: embeddedPairs.omit({ tokens: true }),
  /** Their scores, 0–1 [rows]. */
  target: float32,
  strategy: strategyName,
  batchSize: z.number().int().positive(),
  /** Share of each batch's new pairs that is drawn at random. */
  randomShare: z.number().min(0).max(1),
  /** How many are listed, at most. */
  most: z.number().int().nonnegative(),
  /** How many rated pairs want another rating, the most doubtful first; they are mixed in. */
  again: z.number().int().nonnegative(),
  /** The score from which on a pair counts as a yes. */
  threshold: z.number(),
  seed: z.number().int(),
})
export type RankRequest = z.infer<typeof rankRequest>

/** Pairs in the order in which people should see them. */
const rankedPairs = z.object({
  choices: z.array(
    z.discriminatedUnion('ask', [
      z.object({
        ask: z.literal('new-pair'),
        /** Where the pair was kept. */
        slot: z.number().int(),
        /** What chose it. */
        strategy: strategyName,
        /** Of the reason; `members` names the range of the members' scores. */
        kind: z.string(),
        reason: z.string(),
      }),
      z.object({
        ask: z.literal('another-rating'),
        /** Its place among those that want one. */
        again: z.number().int(),
      }),
    ]),
  ),
  /** How many of those kept the strategy compared. */
  considered: z.number().int(),
  /** What a person should know of the ranking; null where all went as meant. */
  remark: z.string().nullable(),
})
export type RankedPairs = z.infer<typeof rankedPairs>

/** What the backend and the training process say to each other. */
export const trainContract = {
  methods: {
    ...paceMethods,
    /** Fits heads, ridge and baselines; judges them on the holdout. Cancelling rejects with `cancelled`. */
    train: method(
      z.object({
        configuration: trainingConfiguration,
        train: labelledPairs,
        validation: labelledPairs,
        /** Null where no holdout pair is labelled. */
        holdout: labelledPairs.nullable(),
        /** A score that differs from the consensus by more is wrong; a checkpoint knows its own, which then holds. */
        tolerance: z.number().positive(),
        /** Names and scores of the class labels, in the order of `classes`. */
        classes: z.array(z.object({ name: z.string(), score: z.number() })),
        /** Processors that may be used. */
        threads: z.number().int().positive(),
        /** What trains the heads, and the folder of `npm run gpu:install`. All else is done on the CPU. */
        backend: z.object({ name: backendName, gpuFolder: z.string() }),
        /** Checkpoint of an earlier run to go on from; null starts anew. */
        checkpoint: bytes.nullable(),
      }),
      z.object({
        /** safetensors: everything `predict` and the ONNX export need. */
        weights: bytes,
        /** What the model in use says of the rows it has learnt from or was chosen by, without having seen them. */
        unseen: z.object({ train: unseenPredictions, validation: unseenPredictions }),
        report: runReportShape.omit({ rows: true, ceiling: true, consensus: true }).extend({
          seconds: z.object({ fit: z.number(), judge: z.number() }),
        }),
      }),
    ),
    /** Tries settings of the regression heads by cross-validation. Cancelling rejects with `cancelled`. */
    search: method(
      z.object({
        /** The configuration that is tried first; of the others only the searched settings differ. */
        configuration: trainingConfiguration,
        count: searchCount,
        method: searchMethod,
        /** Every labelled pair outside the holdout; groups are numbered over all of them. */
        rows: labelledPairs,
        threads: z.number().int().positive(),
        backend: z.object({ name: backendName, gpuFolder: z.string() }),
      }),
      z.object({ report: searchReport }),
    ),
    /** Makes saved weights those that `predict` scores with, until others are loaded. */
    load: method(
      z.object({ weights: bytes, threads: z.number().int().positive() }),
      z.object({
        /** Whether scoring needs token vectors. */
        readsTokens: z.boolean(),
      }),
    ),
    /**
     * Scores pairs with the loaded weights. Call it with chunks of about a thousand rows. Pairs without token vectors
     * are scored by what needs none. `keep` says in which slot a row is kept for `rank`, in place of what was there (−1:
     * not at all) [rows]; null keeps none.
     */
    predict: method(z.object({ pairs: embeddedPairs, keep: int32.nullable() }), predictions),
    /** Ranks the pairs that were kept since weights were loaded; slots are to be used from 0 on, without gaps. */
    rank: method(rankRequest, rankedPairs),
    /** Judges saved weights on labelled pairs. */
    evaluate: method(
      z.object({
        weights: bytes,
        pairs: labelledPairs,
        threads: z.number().int().positive(),
      }),
      evaluation,
    ),
  },
  events: {
    epoch: z.object({ head: z.string(), maximumEpochs: z.number().int(), record: epochRecord }),
    /** Share of the whole training or search done, 0–1, and what it is doing now. */
    progress: z.object({ share: z.number().min(0).max(1), phase: z.string() }),
    /** A configuration of a search with its figures. */
    tried: triedConfiguration,
    /** All that a cancelled training needs to go on after this many epochs of all heads together. */
    checkpoint: z.object({ epoch: z.number().int(), state: bytes }),
  },
} as const
