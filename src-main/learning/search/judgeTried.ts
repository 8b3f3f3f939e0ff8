import type { TriedConfiguration, SearchReport } from '#shared/domain/search.ts'
import { percentileInterval, resampleSums, sumByGroup } from '../metrics/bootstrap.ts'
import { pearson as correlation, pearsonFromSums } from '../metrics/correlation.ts'
import { meanScores } from './meanScores.ts'

/** Figures of out-of-fold scores, with the Pearson of each resample, which is the same resample for all. */
export interface TriedFigures extends Pick<TriedConfiguration, 'pearson' | 'standardError' | 'mae' | 'rmse'> {
  /** NaN where it is not defined [resamples]. */
  readonly drawn: Float64Array
  /** Pearson of each head of a fold alone [heads]. */
  readonly single: readonly (number | null)[]
}

/** n, score, target, score², target², score · target. */
const width = 6

/**
 * Judges the mean score of heads by Pearson, with its 95% interval and standard error from resamples of whole premise
 * groups, and by mean absolute and root mean squared error.
 * @param scores [heads][rows]; @param target, group [rows].
 * @param seed draws the resamples: with the same seed, the same ones.
 */
export function judgeTried(
  scores: readonly Float32Array[],
  target: ArrayLike<number>,
  group: ArrayLike<number>,
  seed: number,
): TriedFigures {
  const rows = target.length
  const score = meanScores(scores)
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
    single: scores.map((own) => correlation(own, target)),
  }
}

/**
 * How far each configuration is behind the best, and whether the given one, the first, is within one standard error of
 * the difference (one-standard-error rule, Breiman et al. 1984, for paired figures). Its square has two parts: the
 * variance of the difference over the same resamples of premise groups; and from head to head, by first weights and
 * dropout, the usual variance of the difference of single heads, through the number of heads.
 * The best of many is ahead by luck as well, so differences are rather too large than too small.
 * @param figures null for configurations without.
 */
export function compareTried(
  figures: readonly (TriedFigures | null)[],
): Pick<SearchReport, 'best' | 'behind' | 'givenIsEnough'> {
  let best: number | null = null
  const pearsonAt = (number: number): number | null => figures[number]?.pearson?.value ?? null
  for (const number of figures.keys()) {
    const [own, highest] = [pearsonAt(number), best === null ? null : pearsonAt(best)]
    if (own !== null && (highest === null || own > highest)) best = number
  }
  const [top, highest] = best === null ? [undefined, null] : [figures[best]?.drawn, pearsonAt(best)]
  const fromHeads = best === null ? 0 : varianceFromHeads(figures, best)
  const behind = figures.map((own, number) => {
    const value = pearsonAt(number)
    if (own === null || value === null || top === undefined || highest === null) return null
    const sampling = standardDeviation(top.map((figure, index) => figure - (own.drawn[index] ?? NaN)))
    return {
      value: highest - value,
      standardError: number === best ? 0 : Math.sqrt(sampling ** 2 + fromHeads / own.single.length),
    }
  })
  const given = behind[0] ?? null
  // Settings that do not train at all are never enough where others do.
  const givenIsEnough = given === null ? false : given.value <= given.standardError
  return { best, behind, givenIsEnough: best === null ? null : givenIsEnough }
}

/** Median of χ² with one degree of freedom: by it the median of variances of two values gives their mean. */
const medianOfSquare = 0.4549

/**
 * Variance, from head to head, of the difference between the Pearson of a head and that of the best's head. Two heads
 * tell little of one configuration, so all are asked; their median, since heads of a few losses differ far more than
 * all others.
 */
function varianceFromHeads(figures: readonly (TriedFigures | null)[], best: number): number {
  const top = figures[best]?.single ?? []
  const variances = figures.flatMap((own, number) => {
    if (own === null || number === best) return []
    const differences = own.single.map((single, copy) => (top[copy] ?? NaN) - (single ?? NaN))
    return differences.every(Number.isFinite) ? [standardDeviation(Float64Array.from(differences)) ** 2] : []
  })
  const sorted = variances.sort((left, right) => left - right)
  const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? 0, sorted[sorted.length >> 1] ?? 0]
  return (low + high) / 2 / medianOfSquare
}

/** Standard deviation (n − 1) of those values that are defined; 0 for fewer than two. */
function standardDeviation(values: Float64Array): number {
  const defined = values.filter((value) => !Number.isNaN(value))
  if (defined.length < 2) return 0
  const mean = defined.reduce((sum, value) => sum + value, 0) / defined.length
  const squares = defined.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return Math.sqrt(squares / (defined.length - 1))
}
