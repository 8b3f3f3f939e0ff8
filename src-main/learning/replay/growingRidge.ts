import { ridgeLambdas } from '../baselines/ridge.ts'
import { chooseStrength, judgeStrength } from './chooseStrength.ts'
import { dotAt, invertSmall } from './denseMatrix.ts'
import { addRows, addToDiagonal, createGrowingInverse } from './growingInverse.ts'

/** A score: bias + Σ over labelled pairs of `weight` · the product of their features. */
export interface DualModel {
  /** [labelled] */
  readonly weight: Float64Array
  readonly bias: number
}

/** What a fit says. */
export interface RidgeState extends DualModel {
  readonly lambda: number
  /** Scores of the labelled pairs by fits without their premise, 0–1 [labelled]. */
  readonly outOfFold: Float64Array
  /** Mean squared error of those. */
  readonly squaredError: number
}

/** A labelled pair on its way into a fit. */
export interface NewRow {
  readonly target: number
  /** Precision of the target; 1 is neutral. */
  readonly weight: number
  /** Equal numbers share a premise. */
  readonly group: number
}

/** Ridge regression to which labels are added. */
export interface GrowingRidge {
  /** Products of the labelled pairs [capacity × capacity], rows `capacity` apart. */
  readonly products: Float64Array
  readonly capacity: number
  readonly rows: readonly NewRow[]
  /** @param products for each new pair its products with all labelled pairs, the new ones included, in their order. */
  add(rows: readonly NewRow[], products: readonly ArrayLike<number>[]): void
  /** Gives a labelled pair another target and weight. */
  change(row: number, target: number, weight: number): void
  /** Fits with the strength that `chooseStrength` chooses by scores out of fold. */
  fit(): RidgeState
  /** A fit to other targets [rows] with the strength that the last `fit` chose. */
  fitTo(target: Float64Array): DualModel
}

/** In a premise with more labelled pairs, so many at a time are left out: all at once would take too long. */
const mostLeftOut = 100

/**
 * Ridge regression on pooled features as the project fits it (free bias, λ of `ridgeLambdas`), but in
 * products of features, and with the inverse of (K + λ W⁻¹) kept for each λ as rows come: with A that inverse, s = 1ᵀA1 and
 * B = A − A11ᵀA / s, the weights are α = B y, the bias 1ᵀA y / s. λ is chosen by leaving each premise out, in closed form:
 * the residuals of a left-out block g are B_gg⁻¹ α_g (Rifkin & Lippert 2007 for single rows; the bordered system for the
 * bias). Fifty fits from 20 to 1,000 labels with nine λ take some seconds.
 * @param capacity most labelled pairs.
 */
