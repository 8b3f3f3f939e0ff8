import type { RatingTable } from './ratingTable.ts'

/** Variance of scores by where it comes from; a negative estimate counts as 0. */
export interface VarianceComponents {
  readonly pair: number
  readonly rater: number
  readonly residual: number
  /** Variance between and within pairs, whoever the raters are. */
  readonly oneWay: { readonly between: number; readonly within: number }
  /** Raters a pair has, as a mean that counts for variances: (N − Σnᵢ²/N) / (pairs − 1). */
  readonly k: number
}

/** Sums that a resample of pairs changes: by rater. */
interface RaterSums {
  readonly count: Float64Array
  readonly sum: Float64Array
}

/** Solves three linear equations by Cramer's rule; null where they say too little. */
function solve(
  rows: readonly (readonly [number, number, number, number])[],
): [number, number, number] | null {
  const [a, b, c] = rows
  if (a === undefined || b === undefined || c === undefined) return null
  const determinant = (x: number, y: number, z: number): number => {
    const at = (row: readonly number[], column: number): number => row[column] ?? 0
    return (
      at(a, x) * (at(b, y) * at(c, z) - at(b, z) * at(c, y)) -
      at(a, y) * (at(b, x) * at(c, z) - at(b, z) * at(c, x)) +
      at(a, z) * (at(b, x) * at(c, y) - at(b, y) * at(c, x))
    )
  }
  const whole = determinant(0, 1, 2)
  const size = Math.max(...rows.flatMap((row) => row.slice(0, 3).map(Math.abs)))
  if (Math.abs(whole) <= 1e-9 * size ** 3) return null
  return [determinant(3, 1, 2) / whole, determinant(0, 3, 2) / whole, determinant(0, 1, 3) / whole]
}

/**
 * Variance components of scores = mean + pair + rater + residual with missing cells, by Henderson's method I (Henderson
 * 1953, "Estimation of variance and covariance components"; Searle, Casella & McCulloch 1992, ch. 5): sums of squares
 * are set equal to their expectations. On complete data this is the analysis of variance.
 * @param table pairs with fewer than two scores must not be in it.
 * @param weight how often each pair counts [pairs], for a resample; each once where it is not given.
 * @returns null where too little overlaps to tell the components apart.
 */
export function varianceComponents(table: RatingTable, weight?: Int32Array): VarianceComponents | null {
  const { pairs, raters, pair, rater, score } = table
  const byRater: RaterSums = { count: new Float64Array(raters), sum: new Float64Array(raters) }
  let [n, total, squares, ofPairs, pairSquares, a] = [0, 0, 0, 0, 0, 0]
  for (let start = 0; start < pair.length;) {
    const own = pair[start] ?? 0
    const times = weight === undefined ? 1 : (weight[own] ?? 0)
    let [count, sum, square, end] = [0, 0, 0, start]
    for (; end < pair.length && pair[end] === own; end++) {
      const value = score[end] ?? 0
      const by = rater[end] ?? 0
      count += 1
      sum += value
      square += value * value
      byRater.count[by] = (byRater.count[by] ?? 0) + times
      byRater.sum[by] = (byRater.sum[by] ?? 0) + times * value
    }
    n += times * count
    total += times * sum
    squares += times * square
    ofPairs += (times * sum * sum) / count
    pairSquares += times * count * count
    a += times
    start = end
  }
  let [ofRaters, raterSquares, b] = [0, 0, 0]
  for (let by = 0; by < raters; by++) {
    const count = byRater.count[by] ?? 0
    if (count === 0) continue
    const sum = byRater.sum[by] ?? 0
    ofRaters += (sum * sum) / count
    raterSquares += count * count
    b += 1
  }
  if (n === 0 || a < 2 || b < 2 || n <= a || pairs === 0) return null
  const ofMean = (total * total) / n
  const [kPair, kRater] = [pairSquares / n, raterSquares / n]
  const found = solve([
    [n - kPair, a - kRater, a - 1, ofPairs - ofMean],
    [b - kPair, n - kRater, b - 1, ofRaters - ofMean],
    [kPair - b, kRater - a, n - a - b + 1, squares - ofPairs - ofRaters + ofMean],
  ])
  if (found === null) return null
  const [ofPair, ofRater, residual] = found.map((value) => Math.max(0, value))
  const k = (n - kPair) / (a - 1)
  const within = (squares - ofPairs) / (n - a)
  const between = (ofPairs - ofMean) / (a - 1)
  return {
    pair: ofPair ?? 0,
    rater: ofRater ?? 0,
    residual: residual ?? 0,
    oneWay: { between: Math.max(0, (between - within) / k), within },
    k,
  }
}

function share(part: number, rest: number): number | null {
  return part + rest <= 1e-12 ? null : part / (part + rest)
}

/** ICC(1) of Shrout & Fleiss 1979: reliability of one score where each pair has other raters; null without variance. */
export function iccOne({ oneWay: { between, within } }: VarianceComponents): number | null {
  return share(between, within)
}

/**
 * ICC(2,k) of Shrout & Fleiss 1979, absolute agreement: reliability of the mean of k raters drawn at random; null without
 * variance. For k = 1 that of one rater.
 */
export function iccTwo({ pair, rater, residual }: VarianceComponents, k: number): number | null {
  return share(pair, (rater + residual) / k)
}
