import fc from 'fast-check'
import { expect, test } from 'vitest'
import { riskCoverageCurve } from '#shared/domain/judging.ts'
import { percentileInterval, resampleGroups } from './bootstrap.ts'
import { aurcDifference, riskCoverage } from './riskCoverage.ts'

const rowsOf = (values: readonly unknown[]): number[] => values.map((_, row) => row)

/** Mean of the risks at all coverages in the order given. */
function areaInOrder(loss: readonly number[]): number {
  let lost = 0
  let area = 0
  for (const [place, value] of loss.entries()) {
    lost += value
    area += lost / (place + 1)
  }
  return area / loss.length
}

function permutations<T>(values: readonly T[]): T[][] {
  if (values.length < 2) return [[...values]]
  return values.flatMap((first, index) =>
    permutations(values.filter((_, other) => other !== index)).map((rest) => [first, ...rest]),
  )
}

/** Over all orders in which the uncertainty never falls. */
function expectedArea(rows: readonly { uncertainty: number; loss: number }[]): number {
  const areas = permutations(rows)
    .filter((order) => order.every((row, at) => at === 0 || order[at - 1]!.uncertainty <= row.uncertainty))
    .map((order) => areaInOrder(order.map(({ loss }) => loss)))
  return areas.reduce((sum, area) => sum + area, 0) / areas.length
}

test('four rows by hand', () => {
  // Risks 0, 1/2, 1/3, 1/2; in the best order 0, 0, 1/3, 1/2.
  const curve = riskCoverage([0.4, 0.1, 0.2, 0.3], [1, 0, 1, 0], [1, 2, 3, 4])
  expect(curve.points.map(({ coverage }) => coverage)).toEqual([0.25, 0.5, 0.75, 1])
  expect(curve.points.map(({ risk }) => Number(risk.toFixed(6)))).toEqual([0, 0.5, 0.333333, 0.5])
  expect(curve.aurc?.value).toBeCloseTo(4 / 3 / 4, 12)
  expect(curve.excessAurc).toBeCloseTo(4 / 3 / 4 - 5 / 6 / 4, 12)
  expect(curve.riskAt80).toBe(0.5)
  expect(riskCoverage([], [], [])).toEqual({ n: 0, points: [], aurc: null, excessAurc: null, riskAt80: null })
})

test('a perfect order of 20% wrong rows: the area of Geifman, Uziel and El-Yaniv, r + (1 − r) ln(1 − r)', () => {
  const wrong = Array.from({ length: 5000 }, (_, row) => Number(row % 5 === 0))
  const curve = riskCoverage(wrong, wrong, rowsOf(wrong))
  expect(curve.aurc?.value).toBeCloseTo(0.2 + 0.8 * Math.log(0.8), 3)
  expect(curve.excessAurc).toBe(0)
  expect(curve.riskAt80).toBe(0)
  expect(curve.points).toHaveLength(100)
  expect(curve.points.at(-1)).toEqual({ coverage: 1, risk: 0.2 })
})

test('a signal that says nothing has the base risk everywhere', () => {
  const wrong = Array.from({ length: 50 }, (_, row) => Number(row < 10))
  const curve = riskCoverage(new Float32Array(50), wrong, rowsOf(wrong))
  expect(curve.points.every(({ risk }) => Math.abs(risk - 0.2) < 1e-12)).toBe(true)
  expect(curve.aurc?.value).toBeCloseTo(0.2, 12)
})

const someRows = fc.array(
  fc.record({ uncertainty: fc.integer({ min: 0, max: 3 }), loss: fc.integer({ min: 0, max: 4 }) }),
  { minLength: 1, maxLength: 5 },
)

test('ties count as the mean over all their orders, and no order is better than the best', () => {
  fc.assert(
    fc.property(someRows, (rows) => {
      const loss = rows.map((row) => row.loss)
      const curve = riskCoverage(
        rows.map((row) => row.uncertainty),
        loss,
        rowsOf(rows),
      )
      expect(riskCoverageCurve.parse(curve)).toEqual(curve)
      const { aurc, excessAurc } = curve
      expect(aurc?.value).toBeCloseTo(expectedArea(rows), 10)
      const best = Math.min(...permutations(loss).map(areaInOrder))
      expect(excessAurc).toBeCloseTo(expectedArea(rows) - best, 10)
    }),
    { numRuns: 40 },
  )
})

test('the interval is that of the area of the drawn copies', () => {
  const rows = [
    { uncertainty: 1, loss: 0.1 },
    { uncertainty: 2, loss: 0.6 },
    { uncertainty: 2, loss: 0.2 },
    { uncertainty: 3, loss: 0.4 },
    { uncertainty: 4, loss: 0.9 },
  ]
  const group = [0, 0, 1, 2, 2]
  const { area } = resampleGroups(
    3,
    (drawn) => ({
      area: expectedAreaOf([...drawn].flatMap((number) => rows.filter((_, row) => group[row] === number))),
    }),
    42,
  )
  const { aurc } = riskCoverage(
    rows.map((row) => row.uncertainty),
    rows.map((row) => row.loss),
    group,
  )
  const expected = percentileInterval(expectedArea(rows), area)!
  expect(aurc?.low).toBeCloseTo(expected.low, 10)
  expect(aurc?.high).toBeCloseTo(expected.high, 10)
})

/** As `expectedArea`, of more copies than have countable orders: each tied copy as the mean loss of its tie. */
function expectedAreaOf(copies: readonly { uncertainty: number; loss: number }[]): number {
  const sorted = [...copies].sort((a, b) => a.uncertainty - b.uncertainty)
  return areaInOrder(
    sorted.map(({ uncertainty }) => {
      const tied = sorted.filter((other) => other.uncertainty === uncertainty)
      return tied.reduce((sum, { loss }) => sum + loss, 0) / tied.length
    }),
  )
}

test('the difference of two signals is below 0 where the first is better, and its interval is of pairs', () => {
  const loss = Array.from({ length: 400 }, (_, row) => ((row * 37) % 400) / 400)
  const noisy = (size: number, pace: number): number[] =>
    loss.map((value, row) => value + size * Math.sin(row * pace))
  const better = aurcDifference(noisy(0.1, 7), noisy(2, 11), loss, rowsOf(loss))!
  expect(better.high).toBeLessThan(0)
  const worse = aurcDifference(noisy(2, 11), noisy(0.1, 7), loss, rowsOf(loss))!
  expect(worse.value).toBeCloseTo(-better.value, 12)
  expect(worse.low).toBeCloseTo(-better.high, 12)
  expect(aurcDifference(loss, loss, loss, rowsOf(loss))).toEqual({ value: 0, low: 0, high: 0 })
  expect(aurcDifference([], [], [], [])).toBeNull()
})
