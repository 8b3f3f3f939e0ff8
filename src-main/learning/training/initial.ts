import type { HeadSize, Head } from '../heads/head.ts'
import { createRandom } from '../random.ts'
import type { Folds } from './folds.ts'

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

/** Random numbers, 0–1, from which each step cuts those of its dropout masks. */
export function createMaskPool(length: number, seed: number): Float32Array {
  const random = createRandom(seed, 'dropout')
  return Float32Array.from({ length: length + maskStarts }, () => random.uniform())
}

/**
 * Weights of each row for each member [members × rows]: the row's own weight, where asked for times a draw of the Bayesian
 * bootstrap (Rubin 1981; exponential with mean 1, scaled so that the draws of a member average 1). A member does not see
 * the rows of its own fold, so that what it says of them is out of fold.
 */
export function memberWeights(
  weight: Float32Array,
  members: number,
  options: { readonly seed: number; readonly bootstrap: boolean; readonly folds: Folds | null },
): Float32Array {
  const { seed, bootstrap, folds } = options
  const rows = weight.length
  const all = new Float32Array(members * rows)
  for (let member = 0; member < members; member++) {
    const random = createRandom(seed, 'bootstrap', member)
    const draws = Float64Array.from({ length: rows }, () => (bootstrap ? random.exponential() : 1))
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / rows
    for (const [row, draw] of draws.entries()) {
      const heldOut = folds !== null && folds.of[row] === member % folds.count
      all[member * rows + row] = heldOut ? 0 : (draw / mean) * (weight[row] ?? 1)
    }
  }
  return all
}
