import type { Loss } from './loss.ts'

/** Mean squared error with row weights: Σ w (score − target)² / Σ w. */
export const mse: Loss = (operations, score, target, weight) => {
  const difference = operations.sub(score, target)
  const weighted = operations.mul(weight, operations.mul(difference, difference))
  return operations.div(operations.sum(weighted, [-1]), operations.sum(weight, [-1]))
}
