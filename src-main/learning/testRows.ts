import { createRandom } from './random.ts'
import type { LabelledPairs } from './trainContract.ts'

/** Pairs of random unit vectors of which the target is a noisy, rising function of the cosine; for tests. */
export function syntheticRows(rows: number, dimension: number, seed: number): LabelledPairs {
  const random = createRandom(seed, 'rows')
  const premise = new Float32Array(rows * dimension)
  const hypothesis = new Float32Array(rows * dimension)
  const target = new Float32Array(rows)
  for (let row = 0; row < rows; row++) {
    const share = random.uniform()
    const own = premise.subarray(row * dimension, (row + 1) * dimension)
    const other = hypothesis.subarray(row * dimension, (row + 1) * dimension)
    for (let index = 0; index < dimension; index++) {
      own[index] = random.uniform() - 0.5
      other[index] = share * (own[index] ?? 0) + (1 - share) * (random.uniform() - 0.5)
    }
    for (const vector of [own, other]) {
      const length = Math.hypot(...vector)
      vector.forEach((value, index) => (vector[index] = value / length))
    }
    target[row] = Math.min(1, Math.max(0, share + 0.1 * (random.uniform() - 0.5)))
  }
  return {
    dimension,
    premise,
    hypothesis,
    target,
    weight: new Float32Array(rows).fill(1),
    group: Int32Array.from({ length: rows }, (_, row) => Math.floor(row / 2)),
    tokens: null,
    deviation: new Float32Array(rows),
    ratings: new Int32Array(rows).fill(1),
    classes: null,
  }
}
