import type { Slice } from '#shared/domain/judging.ts'
import { equalCountBands } from './bands.ts'
import { judge } from './judge.ts'
import { pairUp } from './pairUp.ts'

const mostBands = 5
const mostValues = 20
const fewestRows = 5
const worstRows = 10
const absent = 'no value'
const other = 'other'

/** What rows can be cut by: numbers, of which bands are made, or values as they are; null where a row has none. */
export interface SliceColumn {
  readonly name: string
  /** [rows] */
  readonly values: readonly (number | null)[] | readonly (string | null)[]
}

/** Scores with what they are judged by. */
export interface JudgedRows {
  /** 0–1 [rows] */
  readonly score: ArrayLike<number>
  /** 0–1 [rows] */
  readonly target: ArrayLike<number>
  /** Equal numbers are drawn together [rows]. */
  readonly group: ArrayLike<number>
}

/**
 * Judges the slices of rows that columns make, with the rows of the greatest errors of each. Numbers are cut in at most
 * five bands of about equally many rows, or by value where they have at most five; other columns by their 20 most
 * frequent values and "other". Rows without a value are a slice of their own. Slices under 5 rows keep n only.
 * @returns the slices of each column: bands rising, values from the most frequent.
 * @throws RangeError on columns of unequal length.
 */
export function judgeSlices(
  { score, target, group }: JudgedRows,
  columns: readonly SliceColumn[],
  seed = 42,
): Slice[] {
  const lengths = { scores: score.length, targets: target.length, groups: group.length }
  return columns.flatMap(({ name, values }) => {
    pairUp({ ...lengths, [`values of ${name}`]: values.length })
    return cut(values).map(({ label, rows }) => {
      const n = rows.length
      if (n < fewestRows) return { column: name, label, n, pearson: null, rmse: null, mae: null, worst: [] }
      const of = (all: ArrayLike<number>): number[] => rows.map((row) => all[row] ?? 0)
      const { pearson, rmse, mae } = judge(of(score), of(target), of(group), seed)
      const error = (row: number): number => Math.abs((score[row] ?? 0) - (target[row] ?? 0))
      const worst = [...rows].sort((a, b) => error(b) - error(a) || a - b).slice(0, worstRows)
      return { column: name, label, n, pearson, rmse, mae, worst }
    })
  })
}

interface LabelledRows {
  readonly label: string
  /** Their numbers, rising. */
  readonly rows: readonly number[]
}

function cut(values: SliceColumn['values']): LabelledRows[] {
  const absentRows: number[] = []
  const numbers: { row: number; value: number }[] = []
  const byValue = new Map<string, number[]>()
  for (const [row, value] of values.entries()) {
    if (value === null) absentRows.push(row)
    else if (typeof value === 'number') numbers.push({ row, value })
    else addTo(byValue, value, row)
  }
  const slices = numbers.length > 0 ? cutNumbers(numbers) : cutValues(byValue)
  return absentRows.length === 0 ? slices : [...slices, { label: absent, rows: absentRows }]
}

function addTo<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}

function cutNumbers(numbers: readonly { row: number; value: number }[]): LabelledRows[] {
  const values = numbers.map(({ value }) => value)
  const distinct = [...new Set(values)].sort((a, b) => a - b)
  const bandOf =
    distinct.length <= mostBands
      ? values.map((value) => distinct.indexOf(value))
      : [...equalCountBands(values, mostBands, fewestRows).of]
  const bands = new Map<number, { row: number; value: number }[]>()
  for (const [index, entry] of numbers.entries()) addTo(bands, bandOf[index] ?? 0, entry)
  return [...bands]
    .sort(([a], [b]) => a - b)
    .map(([, entries]) => {
      const low = readable(entries.reduce((least, { value }) => Math.min(least, value), Infinity))
      const high = readable(entries.reduce((most, { value }) => Math.max(most, value), -Infinity))
      return { label: low === high ? low : `${low} to ${high}`, rows: entries.map(({ row }) => row) }
    })
}

/** Whole numbers as they are, others to three digits. */
function readable(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)))
}

function cutValues(byValue: ReadonlyMap<string, readonly number[]>): LabelledRows[] {
  const slices = [...byValue]
    .map(([label, rows]) => ({ label, rows }))
    .sort((a, b) => b.rows.length - a.rows.length || (a.label < b.label ? -1 : 1))
  const rest = slices.slice(mostValues).flatMap(({ rows }) => rows)
  const kept = slices.slice(0, mostValues)
  return rest.length === 0 ? kept : [...kept, { label: other, rows: rest.sort((a, b) => a - b) }]
}
