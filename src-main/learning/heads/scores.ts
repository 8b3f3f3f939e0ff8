import type { Operations } from '../graph/operations.ts'

/** Predicted standard deviations lie between these: scores of 0–1 cannot spread wider than .5. */
const smallestDeviation = 0.02
const largestDeviation = 0.5

/** A standard deviation of any number: between .02 and .5. */
export function toDeviation<T>(operations: Operations<T>, value: T): T {
  const span = operations.scalar(largestDeviation - smallestDeviation)
  return operations.add(operations.mul(operations.sigmoid(value), span), operations.scalar(smallestDeviation))
}

/** The columns of a head that scores, [members × rows × 1 or 2]: the score, 0–1, and where there are two its deviation. */
export function toScores<T>(operations: Operations<T>, output: T, columns: number): T {
  if (columns === 1) return operations.sigmoid(output)
  return operations.concat(
    [
      operations.sigmoid(operations.slice(output, -1, 0, 1)),
      toDeviation(operations, operations.slice(output, -1, 1, 2)),
    ],
    -1,
  )
}
