import type { PairSums } from './ratingTable.ts'

/**
 * Krippendorff's α for interval data with missing cells (Krippendorff, Content Analysis, 4th ed. 2019, ch. 12):
 * 1 − observed over expected disagreement, where those are mean squared differences within pairs, and between any two
 * scores of pairs that two raters or more have scored.
 * @param sums of each pair; those with fewer than two scores are left out.
 * @param drawn numbers of pairs, some more than once: the same for a resample. All pairs where it is not given.
 * @returns null where no pair has two scores, or all scores are equal.
 */
export function krippendorffAlpha(sums: PairSums, drawn?: Int32Array): number | null {
  let [n, total, squares, within] = [0, 0, 0, 0]
  const length = drawn?.length ?? sums.count.length
  for (let index = 0; index < length; index++) {
    const pair = drawn === undefined ? index : (drawn[index] ?? 0)
    const count = sums.count[pair] ?? 0
    if (count < 2) continue
    const sum = sums.sum[pair] ?? 0
    const square = sums.squares[pair] ?? 0
    n += count
    total += sum
    squares += square
    within += (2 * (count * square - sum * sum)) / (count - 1)
  }
  if (n < 2) return null
  const expected = (2 * (n * squares - total * total)) / (n - 1)
  // Rounding leaves a hair where all scores are equal.
  return expected <= 1e-12 * n ? null : 1 - within / expected
}
