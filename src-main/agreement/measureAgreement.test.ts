import { expect, test } from 'vitest'
import { agreementFigures, agreementIntervals, type MeasureListener } from './measureAgreement.ts'
import type { RatingTable } from './ratingTable.ts'
import { simulateRaters, tableOf } from './testTables.ts'

const listener: MeasureListener = { signal: new AbortController().signal, onProgress: () => undefined }

/** Paths of numbers that are none, and of figures with neither value nor reason, or with both. */
function faults(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [path]
  if (value === null || typeof value !== 'object') return []
  const own =
    'value' in value && 'reason' in value && (value.value === null) === (value.reason === null) ? [path] : []
  return [...own, ...Object.entries(value).flatMap(([name, part]) => faults(part, `${path}/${name}`))]
}

const thousand: RatingTable = simulateRaters({ raters: 1000, pairs: 400, ratersPerPair: 5, seed: 2 }).table

test.each<[string, RatingTable]>([
  ['nothing', tableOf([])],
  ['one rater only', tableOf([[0.1, 0.5, 0.9]])],
  [
    'no overlap',
    tableOf([
      [0.1, null],
      [null, 0.9],
    ]),
  ],
  [
    'one shared pair',
    tableOf([
      [0.1, null],
      [0.4, 0.9],
    ]),
  ],
  [
    'two who never met, through a third',
    tableOf([
      [0.1, 0.3, null, null],
      [0.2, 0.3, 0.5, 0.8],
      [null, null, 0.6, 0.7],
    ]),
  ],
  [
    'constant raters',
    tableOf([
      [0.5, 0.5, 0.5],
      [0.5, 0.5, 0.5],
    ]),
  ],
  [
    'one constant rater',
    tableOf([
      [0.5, 0.5, 0.5],
      [0.1, 0.6, 0.9],
    ]),
  ],
  [
    'a rater with one score',
    tableOf([
      [0.1, 0.6, 0.9, 0.2],
      [0.2, 0.5, 0.8, 0.3],
      [null, 1, null, null],
    ]),
  ],
  [
    'a rater without a score',
    tableOf([
      [0.1, 0.6, 0.9],
      [0.2, 0.5, 0.8],
      [null, null, null],
    ]),
  ],
  ['a thousand raters', thousand],
])('%s: every figure is a number or absent with its reason', async (_, table) => {
  const figures = agreementFigures(table)
  const intervals = await agreementIntervals(table, 1, listener)
  expect(faults(figures)).toEqual([])
  expect(faults(intervals)).toEqual([])
  expect([figures.raters.length, intervals.raters.length]).toEqual([table.raters, table.raters])
})

test('reasons say what is missing', () => {
  const { alpha, iccSingle, raters, deviations, projection } = agreementFigures(tableOf([[0.1, 0.5, 0.9]]))
  const reason = 'needs two raters on the same pair'
  expect(
    [alpha, iccSingle, raters[0]?.pearson, raters[0]?.bias, deviations, projection].map((of) => of?.reason),
  ).toEqual(new Array<string>(6).fill(reason))
})

test('on scores drawn from known variances, every figure is what those say', async () => {
  const { table } = simulateRaters({ raters: 30, pairs: 1500, ratersPerPair: 6, seed: 5 })
  const figures = agreementFigures(table)
  const { alpha, iccSingle, iccMean } = await agreementIntervals(table, 1, listener)
  // Pairs .25², raters .1² and a share of the scales, errors .15² · e^(2 · .35²): about .0625 of .1 is of pairs.
  expect(alpha.value).toBeGreaterThan(0.5)
  expect(alpha.value).toBeLessThan(0.7)
  expect(iccSingle.value).toBeCloseTo(alpha.value!, 2)
  for (const { value, low, high } of [alpha, iccSingle, iccMean]) {
    expect(low!).toBeLessThan(value!)
    expect(high!).toBeGreaterThan(value!)
    expect(high! - low!).toBeLessThan(0.1)
  }
  // The mean of k raters is as reliable as the components say.
  const projected = new Map(figures.projection.curve.map(({ raters, reliability }) => [raters, reliability]))
  expect(figures.projection.measured.map(({ raters }) => raters)).toEqual([1, 2, 3])
  for (const { raters, reliability } of figures.projection.measured)
    expect(Math.abs(reliability.value! - projected.get(raters)!)).toBeLessThan(0.04)
  expect(figures.k).toBeCloseTo(6, 9)
  expect(figures.deviations.bins.reduce((sum, count) => sum + count, 0)).toBe(1500)
})

test('a cancel ends the intervals', async () => {
  const controller = new AbortController()
  const onProgress = (share: number): void => {
    if (share > 0.1) controller.abort()
  }
  await expect(
    agreementIntervals(thousand, 1, { signal: controller.signal, onProgress }),
  ).rejects.toMatchObject({
    code: 'cancelled',
  })
})
