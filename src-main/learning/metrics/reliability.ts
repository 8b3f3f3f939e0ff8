import type { ReliabilityCurve } from '#shared/domain/judging.ts'
import { equalCountBands } from './bands.ts'
import { bootstrapSums, ratio, sumByGroup } from './bootstrap.ts'
import { pairUp } from './pairUp.ts'

const mostBins = 10
const fewestRows = 10
/** Per bin: rows, scores, targets. */
const width = 3

/**
 * Mean target against mean score in at most ten bins of about equally many rows (at least ten where there are as many;
 * equal scores in one bin), and the expected calibration error over these bins (Naeini et al. 2015, here with equal
 * counts). The bins stay as they are in the bootstrap of the mean targets. Chance alone gives some calibration error:
 * about .8 standard errors of a bin's mean.
 * @param score, target [rows]; @param group [rows], equal numbers are drawn together.
 * @throws RangeError on columns of unequal length.
 */
export function reliability(
  score: ArrayLike<number>,
  target: ArrayLike<number>,
  group: ArrayLike<number>,
  seed = 42,
): ReliabilityCurve {
  const n = pairUp({ scores: score.length, targets: target.length, groups: group.length })
  const { of, count } = equalCountBands(score, mostBins, fewestRows)
  const sums = sumByGroup(group, width * count, (row) => {
    const entries = new Array<number>(width * count).fill(0)
    entries.splice(width * (of[row] ?? 0), width, 1, score[row] ?? 0, target[row] ?? 0)
    return entries
  })
  const sumsOf = (from: Float64Array, bin: number): Float64Array =>
    from.subarray(width * bin, width * (bin + 1))
  const meanTargets = (from: Float64Array): Record<string, number | null> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, bin) => {
        const [rows = 0, , targets = 0] = sumsOf(from, bin)
        return [bin, ratio(targets, rows)]
      }),
    )
  const bins = Object.values(bootstrapSums(sums, meanTargets, seed)).flatMap((observed, bin) => {
    const [rows = 0, scores = 0] = sumsOf(sums.total, bin)
    return observed === null ? [] : [{ n: rows, predicted: scores / rows, observed }]
  })
  const error = bins.reduce((total, bin) => total + bin.n * Math.abs(bin.predicted - bin.observed.value), 0)
  return { n, bins, calibrationError: n === 0 ? null : error / n }
}