export function createGrowingRidge(capacity: number): GrowingRidge {
  const products = new Float64Array(capacity * capacity)
  const rows: NewRow[] = []
  const inverses = ridgeLambdas.map((lambda) => ({ lambda, inverse: createGrowingInverse(capacity) }))
  let [chosen] = inverses

  const solve = ({ inverse }: (typeof inverses)[number], target: Float64Array): Solved => {
    const { values, stride, size } = inverse
    const ones = new Float64Array(size).fill(1)
    const sums = new Float64Array(size)
    const carried = new Float64Array(size)
    for (let row = 0; row < size; row++) {
      sums[row] = dotAt(values, row * stride, ones, 0, size)
      carried[row] = dotAt(values, row * stride, target, 0, size)
    }
    const total = dotAt(sums, 0, ones, 0, size)
    const bias = dotAt(sums, 0, target, 0, size) / total
    return { weight: carried.map((value, row) => value - (sums[row] ?? 0) * bias), bias, sums, total }
  }

  return {
    products,
    capacity,
    rows,
    add(added, own) {
      const before = rows.length
      rows.push(...added)
      for (const [place, product] of own.entries())
        for (let row = 0; row < before + added.length; row++) {
          products[(before + place) * capacity + row] = product[row] ?? 0
          products[row * capacity + before + place] = product[row] ?? 0
        }
      const cross = new Float64Array(added.length * before)
      const corner = new Float64Array(added.length ** 2)
      for (let place = 0; place < added.length; place++) {
        const start = (before + place) * capacity
        cross.set(products.subarray(start, start + before), place * before)
        corner.set(products.subarray(start + before, start + before + added.length), place * added.length)
      }
      for (const { lambda, inverse } of inverses) {
        const withDiagonal = Float64Array.from(corner)
        for (const [place, { weight }] of added.entries()) {
          const at = place * (added.length + 1)
          withDiagonal[at] = (withDiagonal[at] ?? 0) + lambda / weight
        }
        addRows(inverse, cross, withDiagonal)
      }
    },
    change(row, target, weight) {
      const before = rows[row]
      if (before === undefined) throw new RangeError(`There is no labelled row ${row}`)
      rows[row] = { ...before, target, weight }
      if (weight !== before.weight)
        for (const { lambda, inverse } of inverses)
          addToDiagonal(inverse, row, lambda / weight - lambda / before.weight)
    },
    fit() {
      const target = Float64Array.from(rows, (row) => row.target)
      const weight = rows.map((row) => row.weight)
      const blocks = leftOutTogether(rows)
      const tried = inverses.map((one) => {
        const solved = solve(one, target)
        const residual = leaveOut(one.inverse.values, one.inverse.stride, solved, blocks)
        const outOfFold = target.map((value, row) => Math.min(1, Math.max(0, value - (residual[row] ?? 0))))
        const squares = outOfFold.map((score, row) => (score - (target[row] ?? 0)) ** 2)
        return { one, solved, outOfFold, judged: judgeStrength(squares, weight) }
      })
      const best = tried[chooseStrength(tried.map(({ judged }) => judged))]
      if (best === undefined) throw new RangeError('Nothing is labelled')
      chosen = best.one
      const { solved, outOfFold, judged } = best
      return { lambda: best.one.lambda, ...solved, outOfFold, squaredError: judged.error }
    },
    fitTo(target) {
      if (chosen === undefined) throw new RangeError('Nothing is fitted')
      return solve(chosen, target)
    },
  }
}

interface Solved extends DualModel {
  /** A1 [rows] and 1ᵀA1. */
  readonly sums: Float64Array
  readonly total: number
}

/** The rows that are left out together: those of a premise, or single rows where all share one. */
function leftOutTogether(rows: readonly NewRow[]): number[][] {
  const blocks = new Map<number, number[]>()
  for (const [row, { group }] of rows.entries()) blocks.set(group, [...(blocks.get(group) ?? []), row])
  if (blocks.size === 1) return Array.from(rows.keys(), (row) => [row])
  return [...blocks.values()].flatMap((block) =>
    Array.from({ length: Math.ceil(block.length / mostLeftOut) }, (_, part) =>
      block.slice(part * mostLeftOut, (part + 1) * mostLeftOut),
    ),
  )
}

/** Target less score of each row by the fit without its block: B_gg⁻¹ α_g [rows]. */
function leaveOut(
  values: Float64Array,
  stride: number,
  { weight, sums, total }: Solved,
  blocks: readonly (readonly number[])[],
): Float64Array {
  const residual = new Float64Array(weight.length)
  for (const block of blocks) {
    const size = block.length
    const own = new Float64Array(size * size)
    for (const [place, row] of block.entries())
      for (const [other, column] of block.entries())
        own[place * size + other] =
          (values[row * stride + column] ?? 0) - ((sums[row] ?? 0) * (sums[column] ?? 0)) / total
    const inverse = invertSmall(own, size)
    for (const [place, row] of block.entries())
      residual[row] = block.reduce(
        (sum, column, other) => sum + (inverse[place * size + other] ?? 0) * (weight[column] ?? 0),
        0,
      )
  }
  return residual
}
