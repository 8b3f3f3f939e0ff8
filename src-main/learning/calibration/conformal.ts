import type { ConformalFit, ConformalReport } from '#shared/domain/judging.ts'
import { bootstrapSums, sumByGroup } from '../metrics/bootstrap.ts'
import { pairUp } from '../metrics/pairUp.ts'

/** Under so many rows the achieved coverage would be a matter of luck. */
const fewestCalibrationRows = 100
/** On the scale of scores: no uncertainty below this is believed. */
export const smallestSigma = 0.01

/** Where the target is expected [rows], within 0–1. */
export interface ScoreRanges {
  readonly low: Float64Array
  readonly high: Float64Array
}

function usedSigma(sigma: number | undefined): number {
  return Math.max(smallestSigma, sigma ?? 0)
}

/**
 * Split-conformal intervals from absolute residuals in units of the predicted uncertainty (Lei et al. 2018): the
 * ⌈(n + 1) · level⌉-th smallest |target − score| / sigma of n rows that neither fitted the scores nor will be judged. On
 * exchangeable rows without ties, intervals of this many sigmas hold a new target with a chance of `level` to
 * level + 1 / (n + 1).
 * @param score, target 0–1 [rows]; @param sigma predicted uncertainty on the scale of scores [rows], raised to .01 where
 *   it is lower.
 * @returns no quantile, with the reason, under 100 rows and where `level` asks for more rows.
 * @throws RangeError on columns of unequal length.
 */
export function fitConformal(
  score: ArrayLike<number>,
  target: ArrayLike<number>,
  sigma: ArrayLike<number>,
  level = 0.9,
): ConformalFit {
  const n = pairUp({ scores: score.length, targets: target.length, uncertainties: sigma.length })
  const refuse = (reason: string): ConformalFit => ({ level, n, quantile: null, reason })
  if (n < fewestCalibrationRows)
    return refuse(`Intervals need ${fewestCalibrationRows} labelled validation pairs; there are ${n}.`)
  // Levels are no exact binary fractions: 100 · 0.55 comes out just above 55.
  const place = Math.ceil((n + 1) * level - 1e-9)
  if (place > n)
    return refuse(
      `Intervals that hold ${Number((100 * level).toFixed(2))}% need more than ${n} labelled validation pairs.`,
    )
  const residuals = Float64Array.from(
    { length: n },
    (_, row) => Math.abs((target[row] ?? 0) - (score[row] ?? 0)) / usedSigma(sigma[row]),
  ).sort()
  return { level, n, quantile: residuals[place - 1] ?? null, reason: null }
}

/**
 * The interval of each score: as many sigmas to each side as `quantile` says, clipped to 0–1.
 * @param quantile of a `ConformalFit`; @param score 0–1 [rows]; @param sigma as in `fitConformal` [rows].
 */
export function conformalRanges(
  quantile: number,
  score: ArrayLike<number>,
  sigma: ArrayLike<number>,
): ScoreRanges {
  const rows = pairUp({ scores: score.length, uncertainties: sigma.length })
  const end = (side: number): Float64Array =>
    Float64Array.from({ length: rows }, (_, row) =>
      Math.min(1, Math.max(0, (score[row] ?? 0) + side * quantile * usedSigma(sigma[row]))),
    )
  return { low: end(-1), high: end(1) }
}

/**
 * What a fit is worth on rows that it was not fitted on: the share of targets within the intervals (ends included) and
 * their mean width, with bootstrap intervals as in `judge`.
 * @param rows score, target 0–1, sigma, and group (equal numbers are drawn together), all [rows].
 * @throws RangeError on columns of unequal length.
 */
export function judgeConformal(
  fit: ConformalFit,
  rows: {
    readonly score: ArrayLike<number>
    readonly target: ArrayLike<number>
    readonly sigma: ArrayLike<number>
    readonly group: ArrayLike<number>
  },
  seed = 42,
): ConformalReport {
  const { score, target, sigma, group } = rows
  const n = pairUp({
    scores: score.length,
    targets: target.length,
    uncertainties: sigma.length,
    groups: group.length,
  })
  if (fit.quantile === null || n === 0) return { fit, n, coverage: null, meanWidth: null }
  const { low, high } = conformalRanges(fit.quantile, score, sigma)
  const sums = sumByGroup(group, 3, (row) => {
    const [from, to, value] = [low[row] ?? 0, high[row] ?? 0, target[row] ?? 0]
    return [1, Number(value >= from && value <= to), to - from]
  })
  return {
    fit,
    n,
    ...bootstrapSums(
      sums,
      ([rowsDrawn = 1, held = 0, width = 0]) => ({
        coverage: held / rowsDrawn,
        meanWidth: width / rowsDrawn,
      }),
      seed,
    ),
  }
}
