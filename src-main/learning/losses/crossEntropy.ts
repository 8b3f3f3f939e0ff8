import type { Loss } from './loss.ts'
import { weightedMean } from './weighted.ts'

/** Keeps the logarithm of a share that has sunk to 0 finite. */
const smallestShare = 1e-7

/** Cross-entropy of predicted class shares [members × rows × classes] against label shares [rows × classes]: −Σ label · log(share). */
export const crossEntropy: Loss = {
  columns: 1,
  apply(operations, predicted, labels, weight) {
    const logarithm = operations.log(operations.add(predicted, operations.scalar(smallestShare)))
    const entropy = operations.sum(operations.mul(logarithm, labels), [-1])
    return operations.mul(weightedMean(operations, entropy, weight), operations.scalar(-1))
  },
}
