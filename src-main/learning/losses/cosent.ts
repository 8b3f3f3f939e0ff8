import type { Loss } from './loss.ts'
import { rowPairs } from './rowPairs.ts'

/** λ, as in sentence-transformers' CoSENTLoss. */
const scale = 20

/**
 * CoSENT: log(1 + Σ w_i w_j exp(20 (score_i − score_j))) over pairs of a batch with target_i < target_j; 0 where a
 * batch has no such pair (Su 2022, https://kexue.fm/archives/8847; the weights are equal to log(w_i w_j) in the
 * exponent). A sum and no mean: a row of weight 2 counts as two rows, and weights should be about 1.
 */
export const cosent: Loss = {
  columns: 1,
  apply(operations, predicted, labels, weight) {
    const zero = operations.scalar(0)
    const pairs = rowPairs(operations, predicted, labels, weight)
    const ordered = operations.greater(zero, pairs.targetGap)
    const pairWeight = operations.where(ordered, pairs.weight, zero)
    const exponent = operations.where(
      operations.greater(pairWeight, zero),
      operations.mul(pairs.scoreGap, operations.scalar(scale)),
      zero,
    )
    // The 1 in the logarithm is exp(0), so 0 takes part in the maximum: that of no pair.
    const rowLargest = operations.max(exponent, -1, true)
    const largest = operations.relu(operations.max(rowLargest, -2, true))
    const terms = operations.mul(pairWeight, operations.exp(operations.sub(exponent, largest)))
    const shift = operations.sum(largest, [-2, -1])
    const total = operations.add(operations.exp(operations.sub(zero, shift)), operations.sum(terms, [-2, -1]))
    return operations.add(shift, operations.log(total))
  },
}
