import type { Operations } from '../graph/operations.ts'

/** Every ordered pair of rows (first, second) of a batch, a row with itself included. */
export interface RowPairs<T> {
  /** Score of the first minus score of the second [members × rows × rows]. */
  readonly scoreGap: T
  /** Target of the first minus target of the second [rows × rows]. */
  readonly targetGap: T
  /** Product of both weights [members × rows × rows]. */
  readonly weight: T
}

/** Pairs up the rows: predicted [members × rows × columns], labels [rows × label columns], weight [members × rows]. */
export function rowPairs<T>(operations: Operations<T>, predicted: T, labels: T, weight: T): RowPairs<T> {
  const score = operations.slice(predicted, -1, 0, 1)
  const target = operations.slice(labels, -1, 0, 1)
  const own = operations.reshape(weight, [{ of: weight, axis: 0 }, { of: weight, axis: 1 }, 1])
  return {
    scoreGap: operations.sub(score, operations.transpose(score, [0, 2, 1])),
    targetGap: operations.sub(target, operations.transpose(target, [1, 0])),
    weight: operations.mul(own, operations.transpose(own, [0, 2, 1])),
  }
}
