/** Below this share of the mean square, a spread is rounding and not spread. */
const negligible = 1e-12

/**
 * Pearson's product-moment correlation from sums over n rows; null where n < 3 or one side is constant.
 * Sums of values of moderate size around 0–1: the one-pass form loses nothing that matters here.
 */
export function pearsonFromSums(
  n: number,
  x: number,
  y: number,
  xx: number,
  yy: number,
  xy: number,
): number | null {
  const xSpread = n * xx - x * x
  const ySpread = n * yy - y * y
  if (n < 3 || xSpread <= negligible * n * xx || ySpread <= negligible * n * yy) return null
  return Math.min(1, Math.max(-1, (n * xy - x * y) / Math.sqrt(xSpread * ySpread)))
}

/** Pearson's correlation, −1 to 1; null where n < 3 or one side is constant. @throws RangeError on unequal lengths. */
export function pearson(left: ArrayLike<number>, right: ArrayLike<number>): number | null {
  if (left.length !== right.length)
    throw new RangeError(`${left.length} and ${right.length} values do not pair up`)
  const n = left.length
  const mean = (values: ArrayLike<number>): number => {
    let sum = 0
    for (let index = 0; index < n; index++) sum += values[index] ?? 0
    return sum / n
  }
  const leftMean = mean(left)
  const rightMean = mean(right)
  let xx = 0
  let yy = 0
  let xy = 0
  for (let index = 0; index < n; index++) {
    const x = (left[index] ?? 0) - leftMean
    const y = (right[index] ?? 0) - rightMean
    xx += x * x
    yy += y * y
    xy += x * y
  }
  const floor = (centre: number): number => negligible * n * centre * centre
  if (n < 3 || xx <= floor(leftMean) || yy <= floor(rightMean)) return null
  return Math.min(1, Math.max(-1, xy / Math.sqrt(xx * yy)))
}

/** Ranks from 1; equal values share the average of their ranks. */
export function averageRanks(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, index) => index).sort(
    (a, b) => (values[a] ?? 0) - (values[b] ?? 0),
  )
  const ranks = new Float64Array(values.length)
  for (let start = 0; start < order.length;) {
    let end = start + 1
    while (end < order.length && values[order[end] ?? 0] === values[order[start] ?? 0]) end += 1
    for (let place = start; place < end; place++) ranks[order[place] ?? 0] = (start + 1 + end) / 2
    start = end
  }
  return ranks
}

/** Spearman's rank correlation, ties averaged; null where n < 3 or one side is constant. */
export function spearman(left: ArrayLike<number>, right: ArrayLike<number>): number | null {
  return pearson(averageRanks(left), averageRanks(right))
}
