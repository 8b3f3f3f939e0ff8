import { createRandom } from '../random.ts'
import { pearsonFromSums } from './correlation.ts'
import { numberGroups } from './groups.ts'

const resamples = 1000
/** n, target, target², then score, score², score · target of the one and of the other. */
const width = 9

/**
 * Share of 1000 bootstrap resamples of whole premise groups in which `left` has the higher Pearson; null where either
 * correlation is undefined in all of them. The same seed gives the same share.
 * @param left, right scores [rows]; @param target, group [rows].
 */
export function shareBetter(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  target: ArrayLike<number>,
  group: ArrayLike<number>,
  seed = 42,
): number | null {
  const { of, count } = numberGroups(group)
  const groups = new Float64Array(count * width)
  for (let row = 0; row < target.length; row++) {
    const [a, b, y] = [left[row] ?? 0, right[row] ?? 0, target[row] ?? 0]
    const start = (of[row] ?? 0) * width
    for (const [index, entry] of [1, y, y * y, a, a * a, a * y, b, b * b, b * y].entries())
      groups[start + index] = (groups[start + index] ?? 0) + entry
  }

  const random = createRandom(seed, 'comparison')
  const drawn = new Float64Array(width)
  let defined = 0
  let better = 0
  for (let resample = 0; resample < resamples; resample++) {
    drawn.fill(0)
    for (let draw = 0; draw < count; draw++) {
      const start = random.integer(count) * width
      for (let index = 0; index < width; index++)
        drawn[index] = (drawn[index] ?? 0) + (groups[start + index] ?? 0)
    }
    const [n = 0, y = 0, yy = 0] = drawn
    const correlation = (from: number): number | null =>
      pearsonFromSums(n, drawn[from] ?? 0, y, drawn[from + 1] ?? 0, yy, drawn[from + 2] ?? 0)
    const [first, second] = [correlation(3), correlation(6)]
    if (first === null || second === null) continue
    defined += 1
    if (first > second) better += 1
  }
  return defined === 0 ? null : better / defined
}
