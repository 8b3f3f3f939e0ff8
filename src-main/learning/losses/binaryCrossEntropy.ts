import type { Operations } from '../graph/operations.ts'
import type { Loss } from './loss.ts'
import { labelColumn, predictedColumn, weightedMean } from './weighted.ts'

/** Scores are drawn this far in from 0 and 1, which keeps logarithms and their gradients finite. */
const inset = 1e-7

/**
 * Cross-entropy of scores against soft labels with row weights:
 * Σ w (−target · log score − (1 − target) · log(1 − score)) / Σ w. Its least value, at score = target, is the entropy
 * of the targets and not 0; one row costs at most −log 1e-7, about 16.1.
 */
export const binaryCrossEntropy: Loss = {
  columns: 1,
  apply(operations, predicted, labels, weight) {
    const one = operations.scalar(1)
    const score = predictedColumn(operations, predicted, 0)
    const target = labelColumn(operations, labels)
    const likelihood = operations.add(
      operations.mul(target, logarithm(operations, score)),
      operations.mul(operations.sub(one, target), logarithm(operations, operations.sub(one, score))),
    )
    return operations.mul(weightedMean(operations, likelihood, weight), operations.scalar(-1))
  },
}

/** log(inset + (1 − 2 inset) share). */
function logarithm<T>(operations: Operations<T>, share: T): T {
  const drawnIn = operations.mul(share, operations.scalar(1 - 2 * inset))
  return operations.log(operations.add(drawnIn, operations.scalar(inset)))
}
