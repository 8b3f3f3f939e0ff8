import { z } from 'zod'
import { backendName } from '#shared/domain/backend.ts'
import {
  epochRecord,
  evaluation,
  modelName,
  stoppingReason,
  trainingConfiguration,
} from '#shared/domain/run.ts'
import { method } from '#shared/rpc/contract.ts'

// `z.instanceof` would refuse, by type alone, views on memory that might be shared.
const float32 = z.custom<Float32Array>((value) => value instanceof Float32Array, 'Not a Float32Array')
const int32 = z.custom<Int32Array>((value) => value instanceof Int32Array, 'Not an Int32Array')
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'Not a Uint8Array')

/** Embeddings of pairs, row-major [rows × dimension], unit length per row. */
const embeddedPairs = z.object({
  dimension: z.number().int().positive(),
  premise: float32,
  hypothesis: float32,
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
})
export type LabelledPairs = z.infer<typeof labelledPairs>

/** Predictions per row. */
const predictions = z.object({
  /** Score of the model in use. */
  score: float32,
  /** Variance of the ensemble members' scores. */
  variance: float32,
  /** 95% interval, clipped to 0–1. */
  low: float32,
  high: float32,
  /** Lowest and highest score among the ensemble members. */
  memberLow: float32,
  memberHigh: float32,
})
export type Predictions = z.infer<typeof predictions>

/** What the backend and the training process say to each other. */
export const trainContract = {
  methods: {
    /** Fits ensemble, ridge and baselines; judges them on the holdout. Cancelling rejects with `cancelled`. */
    train: method(
      z.object({
        configuration: trainingConfiguration,
        train: labelledPairs,
        validation: labelledPairs,
        /** Null where no holdout pair is labelled. */
        holdout: labelledPairs.nullable(),
        /** Processors that may be used. */
        threads: z.number().int().positive(),
        /** What trains the heads, and the folder of `npm run gpu:install`. All else is done on the CPU. */
        backend: z.object({ name: backendName, gpuFolder: z.string() }),
      }),
      z.object({
        /** safetensors: everything `predict` and the ONNX export need. */
        weights: bytes,
        used: modelName,
        validationPearson: z.record(modelName, z.number().nullable()),
        ridgeLambda: z.number(),
        epochs: z.array(epochRecord),
        bestEpoch: z.number().int(),
        stoppingReason,
        holdout: evaluation.nullable(),
        backend: z.object({ name: z.string(), threads: z.number().int() }),
        seconds: z.object({ fit: z.number(), judge: z.number() }),
      }),
    ),
    /** Makes saved weights those that `predict` scores with, until others are loaded. */
    load: method(z.object({ weights: bytes, threads: z.number().int().positive() }), z.object({})),
    /** Scores pairs with the loaded weights. Call it with chunks of about a thousand rows. */
    predict: method(z.object({ pairs: embeddedPairs }), predictions),
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
    epoch: epochRecord,
    /** Share of the whole training done, 0–1, and what it is doing now. */
    progress: z.object({ share: z.number().min(0).max(1), phase: z.string() }),
  },
} as const
