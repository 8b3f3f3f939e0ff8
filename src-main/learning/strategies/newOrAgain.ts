/** What is known of a pair when the next question is to be spent. */
export interface PairState {
  /** Raters that have scored it. */
  readonly ratings: number
  /** Variance of the ensemble members' scores of it. */
  readonly variance: number
  /** Standard deviation (n − 1) of its raters' scores; null under two. */
  readonly deviation: number | null
  /** What that is expected to be: of similar pairs, or the pair's own shrunk towards them. */
  readonly expectedDeviation: number
  /** |consensus − score out of fold|; null where it has no rating or no model has scored it so. */
  readonly surprise: number | null
}

/** From what on a question is worth a person's time. */
export interface SpendingPolicy {
  /** Variance of the members from which on a new pair teaches: the median of the pool's, for one. */
  readonly highVariance: number
  /** Half of a consensus's 95% interval from which on it is wide. */
  readonly wideInterval: number
  /** Standard deviation of raters' scores from which on a pair is ambiguous. */
  readonly ambiguousDeviation: number
  /** Root mean square of `surprise` over the rated pairs; null without. */
  readonly usualSurprise: number | null
}

/** What to do about a pair, and why, in words. */
export interface Question {
  readonly ask: 'new-pair' | 'another-rating' | 'accept-ambiguity' | 'nothing'
  readonly reason: string
  /** Half of the consensus's 95% interval; null where it has no rating. */
  readonly halfWidth: number | null
}

/** The expected deviation counts as much as so many ratings beside one surprise. */
const expectationWeight = 4
/** Of a normal distribution: 95% lie within so many standard deviations, and below so many. */
const twoSided = 1.959964
const oneSided = 1.644854

/**
 * Decides for one pair. Without a rating: a new pair where the heads differ, else nothing. With ratings: accept the
 * ambiguity where the spread is wide and stable, which is where even the lower end of its one-sided 95% interval is
 * wide; else another rating where the consensus's interval is wide; else nothing, as it is settled.
 */
export function newOrAgain(state: PairState, policy: SpendingPolicy): Question {
  const { ratings, variance, deviation } = state
  if (ratings === 0) {
    const differ = `the heads' standard deviation is ${Math.sqrt(variance).toFixed(2)}`
    return variance >= policy.highVariance && variance > 0
      ? { ask: 'new-pair', reason: `Nobody has rated it, and ${differ}.`, halfWidth: null }
      : { ask: 'nothing', reason: `The heads agree on it: ${differ}.`, halfWidth: null }
  }
  const halfWidth = (twoSided * ratingDeviation(state, policy)) / Math.sqrt(ratings)
  const raters = ratings === 1 ? '1 rater' : `${ratings} raters`
  if (deviation !== null && lowestDeviation(deviation, ratings) >= policy.ambiguousDeviation)
    return {
      ask: 'accept-ambiguity',
      reason: `${raters} differ by a standard deviation of ${deviation.toFixed(2)}, and more would not change that.`,
      halfWidth,
    }
  if (halfWidth >= policy.wideInterval) {
    const { surprise } = state
    const isSurprising = surprise !== null && surprise > (policy.usualSurprise ?? Infinity)
    // Half the scale or more to either side says nothing.
    const known = halfWidth >= 0.5 ? 'hardly known' : `known to ±${halfWidth.toFixed(2)} only`
    const beside = isSurprising ? `, and the model expected a score ${surprise.toFixed(2)} away` : ''
    return {
      ask: 'another-rating',
      reason: `With ${raters} its consensus is ${known}${beside}.`,
      halfWidth,
    }
  }
  return {
    ask: 'nothing',
    reason: `With ${raters} its consensus is known to ±${halfWidth.toFixed(2)}.`,
    halfWidth,
  }
}

/**
 * The standard deviation that one more rating of the pair is expected to have: the expected one, widened where the
 * consensus surprises the model more than usual, and narrowed where it surprises less. A squared surprise over its mean
 * has mean 1, as a variance over its expectation, so the two average to the pair's own variance.
 */
function ratingDeviation(
  { expectedDeviation, surprise }: PairState,
  { usualSurprise }: SpendingPolicy,
): number {
  if (surprise === null || usualSurprise === null || usualSurprise === 0) return expectedDeviation
  const relative = (surprise / usualSurprise) ** 2
  return expectedDeviation * Math.sqrt((expectationWeight + relative) / (expectationWeight + 1))
}

/**
 * The lower end of the one-sided 95% interval of a standard deviation of normal values: s · √((n − 1) / χ²), with the
 * quantile of χ² by Wilson & Hilferty 1931.
 */
export function lowestDeviation(deviation: number, ratings: number): number {
  const freedom = ratings - 1
  if (freedom < 1) return 0
  const ninth = 2 / (9 * freedom)
  const quantile = freedom * (1 - ninth + oneSided * Math.sqrt(ninth)) ** 3
  return deviation * Math.sqrt(freedom / quantile)
}
