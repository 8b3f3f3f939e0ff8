import type { Loss } from './loss.ts'
import { scoreError, weightedMean } from './weighted.ts'

/** Mean squared error with row weights: Σ w (score − target)² / Σ w. */
export const mse: Loss = {
  columns: 1,
  apply(operations, predicted, labels, weight) {
    const error = scoreError(operations, predicted, labels)
    return weightedMean(operations, operations.mul(error, error), weight)
  },
}
