import type { BlendWeights } from '#shared/domain/run.ts'

/** The models that are blended, in the order of the weights' names. */
export const blendedModels = ['ridge', 'cosine', 'regression', 'interaction'] as const
export type BlendedModel = (typeof blendedModels)[number]

/** No model at all; the start of a blend of some. */
export const noBlend: BlendWeights = { ridge: 0, cosine: 0, regression: 0, interaction: 0 }

/**
 * The weights, ≥ 0 and summing to 1, whose mixture of out-of-fold scores is nearest to the targets in weighted squares
 * (stacked regressions: Breiman 1996). With four models at most, every subset is solved in closed form and the best
 * one without a negative weight is kept, which is exact.
 * @param scores of each model [rows]; models that are absent weigh 0.
 * @param target, weight [rows].
 */
export function fitBlend(
  scores: Readonly<Partial<Record<BlendedModel, ArrayLike<number>>>>,
  target: ArrayLike<number>,
  weight: ArrayLike<number>,
): BlendWeights {
  const present = blendedModels.filter((name) => scores[name] !== undefined)
  let best: { error: number; weights: BlendWeights } | null = null
  for (let subset = 1; subset < 2 ** present.length; subset++) {
    const names = present.filter((_, index) => (subset & (1 << index)) !== 0)
    const columns = names.map((name) => scores[name] ?? [])
    const solved = mixture(columns, target, weight)
    if (solved === null || solved.some((share) => share < 0)) continue
    const error = squares(columns, solved, target, weight)
    // A larger subset must be better by more than rounding.
    if (best !== null && error >= best.error * (1 - 1e-9)) continue
    const weights = { ...noBlend }
    for (const [index, name] of names.entries()) weights[name] = solved[index] ?? 0
    best = { error, weights }
  }
  if (best === null) throw new RangeError('There is no model to blend')
  return best.weights
}

/** Scores of a blend [rows]: Σ weight · score. */
export function blendScores(
  weights: BlendWeights,
  scores: Readonly<Partial<Record<BlendedModel, ArrayLike<number>>>>,
  rows: number,
): Float32Array {
  return Float32Array.from({ length: rows }, (_, row) =>
    blendedModels.reduce((sum, name) => {
      const share = weights[name]
      return share === 0 ? sum : sum + share * (scores[name]?.[row] ?? 0)
    }, 0),
  )
}

/** Shares summing to 1, of any sign, of least weighted squares; null where the columns say the same. */
function mixture(
  columns: readonly ArrayLike<number>[],
  target: ArrayLike<number>,
  weight: ArrayLike<number>,
): number[] | null {
  const [base, ...others] = columns
  if (base === undefined) return null
  // With the first column's share what the others leave, the others' shares explain target − base by other − base.
  const size = others.length
  const matrix = Array.from({ length: size }, () => new Float64Array(size + 1))
  for (let row = 0; row < target.length; row++) {
    const from = base[row] ?? 0
    const own = weight[row] ?? 0
    for (const [i, left] of others.entries()) {
      const a = own * ((left[row] ?? 0) - from)
      const line = matrix[i]
      if (line === undefined) continue
      for (const [j, right] of others.entries()) line[j] = (line[j] ?? 0) + a * ((right[row] ?? 0) - from)
      line[size] = (line[size] ?? 0) + a * ((target[row] ?? 0) - from)
    }
  }
  const shares = solve(matrix)
  if (shares === null) return null
  return [1 - shares.reduce((sum, share) => sum + share, 0), ...shares]
}

/** Gaussian elimination with pivots of a small system [size × (size + 1)]; null where it is singular. */
function solve(matrix: Float64Array[]): number[] | null {
  const size = matrix.length
  const largest = Math.max(1e-300, ...matrix.flatMap((line) => [...line.subarray(0, size)].map(Math.abs)))
  for (let column = 0; column < size; column++) {
    const rest = matrix.slice(column)
    const pivot = rest.reduce(
      (best, line, index) =>
        Math.abs(line[column] ?? 0) > Math.abs(rest[best]?.[column] ?? 0) ? index : best,
      0,
    )
    const [line, other] = [matrix[column], matrix[column + pivot]]
    if (line === undefined || other === undefined) return null
    matrix[column] = other
    matrix[column + pivot] = line
    const head = other[column] ?? 0
    if (Math.abs(head) < 1e-10 * largest) return null
    for (const [index, below] of matrix.entries()) {
      if (index === column) continue
      const factor = (below[column] ?? 0) / head
      for (let place = column; place <= size; place++)
        below[place] = (below[place] ?? 0) - factor * (other[place] ?? 0)
    }
  }
  return matrix.map((line, index) => (line[size] ?? 0) / (line[index] ?? 1))
}

function squares(
  columns: readonly ArrayLike<number>[],
  shares: readonly number[],
  target: ArrayLike<number>,
  weight: ArrayLike<number>,
): number {
  let sum = 0
  for (let row = 0; row < target.length; row++) {
    const score = columns.reduce(
      (total, column, index) => total + (shares[index] ?? 0) * (column[row] ?? 0),
      0,
    )
    sum += (weight[row] ?? 0) * (score - (target[row] ?? 0)) ** 2
  }
  return sum
}
