import { createRandom } from '../random.ts'
import { dotAt } from './denseMatrix.ts'
import type { DualModel, GrowingRidge } from './growingRidge.ts'

/** How close a member's system is solved, relative to its right side: far below what members differ by. */
const tolerance = 1e-5
const mostIterations = 300

/** Ridge regressions of one strength, each with own weights of the rows. */
export interface BootstrapMembers {
  /** Weighs new labelled pairs. @param keys what a row's weights are drawn by, such as its pair [added]. */
  add(keys: ArrayLike<number>): void
  /** Fits every member with the strength λ to the ridge's rows. */
  fit(ridge: GrowingRidge, lambda: number): DualModel[]
}

/**
 * An ensemble by the Bayesian bootstrap (Rubin 1981), as that of the regression heads: each member weighs each row by an
 * exponential variable. The systems of Wᵐ^½ K Wᵐ^½ + λI, on the weights that sum to 0 as the free bias wants it, are
 * solved by conjugate gradients from the solution with fewer labels. A weight depends on seed, member and pair alone, so
 * members stay themselves as labels come.
 */
export function createBootstrapMembers(members: number, seed: number): BootstrapMembers {
  const drawn: number[][] = Array.from({ length: members }, () => [])
  const solutions: Float64Array[] = Array.from({ length: members }, () => new Float64Array())
  return {
    add(keys) {
      for (const [member, own] of drawn.entries())
        for (const key of Array.from(keys)) own.push(createRandom(seed, 'member', member, key).exponential())
    },
    fit(ridge, lambda) {
      return drawn.map((own, member) => {
        const model = fitMember(ridge, lambda, own, solutions[member] ?? new Float64Array())
        solutions[member] = model.weight
        return model
      })
    },
  }
}

/** @param start weights of an earlier solution with the first of the rows. */
function fitMember(
  { products, capacity, rows }: GrowingRidge,
  lambda: number,
  drawn: readonly number[],
  start: Float64Array,
): DualModel {
  const size = rows.length
  // Not 0, by which the start is divided.
  const root = Float64Array.from(rows, ({ weight }, row) =>
    Math.sqrt(Math.max(1e-6, weight * (drawn[row] ?? 1))),
  )
  const rootSquare = dotAt(root, 0, root, 0, size)
  const project = (vector: Float64Array): Float64Array => {
    const share = dotAt(root, 0, vector, 0, size) / rootSquare
    return vector.map((value, row) => value - share * (root[row] ?? 0))
  }
  const scaled = new Float64Array(size)
  const multiply = (vector: Float64Array): Float64Array => {
    for (let row = 0; row < size; row++) scaled[row] = (root[row] ?? 0) * (vector[row] ?? 0)
    return vector.map(
      (value, row) => (root[row] ?? 0) * dotAt(products, row * capacity, scaled, 0, size) + lambda * value,
    )
  }
  const right = Float64Array.from(rows, ({ target }, row) => (root[row] ?? 0) * target)
  const solution = project(Float64Array.from(rows, (_, row) => (start[row] ?? 0) / (root[row] ?? 1)))
  const residual = project(minus(right, multiply(solution)))
  const wanted = project(right)
  const direction = Float64Array.from(residual)
  let square = dotAt(residual, 0, residual, 0, size)
  const limit = tolerance ** 2 * dotAt(wanted, 0, wanted, 0, size)
  for (let iteration = 0; iteration < mostIterations && square > limit; iteration++) {
    const product = project(multiply(direction))
    const step = square / dotAt(direction, 0, product, 0, size)
    for (let row = 0; row < size; row++) {
      solution[row] = (solution[row] ?? 0) + step * (direction[row] ?? 0)
      residual[row] = (residual[row] ?? 0) - step * (product[row] ?? 0)
    }
    const next = dotAt(residual, 0, residual, 0, size)
    const turn = next / square
    square = next
    for (let row = 0; row < size; row++) direction[row] = (residual[row] ?? 0) + turn * (direction[row] ?? 0)
  }
  const bias = dotAt(root, 0, minus(right, multiply(solution)), 0, size) / rootSquare
  return { weight: solution.map((value, row) => value * (root[row] ?? 0)), bias }
}

function minus(left: Float64Array, right: Float64Array): Float64Array {
  return left.map((value, row) => value - (right[row] ?? 0))
}
