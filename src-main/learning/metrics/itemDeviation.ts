import { pairUp } from './pairUp.ts'

/** Under so many pairs with two scores, the spread of their variances says too little of κ. */
const fewestPairs = 20
/** κ where it cannot be estimated: the variance of nine raters counts half. */
const fallbackKappa = 8
/** κ where variances differ no more than chance explains: that of nine raters still counts a sixth. */
const mostKappa = 40
/**
 * How much of what a variance is shrunk to follows from the mean. Scores end at 0 and 1, so that people differ less where
 * the mean is near an end; but the mean of a few raters is unsure itself, and people can agree in the middle, too.
 */
const byMean = 1 / 3

/** What is known of each pair's scores [pairs] each. */
export interface PairScores {
  /** Mean of the scores, 0–1; whatever where there are none. */
  readonly mean: ArrayLike<number>
  /** Standard deviation (n − 1 below); ignored where there is one score or none. */
  readonly deviation: ArrayLike<number>
  /** How many scores. */
  readonly ratings: ArrayLike<number>
}

/** Standard deviations of pairs' scores, as very many raters would have them. */
export interface ItemDeviations {
  /** 0–.5 or little more [pairs]; null only where no pair has two scores. */
  readonly deviation: Float64Array | null
  /** The number of scores less one with which a pair's own variance counts half. */
  readonly kappa: number
}

/**
 * Shrinks the variance s² of each pair's n scores: it weighs (n − 1) / (n − 1 + κ), against what is to be expected of the
 * pair. That is, for two thirds the variance m pooled over pairs, and for a third the same share φ for every pair of the
 * greatest variance that its mean allows, M(1 − M); the mean ȳ of n scores estimates that without bias as
 * ȳ(1 − ȳ) + s² / n, and φ is such that expected variances have the mean m. κ is Bühlmann's (1967) for normal scores,
 * 2(m² + τ²) / τ² with the variance τ² of the true variances from Var(s²) = τ² + 2(m² + τ²) · mean of 1 / (n − 1); it is 8
 * where fewer than 20 pairs have two scores, and never above 40.
 * A pair with one score gets what is expected, one without any the pooled deviation.
 * @throws RangeError on columns of unequal length.
 */
export function itemDeviations({ mean, deviation, ratings: count }: PairScores): ItemDeviations {
  const pairs = pairUp({
    means: mean.length,
    deviations: deviation.length,
    'numbers of ratings': count.length,
  })
  const variance = new Float64Array(pairs)
  let [rated, freedom, scatter, inverse] = [0, 0, 0, 0]
  for (let pair = 0; pair < pairs; pair++) {
    const n = count[pair] ?? 0
    if (n < 2) continue
    const own = (deviation[pair] ?? 0) ** 2
    variance[pair] = own
    scatter += (n - 1) * own
    freedom += n - 1
    inverse += 1 / (n - 1)
    rated += 1
  }
  if (rated === 0) return { deviation: null, kappa: fallbackKappa }
  const pooled = scatter / freedom

  /** Estimate of M(1 − M), from one score with the pooled variance in place of its own. */
  const greatest = (pair: number): number => {
    const n = count[pair] ?? 0
    const own = mean[pair] ?? 0
    return own * (1 - own) + (n < 2 ? pooled : (variance[pair] ?? 0) / n)
  }
  let [apart, allowed] = [0, 0]
  for (let pair = 0; pair < pairs; pair++) {
    if ((count[pair] ?? 0) < 2) continue
    apart += ((variance[pair] ?? 0) - pooled) ** 2
    allowed += greatest(pair)
  }
  // Where all scores are 0 or all are 1 nothing is allowed, and nothing is pooled either.
  const share = allowed <= 0 ? 0 : (pooled * rated) / allowed
  const noise = (2 * inverse) / rated
  const between = (apart / rated - noise * pooled ** 2) / (1 + noise)
  const estimated = between <= 0 ? mostKappa : Math.min(mostKappa, (2 * (pooled ** 2 + between)) / between)
  const kappa = rated < fewestPairs ? fallbackKappa : estimated
  return {
    kappa,
    deviation: variance.map((own, pair) => {
      const n = count[pair] ?? 0
      if (n === 0) return Math.sqrt(pooled)
      const expected = (1 - byMean) * pooled + byMean * share * Math.max(0, greatest(pair))
      const weight = (n - 1) / (n - 1 + kappa)
      return Math.sqrt(weight * own + (1 - weight) * expected)
    }),
  }
}
