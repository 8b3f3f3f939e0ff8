import type { AbstentionFigures } from '#shared/domain/judging.ts'
import { bootstrapSums, ratio } from './bootstrap.ts'
import { confusionFigures, countsOf, sumConfusion } from './confusion.ts'
import { pairUp } from './pairUp.ts'

/**
 * Judges abstaining where the uncertainty is above `threshold` as the statement "this score is wrong"; intervals as in
 * `judge`.
 * @param uncertainty [rows], in any unit; @param wrong [rows]; @param group [rows], equal numbers are drawn together.
 * @throws RangeError on columns of unequal length.
 */
export function judgeAbstention(
  uncertainty: ArrayLike<number>,
  wrong: ArrayLike<boolean>,
  group: ArrayLike<number>,
  threshold: number,
  seed = 42,
): AbstentionFigures {
  const n = pairUp({ uncertainties: uncertainty.length, flags: wrong.length, groups: group.length })
  const sums = sumConfusion(
    group,
    (row) => (uncertainty[row] ?? 0) > threshold,
    (row) => wrong[row] ?? false,
  )
  return {
    n,
    threshold,
    counts: countsOf(sums.total),
    ...bootstrapSums(
      sums,
      (drawn) => {
        const counts = countsOf(drawn)
        const { truePositive, falsePositive, trueNegative, falseNegative } = counts
        const accepted = trueNegative + falseNegative
        const all = accepted + truePositive + falsePositive
        return {
          ...confusionFigures(counts),
          coverage: ratio(accepted, all),
          acceptedError: ratio(falseNegative, accepted),
          baseError: ratio(truePositive + falseNegative, all),
        }
      },
      seed,
    ),
  }
}

/**
 * The threshold of `judgeAbstention` with the coverage nearest to the wanted one; of two as near, that which accepts
 * fewer. Rows of equal uncertainty stay together.
 * @param uncertainty [rows]; @param wanted share of rows to accept, 0–1.
 * @returns null without rows.
 */
export function thresholdForCoverage(
  uncertainty: ArrayLike<number>,
  wanted: number,
): { threshold: number; coverage: number } | null {
  const sorted = Float64Array.from(uncertainty).sort()
  let nearest: { threshold: number; coverage: number } | null = null
  for (const [place, threshold] of sorted.entries()) {
    if (sorted[place + 1] === threshold) continue
    const coverage = (place + 1) / sorted.length
    if (nearest === null || Math.abs(coverage - wanted) < Math.abs(nearest.coverage - wanted))
      nearest = { threshold, coverage }
  }
  return nearest
}
