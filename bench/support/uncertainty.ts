import { solveRidge } from '../../src-main/learning/baselines/normalEquations.ts'

/** Each value's place among those of its own part, 0 (the lowest) to 1, ties sharing the mean of their places [rows]. */
export function placesWithin(values: ArrayLike<number>, part: ArrayLike<number>): Float32Array {
  const places = new Float32Array(values.length)
  const rowsOf = new Map<number, number[]>()
  for (let row = 0; row < values.length; row++) {
    const own = rowsOf.get(part[row] ?? 0) ?? []
    own.push(row)
    rowsOf.set(part[row] ?? 0, own)
  }
  for (const rows of rowsOf.values()) {
    rows.sort((one, other) => (values[one] ?? 0) - (values[other] ?? 0))
    for (let start = 0; start < rows.length;) {
      let end = start + 1
      while (end < rows.length && values[rows[end] ?? 0] === values[rows[start] ?? 0]) end += 1
      for (const row of rows.slice(start, end))
        places[row] = (start + end - 1) / 2 / Math.max(1, rows.length - 1)
      start = end
    }
  }
  return places
}

const newtonSteps = 25
/** Next to thousands of rows of standardised columns nothing, and enough where two columns say the same. */
const penalty = 1e-3

/**
 * The log odds of being wrong by logistic regression on standardised columns, fitted on the rows it is then given for
 * [rows]: with hindsight, so no weighting of these columns that is learnt elsewhere is likely to order them much better.
 * Newton's method as reweighted least squares (McCullagh & Nelder 1989).
 * @param columns [rows] each; @param wrong [rows], some true and some false.
 */
export function hindsight(columns: readonly ArrayLike<number>[], wrong: readonly boolean[]): Float64Array {
  const rows = wrong.length
  const width = columns.length
  const features = standardise(columns, rows)
  const odds = new Float64Array(rows)
  for (let step = 0; step < newtonSteps; step++) {
    const sums = {
      width,
      weight: 0,
      feature: new Float64Array(width),
      target: 0,
      gram: new Float64Array(width * width),
      moment: new Float64Array(width),
    }
    for (let row = 0; row < rows; row++) {
      const own = features.subarray(row * width, (row + 1) * width)
      const chance = 1 / (1 + Math.exp(-(odds[row] ?? 0)))
      const weight = Math.max(1e-6, chance * (1 - chance))
      const aim = (odds[row] ?? 0) + (Number(wrong[row]) - chance) / weight
      sums.weight += weight
      sums.target += weight * aim
      for (const [i, left] of own.entries()) {
        sums.feature[i] = (sums.feature[i] ?? 0) + weight * left
        sums.moment[i] = (sums.moment[i] ?? 0) + weight * left * aim
        for (const [j, right] of own.entries())
          sums.gram[i * width + j] = (sums.gram[i * width + j] ?? 0) + weight * left * right
      }
    }
    const { weight, bias } = solveRidge(sums, penalty)
    for (let row = 0; row < rows; row++)
      odds[row] = weight.reduce(
        (sum, value, column) => sum + value * (features[row * width + column] ?? 0),
        bias,
      )
  }
  return odds
}

/** Columns with mean 0 and variance 1, row-major [rows × columns]; constant ones are 0. */
function standardise(columns: readonly ArrayLike<number>[], rows: number): Float64Array {
  const all = new Float64Array(rows * columns.length)
  for (const [index, column] of columns.entries()) {
    let [sum, squares] = [0, 0]
    for (let row = 0; row < rows; row++) sum += column[row] ?? 0
    const mean = sum / rows
    for (let row = 0; row < rows; row++) squares += ((column[row] ?? 0) - mean) ** 2
    const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares / rows)
    for (let row = 0; row < rows; row++)
      all[row * columns.length + index] = ((column[row] ?? 0) - mean) * scale
  }
  return all
}
