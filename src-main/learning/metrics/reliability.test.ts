import fc from 'fast-check'
import { expect, test } from 'vitest'
import { equalCountBands } from './bands.ts'
import { reliability } from './reliability.ts'

test('bands hold about equally many rows, and equal values in one', () => {
  const values = Array.from({ length: 103 }, (_, row) => (row * 50) % 103)
  const { of, count } = equalCountBands(values, 10, 10)
  const sizes = Array.from({ length: count }, (_, band) => of.filter((number) => number === band).length)
  expect(count).toBe(10)
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(10)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(11)
  expect(equalCountBands([], 10, 10).count).toBe(0)

  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 90 }),
      fc.integer({ min: 1, max: 8 }),
      (tied, fewest) => {
        const bands = equalCountBands(tied, 5, fewest)
        const rowsOf = Array.from({ length: bands.count }, (_, band) =>
          tied.filter((_, row) => bands.of[row] === band),
        )
        expect(bands.count).toBeLessThanOrEqual(5)
        expect(rowsOf.flat()).toHaveLength(tied.length)
        if (tied.length >= fewest)
          for (const rows of rowsOf) expect(rows.length).toBeGreaterThanOrEqual(fewest)
        for (const [band, rows] of rowsOf.entries())
          expect(Math.max(...(rowsOf[band - 1] ?? [-1]))).toBeLessThan(Math.min(...rows))
      },
    ),
  )
})

test('two heaps of scores: bins, means and calibration error by hand', () => {
  // Scores .2 with targets of mean .3, scores .8 with targets of mean .75; (10 · .1 + 20 · .05) / 30 = .0667.
  const score = Array.from({ length: 30 }, (_, row) => (row < 10 ? 0.2 : 0.8))
  const target = score.map((value, row) => (value === 0.2 ? 0.3 : 0.75) + (row % 2 === 0 ? 0.1 : -0.1))
  const { n, bins, calibrationError } = reliability(
    score,
    target,
    score.map((_, row) => row),
  )
  expect(n).toBe(30)
  expect(bins.map((bin) => bin.n)).toEqual([10, 20])
  expect(bins[0]!.predicted).toBeCloseTo(0.2, 12)
  expect(bins[1]!.predicted).toBeCloseTo(0.8, 12)
  expect(bins[0]!.observed.value).toBeCloseTo(0.3, 12)
  expect(bins[1]!.observed.value).toBeCloseTo(0.75, 12)
  expect(calibrationError).toBeCloseTo(2 / 30, 12)
  // ±1.96 standard errors of the mean of ±.1 over 20 rows: .0438.
  expect(bins[1]!.observed.high - 0.75).toBeGreaterThan(0.03)
  expect(bins[1]!.observed.high - 0.75).toBeLessThan(0.06)
})

test('targets that are the scores have no calibration error; nor do no rows have any', () => {
  const score = Array.from({ length: 200 }, (_, row) => ((row * 37) % 200) / 200)
  const curve = reliability(
    score,
    score,
    score.map((_, row) => row),
  )
  expect(curve.bins).toHaveLength(10)
  expect(curve.bins.every((bin) => bin.n === 20)).toBe(true)
  expect(curve.calibrationError).toBeCloseTo(0, 12)
  expect(reliability([], [], [])).toEqual({ n: 0, bins: [], calibrationError: null })
})
