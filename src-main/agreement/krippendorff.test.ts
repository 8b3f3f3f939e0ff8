import { expect, test } from 'vitest'
import { krippendorffAlpha } from './krippendorff.ts'
import { sumPairs } from './ratingTable.ts'
import { tableOf } from './testTables.ts'
import { iccOne, iccTwo, varianceComponents } from './varianceComponents.ts'

/** Krippendorff's four observers and twelve units, of which the last has one value ("Computing α", 2011, section C). */
const observers = [
  [1, 2, 3, 3, 2, 1, 4, 1, 2, null, null, null],
  [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, null, 3],
  [null, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, null],
  [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, null],
]

test('α of Krippendorff’s worked example for interval data', () => {
  const table = tableOf(observers)
  // Printed there as .849.
  expect(krippendorffAlpha(sumPairs(table))).toBeCloseTo(0.849, 3)
  expect(krippendorffAlpha(sumPairs(table))).toBeCloseTo(byDefinition(observers), 12)
})

test('α is the same by its definition on tables with gaps, and in a resample', () => {
  const rows = [
    [0.1, null, 0.5, 0.9, 0.2, null],
    [0.2, 0.3, 0.4, null, 0.1, 0.7],
    [null, 0.8, 0.6, 0.95, 0.15, null],
  ]
  const sums = sumPairs(tableOf(rows))
  expect(krippendorffAlpha(sums)).toBeCloseTo(byDefinition(rows), 12)
  const drawn = [0, 3, 3, 2, 5, 4]
  const resample = rows.map((row) => drawn.map((pair) => row[pair] ?? null))
  expect(krippendorffAlpha(sums, Int32Array.from(drawn))).toBeCloseTo(byDefinition(resample), 12)
})

test('α is absent where nobody overlaps or all scores are equal, and 1 where all agree', () => {
  const alpha = (rows: (number | null)[][]): number | null => krippendorffAlpha(sumPairs(tableOf(rows)))
  expect([
    alpha([
      [0.1, null],
      [null, 0.3],
    ]),
    alpha([
      [0.3, 0.3],
      [0.3, 0.3],
    ]),
    alpha([
      [0.1, 0.9],
      [0.1, 0.9],
    ]),
    alpha([]),
  ]).toEqual([null, null, expect.closeTo(1, 12), null])
})

/** Mean squared difference within units over that between any two values, straight from the definition. */
function byDefinition(rows: readonly (readonly (number | null)[])[]): number {
  const units = (rows[0] ?? [])
    .map((_, unit) => rows.flatMap((row) => row[unit] ?? []))
    .filter((values) => values.length >= 2)
  const all = units.flat()
  const within = units.reduce(
    (sum, values) =>
      sum +
      values.flatMap((x) => values.map((y) => (x - y) ** 2)).reduce((a, b) => a + b, 0) / (values.length - 1),
    0,
  )
  const between =
    all.flatMap((x) => all.map((y) => (x - y) ** 2)).reduce((a, b) => a + b, 0) / (all.length - 1)
  return 1 - within / between
}

/** Shrout & Fleiss 1979, table 2: six targets by four judges. */
const judges = [
  [9, 6, 8, 7, 10, 6],
  [2, 1, 4, 1, 5, 2],
  [5, 3, 6, 2, 6, 4],
  [8, 2, 8, 6, 9, 7],
]

test('ICCs of Shrout & Fleiss’ worked example', () => {
  const components = varianceComponents(tableOf(judges))!
  // Mean squares of their table 3: between targets 11.24, within 6.26, judges 32.49, residual 1.02.
  expect(components.k).toBe(4)
  expect(components.pair).toBeCloseTo((11.24 - 1.02) / 4, 2)
  expect(components.rater).toBeCloseTo((32.49 - 1.02) / 6, 2)
  expect(components.residual).toBeCloseTo(1.02, 2)
  // Printed there: ICC(1,1) = .17, ICC(2,1) = .29, ICC(2,4) = .62.
  expect(iccOne(components)).toBeCloseTo(0.166, 3)
  expect(iccTwo(components, 1)).toBeCloseTo(0.29, 3)
  expect(iccTwo(components, 4)).toBeCloseTo(0.62, 3)
})

test('components with gaps are those of the equations, and a pair that counts twice counts twice', () => {
  const rows = [
    [0.1, null, 0.5, 0.9, 0.2, 0.4],
    [0.2, 0.3, 0.4, null, 0.1, 0.7],
    [null, 0.8, 0.6, 0.95, 0.15, null],
  ]
  const table = tableOf(rows)
  const weight = Int32Array.of(1, 2, 0, 3, 1, 1)
  const copies = [...weight].flatMap((times, pair) => new Array<number>(times).fill(pair))
  const resample = tableOf(rows.map((row) => copies.map((pair) => row[pair] ?? null)))
  const weighted = varianceComponents(table, weight)!
  const copied = varianceComponents(resample)!
  expect(weighted.pair).toBeCloseTo(copied.pair, 12)
  expect(weighted.rater).toBeCloseTo(copied.rater, 12)
  expect(weighted.residual).toBeCloseTo(copied.residual, 12)
  expect(weighted.k).toBeCloseTo(copied.k, 12)
})

test('components are absent without overlap', () => {
  expect(varianceComponents(tableOf([[0.1, 0.4, 0.2]]))).toBeNull()
  expect(varianceComponents(tableOf([]))).toBeNull()
})
