import type { TriedConfiguration, SearchReport } from '#shared/domain/search.ts'
import { percentileInterval, resampleSums, sumByGroup } from '../metrics/bootstrap.ts'
import { pearsonFromSums } from '../metrics/correlation.ts'

/** Figures of out-of-fold scores, with the Pearson of each resample, which is the same resample for all. */
export interface TriedFigures extends Pick<TriedConfiguration, 'pearson' | 'standardError' | 'mae' | 'rmse'> {
  /** NaN where it is not defined [resamples]. */
  readonly drawn: Float64Array
}

/** n, score, target, score², target², score · target. */
const width = 6

/**
 * Judges scores by Pearson, with its 95% interval and standard error from resamples of whole premise groups, and by mean
 * absolute and root mean squared error.
 * @param score, target, group [rows]; @param seed draws the resamples: with the same seed, the same ones.
 */
export function judgeTried(
  score: ArrayLike<number>,
  target: ArrayLike<number>,
  group: ArrayLike<number>,
  seed: number,
): TriedFigures {
  const rows = target.length
  const summed = sumByGroup(group, width, (row) => {
    const [x, y] = [score[row] ?? 0, target[row] ?? 0]
    return [1, x, y, x * x, y * y, x * y]
  })
  const pearsonOf = ([n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0]: Float64Array): number | null =>
    pearsonFromSums(n, x, y, xx, yy, xy)
  const { drawn } = resampleSums(summed, (sums) => ({ drawn: pearsonOf(sums) }), seed)
  let [absolute, square] = [0, 0]
  for (let row = 0; row < rows; row++) {
    const error = (score[row] ?? 0) - (target[row] ?? 0)
    absolute += Math.abs(error)
    square += error * error
  }
  const pearson = percentileInterval(pearsonOf(summed.total), drawn)
  return {
    pearson,
    standardError: pearson === null ? null : standardDeviation(drawn),
    mae: absolute / rows,
    rmse: Math.sqrt(square / rows),
    drawn,
  }
}

/**
 * How far the best configuration is ahead of the given one, the first, and whether that is within one standard error of
 * the difference over the same resamples (one-standard-error rule, Breiman et al. 1984, for paired figures). The best of
 * many is ahead by luck as well, so the lead is rather too large than too small.
 * @param figures null for configurations without.
 */
export function compareWithGiven(
  figures: readonly (TriedFigures | null)[],
): Pick<SearchReport, 'best' | 'lead' | 'givenIsEnough'> {
  let best: number | null = null
  const pearsonAt = (number: number): number | null => figures[number]?.pearson?.value ?? null
  for (const number of figures.keys()) {
    const [own, highest] = [pearsonAt(number), best === null ? null : pearsonAt(best)]
    if (own !== null && (highest === null || own > highest)) best = number
  }
  const given = pearsonAt(0)
  // What does not train at all is no choice, however the others compare.
  if (best === null || given === null)
    return { best, lead: null, givenIsEnough: best === null ? null : false }
  const [ahead, behind] = [figures[best]?.drawn, figures[0]?.drawn]
  if (ahead === undefined || behind === undefined) return { best, lead: null, givenIsEnough: null }
  const value = (pearsonAt(best) ?? given) - given
  const standardError = standardDeviation(ahead.map((figure, index) => figure - (behind[index] ?? NaN)))
  return { best, lead: { value, standardError }, givenIsEnough: value <= standardError }
}

/** Standard deviation (n − 1) of those values that are defined; 0 for fewer than two. */
function standardDeviation(values: Float64Array): number {
  const defined = values.filter((value) => !Number.isNaN(value))
  if (defined.length < 2) return 0
  const mean = defined.reduce((sum, value) => sum + value, 0) / defined.length
  const squares = defined.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return Math.sqrt(squares / (defined.length - 1))
}
