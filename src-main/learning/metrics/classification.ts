import type { Classification } from '#shared/domain/judging.ts'
import { bootstrapSums } from './bootstrap.ts'
import { confusionFigures, countsOf, sumConfusion } from './confusion.ts'
import { pairUp } from './pairUp.ts'

/** Where a score becomes a yes. */
export const decisionThreshold = 0.5

/**
 * Judges scores as yes (at the threshold and above) or no against targets cut at the same threshold; intervals as in
 * `judge`.
 * @param score, target [rows]; @param group [rows], equal numbers are drawn together.
 * @throws RangeError on columns of unequal length.
 */
export function judgeClasses(
  score: ArrayLike<number>,
  target: ArrayLike<number>,
  group: ArrayLike<number>,
  threshold: number,
  seed = 42,
): Classification {
  const n = pairUp({ scores: score.length, targets: target.length, groups: group.length })
  const isYes = (values: ArrayLike<number>) => (row: number) => (values[row] ?? 0) >= threshold
  const sums = sumConfusion(group, isYes(score), isYes(target))
  return {
    n,
    threshold,
    counts: countsOf(sums.total),
    ...bootstrapSums(sums, (drawn) => confusionFigures(countsOf(drawn)), seed),
  }
}
