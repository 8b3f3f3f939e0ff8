import { resampleSums, sumByGroup } from './bootstrap.ts'
import { pearsonFromSums } from './correlation.ts'

/** n, target, target², then score, score², score · target of the one and of the other. */
const width = 9

/**
 * Share of 1000 bootstrap resamples of whole premise groups (of rows where there is only one group) in which `left` has
 * the higher Pearson; null where either correlation is undefined in all of them. The same seed gives the same share.
 * @param left, right scores [rows]; @param target, group [rows].
 */
export function shareBetter(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  target: ArrayLike<number>,
  group: ArrayLike<number>,
  seed = 42,
): number | null {
  const sums = sumByGroup(group, width, (row) => {
    const [a, b, y] = [left[row] ?? 0, right[row] ?? 0, target[row] ?? 0]
    return [1, y, y * y, a, a * a, a * y, b, b * b, b * y]
  })
  const { lead } = resampleSums(
    sums,
    (drawn) => {
      const [n = 0, y = 0, yy = 0] = drawn
      const correlation = (from: number): number | null =>
        pearsonFromSums(n, drawn[from] ?? 0, y, drawn[from + 1] ?? 0, yy, drawn[from + 2] ?? 0)
      const [first, second] = [correlation(3), correlation(6)]
      return { lead: first === null || second === null ? null : first - second }
    },
    seed,
  )
  const defined = lead.filter((value) => !Number.isNaN(value))
  return defined.length === 0 ? null : defined.filter((value) => value > 0).length / defined.length
}
