import type { Operations } from '../graph/operations.ts'

/** Keeps a batch without weight from being 0 / 0. */
const smallestWeight = 1e-12

/** Σ w x / Σ w for each member; 0 where no weight is left. value, weight [members × rows] → [members]. */
export function weightedMean<T>(operations: Operations<T>, value: T, weight: T): T {
  return operations.div(
    operations.sum(operations.mul(weight, value), [-1]),
    operations.add(operations.sum(weight, [-1]), operations.scalar(smallestWeight)),
  )
}

/** One column of predictions [members × rows × columns] → [members × rows]. */
export function predictedColumn<T>(operations: Operations<T>, predicted: T, column: number): T {
  return operations.sum(operations.slice(predicted, -1, column, column + 1), [-1])
}

/** The first column of labels [rows × columns] → [rows]. */
export function labelColumn<T>(operations: Operations<T>, labels: T): T {
  return operations.sum(operations.slice(labels, -1, 0, 1), [-1])
}
