import type { Operations } from '../graph/operations.ts'
import type { Loss } from '../losses/loss.ts'

/** How large a head is. */
export interface HeadSize {
  /** Heads trained side by side as one stack. */
  readonly members: number
  /** Width of the encoder's vectors. */
  readonly dimension: number
  readonly hiddenWidth: number
  /** Numbers predicted per pair. */
  readonly columns: number
  /** Width of the frozen features; 0 where the head reads none. */
  readonly frozenWidth: number
}

/** One trained array, always [members × rows × columns], so that every member owns one slice of it. */
export interface ParameterSpecification {
  readonly name: string
  readonly shape: readonly [members: number, rows: number, columns: number]
  readonly initial:
    | { readonly kind: 'uniform'; readonly bound: number }
    | { readonly kind: 'constant'; readonly value: number }
  /** Whether weight decay pulls it to zero; biases and gains are left alone. */
  readonly decays: boolean
}

/** What a head may read of a pair; the cache and the job give it what it declares. */
export type FeatureKind = 'pooled' | 'tokens' | 'frozen'

/** Token vectors of one text of each pair. */
export interface TokenInputs<T> {
  /** One row per place of the padded batch [rows · length × dimension]; padding holds anything. */
  readonly vectors: T
  /** 1 for a token, 0 for padding [rows × length]. */
  readonly mask: T
}

/** The features of a batch of pairs; asking for one that the head does not declare throws RangeError. */
export interface HeadInputs<T> {
  /** Standardised pooled features [rows × (4·dimension + 1)]. */
  pooled(): T
  tokens(): { readonly premise: TokenInputs<T>; readonly hypothesis: TokenInputs<T> }
  /** Outputs of what is trained already [members × rows × frozenWidth]. */
  frozen(): T
}

/** A small network on features of pairs, written once for every back end. */
export interface Head {
  /** What a training says that it does meanwhile. */
  readonly phase: string
  readonly needs: readonly FeatureKind[]
  /** What its predicted columns mean. */
  readonly predicts: 'score' | 'deviation' | 'uncertain' | 'classes'
  parameters(size: HeadSize): ParameterSpecification[]
  /** Random multipliers that one training step of `rows` rows needs, by name, each [members × rows × width]. */
  masks(size: HeadSize, rows: number): Readonly<Record<string, readonly [number, number, number]>>
  /** Width of `hidden`. */
  trunkWidth(size: HeadSize): number
  /** The loss it is trained with where the user chose `chosen` for scores. */
  loss(chosen: Loss): Loss
  /**
   * @param mask multipliers of dropout (0, or 1 / the share kept) by name; null outside training.
   * @returns `hidden`, the last trunk output [members × rows × trunkWidth], and `predicted` [members × rows × columns].
   */
  forward<T>(
    operations: Operations<T>,
    parameters: (name: string) => T,
    inputs: HeadInputs<T>,
    mask: (name: string) => T | null,
    size: HeadSize,
  ): { readonly hidden: T; readonly predicted: T }
}
