import { pairUp } from './pairUp.ts'

/** Under so many items with two ratings, the spread of their variances says too little of κ. */
const fewestItems = 20
/** κ where it cannot be estimated: the deviation of nine raters counts half. */
const fallbackKappa = 8
/** κ where variances differ no more than chance explains: that of nine raters still counts a sixth. */
const mostKappa = 40

/** Item deviations on the way to the mean one. */
export interface ShrunkDeviations {
  /** Null only where no item has two ratings [items]. */
  readonly deviation: Float64Array | null
  /** The number of ratings less one with which an item's own variance counts half. */
  readonly kappa: number
}

/**
 * Shrinks rater SDs of items towards the mean one, by the number of ratings: empirical Bayes on variances, in which an
 * item's own variance s² weighs w = (k − 1) / (k − 1 + κ) against the pooled variance m. The best linear weight (Bühlmann
 * 1967) has κ = 2(m² + τ²) / τ², since Var(s² | σ²) = 2σ⁴ / (k − 1) for normal ratings, where τ² is the variance of the
 * true variances σ². τ² follows by moments from Var(s²) = τ² + 2(m² + τ²) · mean of 1 / (k − 1). κ is 8 where fewer than
 * 20 items have two ratings, and never above 40.
 * @param deviation sample SD (n − 1 below) [items], ignored where there is one rating; @param ratings k ≥ 1 [items].
 * @throws RangeError on columns of unequal length.
 */
export function shrinkDeviations(deviation: ArrayLike<number>, ratings: ArrayLike<number>): ShrunkDeviations {
  const items = pairUp({ deviations: deviation.length, 'numbers of ratings': ratings.length })
  const variance = Float64Array.from({ length: items }, (_, item) => (deviation[item] ?? 0) ** 2)
  const freedom = Float64Array.from({ length: items }, (_, item) => Math.max(0, (ratings[item] ?? 0) - 1))
  const rated = [...freedom.keys()].filter((item) => (freedom[item] ?? 0) > 0)
  if (rated.length === 0) return { deviation: null, kappa: fallbackKappa }

  const sum = (of: (item: number) => number): number => rated.reduce((total, item) => total + of(item), 0)
  const pooled =
    sum((item) => (freedom[item] ?? 0) * (variance[item] ?? 0)) / sum((item) => freedom[item] ?? 0)
  const estimateKappa = (): number => {
    const spread = sum((item) => ((variance[item] ?? 0) - pooled) ** 2) / rated.length
    const noise = (2 * sum((item) => 1 / (freedom[item] ?? 1))) / rated.length
    const between = (spread - noise * pooled ** 2) / (1 + noise)
    return between <= 0 ? mostKappa : Math.min(mostKappa, (2 * (pooled ** 2 + between)) / between)
  }
  const kappa = rated.length < fewestItems ? fallbackKappa : estimateKappa()
  return {
    kappa,
    deviation: variance.map((own, item) => {
      const weight = (freedom[item] ?? 0) / ((freedom[item] ?? 0) + kappa)
      // One rating has no deviation, whatever the column holds.
      return Math.sqrt(weight === 0 ? pooled : weight * own + (1 - weight) * pooled)
    }),
  }
}
