import type { Operations } from '../graph/operations.ts'
import type { Loss } from './loss.ts'
import { rowPairs } from './rowPairs.ts'
import { weightedMean } from './weighted.ts'

/** Rows whose targets lie no further apart than this have no order worth learning. */
const margin = 0.05

/**
 * Scores lie within 0–1, where the logistic function is almost straight. So a gap as wide as the margin is taken as 1,
 * and of a pair in the right order and .25 apart less than 1% of the pull is left.
 */
const scale = 1 / margin

/**
 * Pairwise logistic loss: the mean of log(1 + exp(−20 (score_i − score_j))) over pairs of a batch with
 * target_i − target_j > .05, each weighing w_i w_j; 0 where a batch has no such pair
 * (RankNet: Burges et al., Learning to Rank using Gradient Descent, 2005, with targets that are certain and σ = 20).
 */
export const ranking: Loss = {
  columns: 1,
  apply(operations, predicted, labels, weight) {
    const pairs = rowPairs(operations, predicted, labels, weight)
    const ordered = operations.greater(pairs.targetGap, operations.scalar(margin))
    const pairWeight = operations.where(ordered, pairs.weight, operations.scalar(0))
    const wrongness = operations.mul(pairs.scoreGap, operations.scalar(-scale))
    return weightedMean(operations, softplus(operations, wrongness), pairWeight, [-2, -1])
  },
}

/** log(1 + exp(value)) without overflow, and with the right gradient at 0, which relu and abs would lose. */
function softplus<T>(operations: Operations<T>, value: T): T {
  const zero = operations.scalar(0)
  const positive = operations.greater(value, zero)
  const negated = operations.where(positive, operations.sub(zero, value), value)
  return operations.add(
    operations.where(positive, value, zero),
    operations.log(operations.add(operations.exp(negated), operations.scalar(1))),
  )
}
