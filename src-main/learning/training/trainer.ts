import type { PairInputs } from '../features/pairInputs.ts'
import type { Head, HeadSize } from '../heads/head.ts'
import type { Loss } from '../losses/loss.ts'
import type { EmbeddedPairs, LabelledPairs } from '../trainContract.ts'
import type { Steps } from './plan.ts'

/** What a back end is given to train a head. */
export interface TrainerOptions {
  readonly head: Head
  readonly loss: Loss
  readonly size: HeadSize
  /** Rows of one step. */
  readonly batch: number
  readonly inputs: PairInputs
  /** [rows × label columns] */
  readonly labels: Float32Array
  readonly labelColumns: number
  /** [members × rows] */
  readonly memberWeight: Float32Array
  /** Random numbers for dropout masks; null trains without. */
  readonly maskPool: Float32Array | null
  /** Share of units dropped, by member, 0 (included) to 1 (excluded). */
  readonly dropout: readonly number[]
  /** First weights by parameter name, or the state of a training that goes on. */
  readonly initial: ReadonlyMap<string, Float32Array> | TrainerState
}

/** The three tensors of a parameter that go from step to step. */
export const stateParts = ['value', 'mean', 'square'] as const
export type StatePart = (typeof stateParts)[number]
/** The name under which a part of a parameter's state is kept. */
export function stateName(part: StatePart, parameter: string): string {
  return `${part}:${parameter}`
}

/** Everything that goes from step to step, by `stateName`. */
export interface TrainerState {
  readonly state: ReadonlyMap<string, Float32Array>
}

/** What a head gives of pairs: `predicted` [members × rows × columns], `hidden` [members × rows × trunkWidth]. */
export type HeadOutput = 'predicted' | 'hidden'

/** A head in training on some back end. */
export interface Trainer {
  /** Does the steps and returns the loss of each member before each of them [steps × members]. */
  train(steps: Steps): Promise<Float32Array>
  /** What the present weights, or those given, predict of pairs, without dropout [members × rows × columns]. */
  predict(inputs: PairInputs, parameters?: ReadonlyMap<string, Float32Array>): Promise<Float32Array>
  /** The present weights by parameter name; later steps leave them as they are. */
  parameters(): Promise<ReadonlyMap<string, Float32Array>>
  /** All that another trainer needs to go on from here; later steps leave it as it is. */
  state(): Promise<TrainerState>
  dispose(): Promise<void>
}

/** Number of pairs. */
export function rowCount(pairs: EmbeddedPairs): number {
  return pairs.premise.length / pairs.dimension
}

/** The pairs from row `start` (included) to `end` (excluded). */
export function sliceRows(pairs: EmbeddedPairs, start: number, end: number): EmbeddedPairs {
  const { dimension, tokens } = pairs
  return {
    dimension,
    premise: pairs.premise.subarray(start * dimension, end * dimension),
    hypothesis: pairs.hypothesis.subarray(start * dimension, end * dimension),
    tokens:
      tokens === null
        ? null
        : {
            ...tokens,
            premise: tokens.premise.subarray(start, end),
            hypothesis: tokens.hypothesis.subarray(start, end),
          },
  }
}

/** The labelled pairs of some row numbers, in that order. */
export function selectRows(pairs: LabelledPairs, rows: Uint32Array): LabelledPairs {
  const { dimension, tokens } = pairs
  const vectors = (side: Float32Array): Float32Array => {
    const chosen = new Float32Array(rows.length * dimension)
    for (const [place, row] of rows.entries())
      chosen.set(side.subarray(row * dimension, (row + 1) * dimension), place * dimension)
    return chosen
  }
  const floats = (values: Float32Array): Float32Array => Float32Array.from(rows, (row) => values[row] ?? 0)
  const whole = (values: Int32Array): Int32Array => Int32Array.from(rows, (row) => values[row] ?? 0)
  return {
    dimension,
    premise: vectors(pairs.premise),
    hypothesis: vectors(pairs.hypothesis),
    tokens:
      tokens === null
        ? null
        : { ...tokens, premise: whole(tokens.premise), hypothesis: whole(tokens.hypothesis) },
    target: floats(pairs.target),
    weight: floats(pairs.weight),
    group: whole(pairs.group),
    deviation: floats(pairs.deviation),
    ratings: whole(pairs.ratings),
    classes: pairs.classes === null ? null : selectColumns(pairs.classes, rows, pairs.target.length),
  }
}

/** Some rows of a matrix of `total` rows. */
export function selectColumns(values: Float32Array, rows: Uint32Array, total: number): Float32Array {
  const width = values.length / total
  const chosen = new Float32Array(rows.length * width)
  for (const [place, row] of rows.entries())
    chosen.set(values.subarray(row * width, (row + 1) * width), place * width)
  return chosen
}

/** Tokens of both texts of each pair [rows]; null where the pairs have no token vectors. */
export function tokenCounts({ tokens }: EmbeddedPairs): Int32Array | null {
  if (tokens === null) return null
  const { lengths, premise, hypothesis } = tokens
  return premise.map((text, row) => (lengths[text] ?? 0) + (lengths[hypothesis[row] ?? 0] ?? 0))
}
