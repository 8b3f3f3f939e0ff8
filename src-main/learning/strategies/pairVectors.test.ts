import { expect, test } from 'vitest'
import { pearson } from '../metrics/correlation.ts'
import { syntheticRows } from '../testRows.ts'
import { dot } from './distances.ts'
import { pairVectors } from './pairVectors.ts'

/** The pooled features of one row, written out. */
function features(premise: Float32Array, hypothesis: Float32Array): Float32Array {
  const difference = premise.map((value, index) => Math.abs(value - (hypothesis[index] ?? 0)))
  const product = premise.map((value, index) => value * (hypothesis[index] ?? 0))
  const cosine = product.reduce((sum, value) => sum + value, 0)
  return Float32Array.of(...premise, ...hypothesis, ...difference, ...product, cosine)
}

test('distances between vectors are about those between the pooled features', () => {
  const dimension = 128
  const rows = 60
  const pairs = syntheticRows(rows, dimension, 4)
  const vectors = pairVectors(pairs)
  expect(vectors).toHaveLength(rows * dimension)
  const own = (side: Float32Array, row: number): Float32Array =>
    side.subarray(row * dimension, (row + 1) * dimension)
  const exact: number[] = []
  const sketched: number[] = []
  for (let row = 0; row < rows; row++)
    for (let other = 0; other < row; other++) {
      const [left, right] = [row, other].map((place) =>
        features(own(pairs.premise, place), own(pairs.hypothesis, place)),
      )
      const apart = left!.map((value, index) => value - right![index]!)
      exact.push(dot(apart, 0, apart, 0, apart.length))
      const near = own(vectors, row).map((value, index) => value - own(vectors, other)[index]!)
      sketched.push(dot(near, 0, near, 0, dimension))
    }
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  expect(mean(sketched) / mean(exact)).toBeCloseTo(1, 1)
  expect(pearson(sketched, exact)).toBeGreaterThan(0.7)
})
