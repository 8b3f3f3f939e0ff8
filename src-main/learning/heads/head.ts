import type { Operations } from '../graph/operations.ts'

/** How large a head is. */
export interface HeadSize {
  /** Heads trained side by side as one stack. */
  readonly members: number
  readonly featureWidth: number
  readonly hiddenWidth: number
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

/** A small network on features of pairs, written once for every back end. */
export interface Head {
  parameters(size: HeadSize): ParameterSpecification[]
  /** Random multipliers that one training step of `rows` rows needs: [members × rows × width]. */
  maskShape(size: HeadSize, rows: number): readonly [number, number, number]
  /**
   * Scores of standardised features [rows × featureWidth], each 0–1: [members × rows].
   * @param mask multipliers of dropout (0, or 1 / the share kept); null outside training.
   */
  score<T>(
    operations: Operations<T>,
    parameters: (name: string) => T,
    features: T,
    mask: T | null,
    size: HeadSize,
  ): T
}
