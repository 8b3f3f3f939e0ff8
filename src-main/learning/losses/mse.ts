import type { Loss } from './loss.ts'
import { labelColumn, predictedColumn, weightedMean } from './weighted.ts'

/** Mean squared error with row weights: Σ w (score − target)² / Σ w. */
export const mse: Loss = {
  columns: 1,
  apply(operations, predicted, labels, weight) {
    const difference = operations.sub(
      predictedColumn(operations, predicted, 0),
      labelColumn(operations, labels),
    )
    return weightedMean(operations, operations.mul(difference, difference), weight)
  },
}
