import type { Loss } from './loss.ts'
import { predictedColumn, scoreError, weightedMean } from './weighted.ts'

/** Smaller deviations count as this, so that a certain error has a finite price. */
const smallestDeviation = 1e-3

/**
 * Negative log-likelihood of targets under a normal distribution around the score, with row weights:
 * Σ w ((target − score)² / (2 deviation²) + log deviation) / Σ w, without the constant ½ log 2π
 * (Nix & Weigend, Estimating the mean and variance of the target probability distribution, 1994); it can be negative.
 * Predicted columns: score and standard deviation.
 */
export const gaussian: Loss = {
  columns: 2,
  apply(operations, predicted, labels, weight) {
    const smallest = operations.scalar(smallestDeviation)
    const plain = predictedColumn(operations, predicted, 1)
    const deviation = operations.where(operations.greater(plain, smallest), plain, smallest)
    const standardised = operations.div(scoreError(operations, predicted, labels), deviation)
    const squared = operations.mul(operations.mul(standardised, standardised), operations.scalar(0.5))
    return weightedMean(operations, operations.add(squared, operations.log(deviation)), weight)
  },
}
