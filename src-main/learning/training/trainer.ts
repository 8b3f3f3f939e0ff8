import type { Head, HeadSize } from '../heads/head.ts'
import type { Loss } from '../losses/loss.ts'
import type { EmbeddedPairs } from '../trainContract.ts'
import type { Steps } from './plan.ts'

/** What a back end is given to train a head. */
export interface TrainerOptions {
  readonly head: Head
  readonly loss: Loss
  readonly size: HeadSize
  /** Rows of one step. */
  readonly batch: number
  readonly pairs: EmbeddedPairs
  /** [rows] */
  readonly target: Float32Array
  /** [members × rows] */
  readonly memberWeight: Float32Array
  /** Standardisation of the features: (feature − mean) · scale. */
  readonly featureMean: Float32Array
  readonly featureScale: Float32Array
  /** Random multipliers for dropout; null trains without. */
  readonly maskPool: Float32Array | null
  /** First weights by parameter name. */
  readonly initial: ReadonlyMap<string, Float32Array>
}

/** A head in training on some back end. */
export interface Trainer {
  /** Does the steps and returns the loss of each member before each of them [steps × members]. */
  train(steps: Steps): Promise<Float32Array>
  /** Scores pairs with the present weights, without dropout [members × rows]. */
  score(pairs: EmbeddedPairs): Promise<Float32Array>
  /** The present weights by parameter name; later steps leave them as they are. */
  parameters(): Promise<ReadonlyMap<string, Float32Array>>
  dispose(): Promise<void>
}

/** Number of pairs. */
export function rowCount(pairs: EmbeddedPairs): number {
  return pairs.premise.length / pairs.dimension
}

/** The pairs from row `start` (included) to `end` (excluded). */
export function sliceRows(pairs: EmbeddedPairs, start: number, end: number): EmbeddedPairs {
  const { dimension } = pairs
  return {
    dimension,
    premise: pairs.premise.subarray(start * dimension, end * dimension),
    hypothesis: pairs.hypothesis.subarray(start * dimension, end * dimension),
  }
}
