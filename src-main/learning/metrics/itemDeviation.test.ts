import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { expect, test } from 'vitest'
import { itemDeviations } from './itemDeviation.ts'

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** @param lists one list of scores a pair. */
function shrink(lists: readonly (readonly number[])[]): ReturnType<typeof itemDeviations> {
  return itemDeviations({
    mean: lists.map(meanOf),
    deviation: lists.map((scores) => (scores.length < 2 ? 0 : deviationOf(scores))),
    ratings: lists.map(({ length }) => length),
  })
}

test('few pairs by hand', () => {
  const { deviation, kappa } = shrink([[0.4, 0.6], [0, 0.2], [0.9], []])
  // Both s² are .02, so that is pooled. M(1 − M): .25 + .01 = .26 and .09 + .01 = .1; φ = .02 / .18 = 1/9.
  const expected = (greatest: number): number => (2 / 3) * 0.02 + greatest / 27
  expect(kappa).toBe(8)
  expect(deviation![0]).toBeCloseTo(Math.sqrt((1 / 9) * 0.02 + (8 / 9) * expected(0.26)), 12)
  expect(deviation![1]).toBeCloseTo(Math.sqrt((1 / 9) * 0.02 + (8 / 9) * expected(0.1)), 12)
  // One score: .9 · .1 and the pooled variance. None: the pooled deviation.
  expect(deviation![2]).toBeCloseTo(Math.sqrt(expected(0.11)), 12)
  expect(deviation![3]).toBeCloseTo(Math.sqrt(0.02), 12)
})

test('bad ground: no two scores, all the same, all at an end', () => {
  expect(shrink([])).toEqual({ deviation: null, kappa: 8 })
  expect(shrink([[0.3], []]).deviation).toBeNull()
  const same = (score: number): number[][] => Array.from({ length: 30 }, () => [score, score, score])
  for (const score of [0, 0.3, 1])
    for (const own of shrink(same(score)).deviation!) expect(own).toBeCloseTo(0, 7)
  expect([...shrink([[0, 0], [1], [1, 1]]).deviation!]).toEqual([0, 0, 0])
})

const random = xoroshiro128plus(11)
const uniform = (): number => 1 - uniformFloat64(random)
/** Box & Muller 1958. */
const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())

function deviationOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}

function pearson(left: readonly number[], right: readonly number[]): number {
  const standard = (values: readonly number[]): number[] => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    return values.map((value) => (value - mean) / deviationOf(values))
  }
  const [x, y] = [standard(left), standard(right)]
  return x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0) / (x.length - 1)
}

function error(left: readonly number[], right: readonly number[]): number {
  const squares = left.map((value, index) => (value - (right[index] ?? 0)) ** 2)
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length)
}

/** SD of the first scores, raw and shrunk, beside the SD of sixty more from the same pair. */
function beside(
  raters: number,
  drawOf: () => () => number,
): Record<'raw' | 'shrunk' | 'right', readonly number[]> {
  const scores = (count: number, draw: () => number): number[] => Array.from({ length: count }, draw)
  const rated = Array.from({ length: 1500 }, () => {
    const draw = drawOf()
    return { few: scores(raters, draw), many: scores(60, draw) }
  })
  return {
    raw: rated.map(({ few }) => deviationOf(few)),
    shrunk: [...shrink(rated.map(({ few }) => few)).deviation!],
    right: rated.map(({ many }) => deviationOf(many)),
  }
}

/** Between 0 and 1, two-sided power distributions about a centre: the spread falls towards the ends. */
const towardsEnds = (): (() => number) => {
  const [centre, width] = [uniform(), 0.3 + 0.7 * uniform()]
  return () => {
    const to = uniform() < centre ? 1 : 0
    return centre + width * (to - centre) * Math.sqrt(uniform())
  }
}

test.each([2, 3, 5])('of %i scores: nearer to what many say, in size and in order', (raters) => {
  const { raw, shrunk, right } = beside(raters, towardsEnds)
  expect(error(shrunk, right)).toBeLessThan(0.7 * error(raw, right))
  expect(pearson(shrunk, right)).toBeGreaterThan(pearson(raw, right) + 0.005)
})

test('where the spread has nothing to do with the mean: nearer all the same', () => {
  const { raw, shrunk, right } = beside(3, () => {
    const [centre, width] = [0.4 + 0.2 * uniform(), 0.02 + 0.13 * uniform()]
    return () => Math.min(1, Math.max(0, centre + width * normal()))
  })
  expect(error(shrunk, right)).toBeLessThan(0.9 * error(raw, right))
})

test('the more have scored a pair, the more its own scores say', () => {
  const others = Array.from({ length: 400 }, (_, pair) => {
    const width = (0.3 * pair) / 399
    return [0.5 - width, 0.5, 0.5 + width]
  })
  const kept = [2, 4, 8, 20].map((n) => {
    const scores = Array.from({ length: n }, (_, index) => (index % 2 === 0 ? 0.1 : 0.9))
    return shrink([...others, scores]).deviation![400]! / deviationOf(scores)
  })
  expect(kept).toEqual(kept.toSorted((left, right) => left - right))
  expect(kept[0]).toBeLessThan(0.6)
  expect(kept[3]).toBeGreaterThan(0.65)
})
