import type { Loss } from './loss.ts'
import { scoreError, weightedMean } from './weighted.ts'

/** Mean absolute error with row weights: Σ w |score − target| / Σ w; a score that is exactly right has no gradient. */
export const mae: Loss = {
  columns: 1,
  apply(operations, predicted, labels, weight) {
    return weightedMean(operations, operations.abs(scoreError(operations, predicted, labels)), weight)
  },
}
