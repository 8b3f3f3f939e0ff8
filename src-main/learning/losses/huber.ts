import type { Loss } from './loss.ts'
import { scoreError, weightedMean } from './weighted.ts'

/** Errors up to here count squared, larger ones only in proportion. */
const delta = 0.1

/**
 * Huber loss with row weights, Σ w h(score − target) / Σ w: h(e) = e² / 2 where |e| ≤ δ, else δ (|e| − δ / 2), δ = .1
 * (Huber, Robust Estimation of a Location Parameter, 1964).
 */
export const huber: Loss = {
  columns: 1,
  apply(operations, predicted, labels, weight) {
    const error = scoreError(operations, predicted, labels)
    const size = operations.abs(error)
    const squared = operations.mul(operations.mul(error, error), operations.scalar(0.5))
    const straight = operations.mul(
      operations.sub(size, operations.scalar(delta / 2)),
      operations.scalar(delta),
    )
    const far = operations.greater(size, operations.scalar(delta))
    return weightedMean(operations, operations.where(far, straight, squared), weight)
  },
}
