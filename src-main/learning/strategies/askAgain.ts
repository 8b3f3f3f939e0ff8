import { itemDeviations } from '../metrics/itemDeviation.ts'
import { newOrAgain } from './newOrAgain.ts'

/** The deviation of raters' scores while no pair has two: what the program takes as tolerance without a rater model. */
const deviationWithoutRaters = 0.15
/** A consensus is in doubt whose interval is wider than that of one usual rating by this factor. */
const widerThanUsual = 1.2
/** From such a deviation on, raters of a pair are of different minds rather than careless: twice the usual. */
const ambiguousFactor = 2
/** Half of a 95% interval, in standard deviations. */
const twoSided = 1.959964

/** What is known of a pair with a score. */
export interface RatedPair {
  /** Consensus, 0–1. */
  readonly target: number
  /** Ratings that it stands on, at least 1. */
  readonly ratings: number
  /** Standard deviation (n − 1) of those; null under two. */
  readonly deviation: number | null
  /** What a model expects that to be; null where none does: then other pairs tell. */
  readonly expectedDeviation: number | null
  /** The score that a model gives which has not learnt from it, 0–1; null where none has. */
  readonly unseen: number | null
}

/** A pair that another rating is worth more for than a new pair is. */
export interface AskedAgain {
  /** Its place among the rated pairs. */
  readonly place: number
  /** In words. */
  readonly reason: string
}

/** The rated pairs that another rating is worth more for than a new pair is, the most doubtful first. */
export function askAgain(rated: readonly RatedPair[]): AskedAgain[] {
  const { deviation } = itemDeviations({
    mean: rated.map(({ target }) => target),
    deviation: rated.map((pair) => pair.deviation ?? 0),
    ratings: rated.map(({ ratings }) => ratings),
  })
  const expected = rated.map(
    (pair, place) => pair.expectedDeviation ?? deviation?.[place] ?? deviationWithoutRaters,
  )
  const surprise = rated.map(({ target, unseen }) => (unseen === null ? null : Math.abs(target - unseen)))
  const usual = rootMeanSquare(expected) ?? 0
  const policy = {
    highVariance: 0,
    wideInterval: widerThanUsual * twoSided * usual,
    ambiguousDeviation: ambiguousFactor * usual,
    usualSurprise: rootMeanSquare(surprise.filter((value) => value !== null)),
  }
  return rated
    .map((pair, place) => ({
      place,
      question: newOrAgain(
        {
          ratings: pair.ratings,
          variance: 0,
          deviation: pair.deviation,
          expectedDeviation: expected[place] ?? deviationWithoutRaters,
          surprise: surprise[place] ?? null,
        },
        policy,
      ),
    }))
    .filter(({ question }) => question.ask === 'another-rating')
    .toSorted((left, right) => (right.question.halfWidth ?? 0) - (left.question.halfWidth ?? 0))
    .map(({ place, question }) => ({ place, reason: question.reason }))
}

/** Null where there are none. */
function rootMeanSquare(values: readonly number[]): number | null {
  if (values.length === 0) return null
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)
}
