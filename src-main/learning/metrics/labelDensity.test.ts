import { expect, test } from 'vitest'
import { inverseDensityWeights } from './labelDensity.ts'

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length

test('even targets all weigh 1, at the ends too', () => {
  const weights = inverseDensityWeights(Array.from({ length: 400 }, (_, row) => (row + 0.5) / 400))
  for (const weight of weights) expect(weight).toBeCloseTo(1, 9)
})

test('two heaps far apart weigh inversely to their size', () => {
  // 30 at .1 and 10 at .9: weights w and 3w of mean 1 are 2/3 and 2.
  const weights = inverseDensityWeights(Array.from({ length: 40 }, (_, row) => (row < 30 ? 0.11 : 0.86)))
  expect(weights[0]).toBeCloseTo(2 / 3, 9)
  expect(weights[39]).toBeCloseTo(2, 9)
})

test('the window counts neighbours by the Gaussian of σ = 2 bins', () => {
  // Bins 10 (3 rows) and 12 (1 row): densities 3 + k and 1 + 3k of one window, k = exp(−1/2).
  const weights = inverseDensityWeights([10.5, 10.5, 10.5, 12.5].map((bin) => bin / 40))
  const k = Math.exp(-0.5)
  expect((weights[3] ?? 0) / (weights[0] ?? 1)).toBeCloseTo((3 + k) / (1 + 3 * k), 9)
})

test('scores heaped at 0 and 1: lone ones are clipped at 5, the mean stays 1', () => {
  const target = Array.from({ length: 1000 }, (_, row) =>
    row < 500 ? 0 : row < 998 ? 1 : 0.3 + (row % 2) / 5,
  )
  const weights = inverseDensityWeights(target)
  expect(mean(weights)).toBeCloseTo(1, 9)
  expect(weights[999]).toBe(5)
  expect(weights[0]).toBeCloseTo(990 / 998, 2)
  expect(inverseDensityWeights([])).toHaveLength(0)
  expect([...inverseDensityWeights([0.4])].map((weight) => Number(weight.toFixed(9)))).toEqual([1])
})
