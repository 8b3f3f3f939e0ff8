import type { ConfusionCounts } from '#shared/domain/judging.ts'
import { ratio, sumByGroup, type GroupSums } from './bootstrap.ts'

/** Counts of a yes-or-no statement by premise group: said and so, said and not so, neither, so but not said. */
export function sumConfusion(
  group: ArrayLike<number>,
  said: (row: number) => boolean,
  isSo: (row: number) => boolean,
): GroupSums {
  return sumByGroup(group, 4, (row) => {
    const [positive, truly] = [said(row), isSo(row)]
    return [positive && truly, positive && !truly, !positive && !truly, !positive && truly].map(Number)
  })
}

/** The sums of `sumConfusion` by name. */
export function countsOf(sums: Float64Array): ConfusionCounts {
  const [truePositive = 0, falsePositive = 0, trueNegative = 0, falseNegative = 0] = sums
  return { truePositive, falsePositive, trueNegative, falseNegative }
}

/** Accuracy, precision, recall and F1 (their harmonic mean), 0–1; null where there is nothing to divide by. */
export function confusionFigures(counts: ConfusionCounts): {
  accuracy: number | null
  precision: number | null
  recall: number | null
  f1: number | null
} {
  const { truePositive, falsePositive, trueNegative, falseNegative } = counts
  const right = truePositive + trueNegative
  return {
    accuracy: ratio(right, right + falsePositive + falseNegative),
    precision: ratio(truePositive, truePositive + falsePositive),
    recall: ratio(truePositive, truePositive + falseNegative),
    f1: ratio(2 * truePositive, 2 * truePositive + falsePositive + falseNegative),
  }
}
