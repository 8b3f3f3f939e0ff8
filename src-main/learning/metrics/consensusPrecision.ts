/**
 * How much each row's consensus is to count for: the precision of a mean of n raters' scores around what a model can
 * know, 1 / (τ² + σ² / n), with the two variances taken as equal, since neither is known before the training; scaled to
 * mean 1. One rater's score so weighs half of what very many raters' mean does.
 * @param ratings raters of each row, at least 1 [rows].
 */
export function consensusPrecision(ratings: ArrayLike<number>): Float32Array {
  const rows = ratings.length
  const precision = Float32Array.from({ length: rows }, (_, row) => {
    const raters = Math.max(1, ratings[row] ?? 1)
    return raters / (raters + 1)
  })
  const mean = precision.reduce((sum, value) => sum + value, 0) / Math.max(1, rows)
  return precision.map((value) => value / mean)
}
