/** Rows by the group they are drawn with in a bootstrap. */
export interface RowGroups {
  /** The group of each row, from 0 in order of first appearance [rows]. */
  readonly of: Uint32Array
  readonly count: number
}

/** Numbers the groups of rows; equal numbers in `group` [rows] are one group. */
export function numberGroups(group: ArrayLike<number>): RowGroups {
  const numbers = new Map<number, number>()
  const of = Uint32Array.from({ length: group.length }, (_, row) => {
    const key = group[row] ?? 0
    const number = numbers.get(key) ?? numbers.size
    numbers.set(key, number)
    return number
  })
  return { of, count: numbers.size }
}
