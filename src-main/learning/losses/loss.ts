import type { Operations } from '../graph/operations.ts'

/** How far predictions are from their labels, for each member on its own. */
export interface Loss {
  /** Columns that a scoring head must predict for it: the score, or the score and its standard deviation. */
  readonly columns: 1 | 2
  /**
   * predicted [members × rows × columns], labels [rows × label columns], weight [members × rows] (≥ 0) → [members].
   * Scores and their labels are 0–1. Where all weights are 0 the loss is 0.
   */
  apply<T>(operations: Operations<T>, predicted: T, labels: T, weight: T): T
}
