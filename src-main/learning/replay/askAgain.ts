import { itemDeviations } from '../metrics/itemDeviation.ts'
import { newOrAgain } from '../strategies/newOrAgain.ts'
import type { RidgeState } from './growingRidge.ts'
import type { BoughtLabel } from './labelPurse.ts'

/** The deviation of raters' scores while no pair has two: what the program takes as tolerance without a rater model. */
const deviationWithoutRaters = 0.15
/** A consensus is in doubt whose interval is wider than that of one usual rating by this factor. */
const widerThanUsual = 1.2
/** From such a deviation on, raters of a pair are of different minds rather than careless: twice the usual. */
const ambiguousFactor = 2
/** Half of a 95% interval, in standard deviations. */
const twoSided = 1.959964

/**
 * The labelled pairs that another rating is worth more for than a new pair is, the most doubtful first, as places among
 * the labelled.
 */
export function askAgain(labels: readonly BoughtLabel[], { outOfFold }: RidgeState): number[] {
  const { deviation } = itemDeviations({
    mean: labels.map(({ target }) => target),
    deviation: labels.map((label) => label.deviation ?? 0),
    ratings: labels.map(({ ratings }) => ratings),
  })
  const expected = (place: number): number => deviation?.[place] ?? deviationWithoutRaters
  const rootMeanSquare = (of: (place: number) => number): number =>
    Math.sqrt(labels.reduce((sum, _, place) => sum + of(place) ** 2, 0) / labels.length)
  const surprise = (place: number): number => Math.abs((labels[place]?.target ?? 0) - (outOfFold[place] ?? 0))
  const usual = rootMeanSquare(expected)
  const policy = {
    highVariance: 0,
    wideInterval: widerThanUsual * twoSided * usual,
    ambiguousDeviation: ambiguousFactor * usual,
    usualSurprise: rootMeanSquare(surprise),
  }
  return labels
    .map((label, place) => ({
      place,
      question: newOrAgain(
        {
          ratings: label.ratings,
          variance: 0,
          deviation: label.deviation,
          expectedDeviation: expected(place),
          surprise: surprise(place),
        },
        policy,
      ),
    }))
    .filter(({ question }) => question.ask === 'another-rating')
    .toSorted((left, right) => (right.question.halfWidth ?? 0) - (left.question.halfWidth ?? 0))
    .map(({ place }) => place)
}
