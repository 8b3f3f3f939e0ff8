import type { Operations } from '../graph/operations.ts'

/**
 * Σ w x / Σ w over `axes` (all but the members), for each member; 0 where no weight is left.
 * value broadcasts to weight [members × rows], or [members × rows × rows] for pairs → [members].
 */
export function weightedMean<T>(
  operations: Operations<T>,
  value: T,
  weight: T,
  axes: readonly number[] = [-1],
): T {
  const total = operations.sum(weight, axes)
  // Small weights must count in full, so nothing is added to the sum to keep it from being 0.
  const divisor = operations.where(
    operations.greater(total, operations.scalar(0)),
    total,
    operations.scalar(1),
  )
  return operations.div(operations.sum(operations.mul(weight, value), axes), divisor)
}

/** One column of predictions [members × rows × columns] → [members × rows]. */
export function predictedColumn<T>(operations: Operations<T>, predicted: T, column: number): T {
  return operations.sum(operations.slice(predicted, -1, column, column + 1), [-1])
}

/** The first column of labels [rows × columns] → [rows]. */
export function labelColumn<T>(operations: Operations<T>, labels: T): T {
  return operations.sum(operations.slice(labels, -1, 0, 1), [-1])
}

/** Predicted score minus target, [members × rows]. */
export function scoreError<T>(operations: Operations<T>, predicted: T, labels: T): T {
  return operations.sub(predictedColumn(operations, predicted, 0), labelColumn(operations, labels))
}
