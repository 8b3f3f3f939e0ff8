import type { HeadSize, Head } from '../heads/head.ts'
import { createRandom } from '../random.ts'

/** Extra length of the mask pool: from how many places a mask may begin. */
export const maskStarts = 1 << 18

/**
 * The first weights of each parameter, by name; every member draws from a stream of its own, so the weights of a
 * member do not depend on how many others there are.
 */
export function initialParameters(head: Head, size: HeadSize, seed: number): Map<string, Float32Array> {
  return new Map(
    head.parameters(size).map(({ name, shape: [members, rows, columns], initial }) => {
      const values = new Float32Array(members * rows * columns)
      if (initial.kind === 'constant') return [name, values.fill(initial.value)]
      for (let member = 0; member < members; member++) {
        const random = createRandom(seed, 'initial', name, member)
        const start = member * rows * columns
        for (let index = start; index < start + rows * columns; index++)
          values[index] = (2 * random.uniform() - 1) * initial.bound
      }
      return [name, values]
    }),
  )
}

/** Multipliers of dropout from which each step cuts its mask: 0, or 1 / (1 − dropout). */
export function createMaskPool(length: number, dropout: number, seed: number): Float32Array {
  const random = createRandom(seed, 'dropout')
  const kept = 1 / (1 - dropout)
  return Float32Array.from({ length: length + maskStarts }, () => (random.uniform() < dropout ? 0 : kept))
}

/**
 * Weights of each row for each member [members × rows]: the row's own weight times a draw of the Bayesian bootstrap
 * (Rubin 1981; exponential with mean 1, scaled so that the draws of a member average 1).
 */
export function memberWeights(weight: Float32Array, members: number, seed: number): Float32Array {
  const rows = weight.length
  const all = new Float32Array(members * rows)
  for (let member = 0; member < members; member++) {
    const random = createRandom(seed, 'bootstrap', member)
    const draws = Float64Array.from({ length: rows }, () => random.exponential())
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / rows
    // A batch whose weights were all zero would have no loss.
    draws.forEach(
      (draw, row) => (all[member * rows + row] = Math.max((draw / mean) * (weight[row] ?? 1), 1e-6)),
    )
  }
  return all
}
