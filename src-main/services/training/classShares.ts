import { groupingText } from '#shared/domain/pair.ts'
import type { LabelRow } from '../../store/repositories/labels.ts'

/** What class labels say of pairs, as soft targets. */
export interface ClassShares {
  /** In the order of the columns of `shares`. */
  readonly classes: readonly string[]
  /** Row-major [rows × classes]: the share of a row's labels that name each class, 0–1; all 0 in a row without labels. */
  readonly shares: Float32Array
  /** The numbers of the rows that have any label, from 0, in their order: there the shares add up to 1. */
  readonly labelled: Int32Array
}

/**
 * Turns pages of labels into soft targets: with two labels "entailment" and one "neutral" a row is [2/3, 1/3, 0].
 * Labels of classes that are not among `classes` (taken away since) count for nothing.
 * @param classes names in the project's order.
 */
export function classShares(
  pages: Iterable<readonly Pick<LabelRow, 'classCounts'>[]>,
  classes: readonly string[],
): ClassShares {
  const places = new Map(classes.map((name, place) => [groupingText(name), place]))
  const rows = [...pages].flat()
  const shares = new Float32Array(rows.length * classes.length)
  const labelled: number[] = []
  for (const [row, { classCounts }] of rows.entries()) {
    const counts = classCounts.flatMap(({ name, count }) => {
      const place = places.get(groupingText(name))
      return place === undefined ? [] : [{ place, count }]
    })
    const all = counts.reduce((sum, { count }) => sum + count, 0)
    if (all === 0) continue
    labelled.push(row)
    for (const { place, count } of counts) {
      const at = row * classes.length + place
      shares[at] = (shares[at] ?? 0) + count / all
    }
  }
  return { classes, shares, labelled: Int32Array.from(labelled) }
}
