import type { Judgement } from '#shared/domain/run.ts'
import { percentileInterval, resampleSums, sumByGroup } from './bootstrap.ts'
import { averageRanks, pearson, pearsonFromSums } from './correlation.ts'
import { pairUp } from './pairUp.ts'

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
 * Judges scores by Pearson, Spearman (ties averaged), RMSE, MAE and MSE, each with its 95% percentile interval from 1000
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
  const n = pairUp({ scores: score.length, targets: target.length, groups: group.length })
  if (n === 0) return { n, pearson: null, spearman: null, rmse: null, mae: null, mse: null }

  const scoreRanks = averageRanks(score)
  const targetRanks = averageRanks(target)
  const summed = sumByGroup(group, width, (row) => {
    const x = score[row] ?? 0
    const y = target[row] ?? 0
    // Ranks on 0–1 keep the sums of squares small.
    const rx = (scoreRanks[row] ?? 0) / n
    const ry = (targetRanks[row] ?? 0) / n
    const error = x - y
    return [1, x, y, x * x, y * y, x * y, rx, ry, rx * rx, ry * ry, rx * ry, error * error, Math.abs(error)]
  })
  const drawn = resampleSums(summed, figuresOf, seed)
  const { rmse, mae, mse } = figuresOf(summed.total)
  return {
    n,
    pearson: percentileInterval(pearson(score, target), drawn.pearson),
    spearman: percentileInterval(pearson(scoreRanks, targetRanks), drawn.spearman),
    rmse: percentileInterval(rmse, drawn.rmse),
    mae: percentileInterval(mae, drawn.mae),
    mse: percentileInterval(mse, drawn.mse),
  }
}

function figuresOf(from: Float64Array): {
  pearson: number | null
  spearman: number | null
  rmse: number
  mae: number
  mse: number
} {
  const at = (name: keyof typeof sums): number => from[sums[name]] ?? 0
  const mse = at('square') / at('n')
  return {
    pearson: pearsonFromSums(at('n'), at('x'), at('y'), at('xx'), at('yy'), at('xy')),
    spearman: pearsonFromSums(at('n'), at('rx'), at('ry'), at('rxx'), at('ryy'), at('rxy')),
    rmse: Math.sqrt(mse),
    mae: at('absolute') / at('n'),
    mse,
  }
}
