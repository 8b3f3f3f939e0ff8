import type { Interval, Judgement } from '#shared/domain/run.ts'
import { createRandom } from '../random.ts'
import { averageRanks, pearson, pearsonFromSums } from './correlation.ts'
import { numberGroups } from './groups.ts'

const resamples = 1000

/** Sums over the rows of one group, side by side in one array. */
const sums = {
  n: 0,
  x: 1,
  y: 2,
  xx: 3,
  yy: 4,
  xy: 5,
  rx: 6,
  ry: 7,
  rxx: 8,
  ryy: 9,
  rxy: 10,
  square: 11,
  absolute: 12,
}
const width = Object.keys(sums).length

/**
 * Judges scores by Pearson, Spearman (ties averaged), RMSE and MAE, each with its 95% percentile interval from 1000
 * bootstrap resamples of whole premise groups, or of rows where there is only one group (Efron & Tibshirani 1993;
 * cluster bootstrap). Ranks are taken once over
 * all rows, so Spearman's interval is that of the correlation of fixed ranks. Correlations are null where one side is
 * constant or n < 3; every figure is null where there are no rows. The same seed gives the same intervals.
 * @param score, target [rows]; @param group [rows], equal numbers are drawn together.
 */
export function judge(
  score: ArrayLike<number>,
  target: ArrayLike<number>,
  group: ArrayLike<number>,
  seed = 42,
): Judgement {
  const n = target.length
  if (score.length !== n || group.length !== n)
    throw new RangeError(`${score.length} scores, ${n} targets and ${group.length} groups do not pair up`)
  if (n === 0) return { n, pearson: null, spearman: null, rmse: null, mae: null }

  const scoreRanks = averageRanks(score)
  const targetRanks = averageRanks(target)
  const { groups, total } = groupSums(score, target, scoreRanks, targetRanks, group)
  const figures = {
    pearson: new Float64Array(resamples),
    spearman: new Float64Array(resamples),
    rmse: new Float64Array(resamples),
    mae: new Float64Array(resamples),
  }
  const random = createRandom(seed, 'bootstrap of groups')
  const count = groups.length / width
  const drawn = new Float64Array(width)
  for (let resample = 0; resample < resamples; resample++) {
    drawn.fill(0)
    for (let draw = 0; draw < count; draw++) {
      const start = Math.floor(random.uniform() * count) * width
      for (let index = 0; index < width; index++)
        drawn[index] = (drawn[index] ?? 0) + (groups[start + index] ?? 0)
    }
    const figure = figuresOf(drawn)
    figures.pearson[resample] = figure.pearson ?? NaN
    figures.spearman[resample] = figure.spearman ?? NaN
    figures.rmse[resample] = figure.rmse
    figures.mae[resample] = figure.mae
  }
  const { rmse, mae } = figuresOf(total)
  return {
    n,
    pearson: interval(pearson(score, target), figures.pearson),
    spearman: interval(pearson(scoreRanks, targetRanks), figures.spearman),
    rmse: interval(rmse, figures.rmse),
    mae: interval(mae, figures.mae),
  }
}

function groupSums(
  score: ArrayLike<number>,
  target: ArrayLike<number>,
  scoreRanks: Float64Array,
  targetRanks: Float64Array,
  group: ArrayLike<number>,
): { groups: Float64Array; total: Float64Array } {
  const numbered = numberGroups(group)
  // Where all rows share a premise, drawing it whole would feign certainty.
  const { of, count } =
    numbered.count > 1 ? numbered : { of: Uint32Array.from(target, (_, row) => row), count: target.length }
  const groups = new Float64Array(count * width)
  const total = new Float64Array(width)
  for (let row = 0; row < target.length; row++) {
    const x = score[row] ?? 0
    const y = target[row] ?? 0
    // Ranks on 0–1 keep the sums of squares small.
    const rx = (scoreRanks[row] ?? 0) / target.length
    const ry = (targetRanks[row] ?? 0) / target.length
    const error = x - y
    const entries = [
      1,
      x,
      y,
      x * x,
      y * y,
      x * y,
      rx,
      ry,
      rx * rx,
      ry * ry,
      rx * ry,
      error * error,
      Math.abs(error),
    ]
    const start = (of[row] ?? 0) * width
    for (const [index, entry] of entries.entries()) {
      groups[start + index] = (groups[start + index] ?? 0) + entry
      total[index] = (total[index] ?? 0) + entry
    }
  }
  return { groups, total }
}

function figuresOf(from: Float64Array): {
  pearson: number | null
  spearman: number | null
  rmse: number
  mae: number
} {
  const at = (name: keyof typeof sums): number => from[sums[name]] ?? 0
  return {
    pearson: pearsonFromSums(at('n'), at('x'), at('y'), at('xx'), at('yy'), at('xy')),
    spearman: pearsonFromSums(at('n'), at('rx'), at('ry'), at('rxx'), at('ryy'), at('rxy')),
    rmse: Math.sqrt(at('square') / at('n')),
    mae: at('absolute') / at('n'),
  }
}

/** The 2.5th and 97.5th percentile of the resamples in which the figure is defined. */
function interval(value: number | null, drawn: Float64Array): Interval | null {
  if (value === null) return null
  const defined = drawn.filter((figure) => !Number.isNaN(figure)).sort()
  if (defined.length === 0) return { value, low: value, high: value }
  return { value, low: percentile(defined, 0.025), high: percentile(defined, 0.975) }
}

/** Linear interpolation between the sorted values around the place (definition 7 of Hyndman & Fan 1996). */
function percentile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const low = sorted[Math.floor(place)] ?? NaN
  const high = sorted[Math.ceil(place)] ?? NaN
  return low + (high - low) * (place - Math.floor(place))
}
