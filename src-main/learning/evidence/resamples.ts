import type { Interval } from '#shared/domain/interval.ts'
import { drawableGroups, percentileInterval } from '../metrics/bootstrap.ts'
import { pearson, pearsonFromSums } from '../metrics/correlation.ts'
import { createRandom } from '../random.ts'

/** Resamples of the bootstrap. */
export const resampleCount = 400

/** r on the holdout, or a mean or difference of such, with what it is in each resample. */
export interface Resampled {
  readonly value: number
  /** [resamples]; NaN where it is not defined. */
  readonly drawn: Float64Array
}

/**
 * One bootstrap for every figure, so that all differences are paired: each resample draws whole premise groups of the holdout
 * with replacement and, where labels are weighed, one exponential weight for each premise of the labels (Rubin 1981), by
 * which a figure changes as the labels' influence on it says, to first order.
 */
export interface Resamples {
  /** r of the scores; null where it is not defined. */
  ofScores(score: ArrayLike<number>): Resampled | null
  /**
   * What weighing labels anew changes.
   * @param influence what the figure loses without each label; it is centred, so that weights of their mean change nothing [labels].
   */
  ofLabels(influence: ArrayLike<number>): Float64Array
}

/** Draws the resamples. @param group, target [holdout]; @param labelGroup [labels]. */
export function createResamples(
  holdout: { readonly target: ArrayLike<number>; readonly group: ArrayLike<number> },
  labelGroup: ArrayLike<number>,
  seed: number,
): Resamples {
  const { of, count } = drawableGroups(holdout.group)
  const { target } = holdout
  const random = createRandom(seed, 'evidence', 'holdout')
  const times = new Float64Array(resampleCount * count)
  for (let resample = 0; resample < resampleCount; resample++)
    for (let draw = 0; draw < count; draw++) {
      const at = resample * count + random.integer(count)
      times[at] = (times[at] ?? 0) + 1
    }
  // n, y, y² of each group, and their sums in each resample.
  const fixed = sumsOf(count, (add) => {
    for (let row = 0; row < target.length; row++) {
      const y = target[row] ?? 0
      add(of[row] ?? 0, 1, y, y * y)
    }
  })
  const fixedDrawn = weighed(times, fixed, count)

  const labels = drawableGroups(labelGroup)
  const weights = createRandom(seed, 'evidence', 'labels')
  const noise = Float32Array.from({ length: resampleCount * labels.count }, () => weights.exponential() - 1)
  return {
    ofScores(score) {
      const value = pearson(score, target)
      if (value === null) return null
      const own = sumsOf(count, (add) => {
        for (let row = 0; row < target.length; row++) {
          const x = score[row] ?? 0
          add(of[row] ?? 0, x, x * x, x * (target[row] ?? 0))
        }
      })
      const drawn = weighed(times, own, count)
      return {
        value,
        drawn: Float64Array.from({ length: resampleCount }, (_, resample) => {
          const [n = 0, y = 0, yy = 0] = fixedDrawn.subarray(3 * resample, 3 * resample + 3)
          const [x = 0, xx = 0, xy = 0] = drawn.subarray(3 * resample, 3 * resample + 3)
          return pearsonFromSums(n, x, y, xx, yy, xy) ?? NaN
        }),
      }
    },
    ofLabels(influence) {
      const ofGroup = new Float64Array(labels.count)
      for (let label = 0; label < influence.length; label++) {
        const group = labels.of[label] ?? 0
        ofGroup[group] = (ofGroup[group] ?? 0) + (influence[label] ?? 0)
      }
      return Float64Array.from({ length: resampleCount }, (_, resample) => {
        let sum = 0
        for (let group = 0; group < labels.count; group++)
          sum += (noise[resample * labels.count + group] ?? 0) * (ofGroup[group] ?? 0)
        return sum
      })
    },
  }
}

/** Three sums for each group [groups × 3]. */
function sumsOf(
  count: number,
  walk: (add: (group: number, first: number, second: number, third: number) => void) => void,
): Float64Array {
  const sums = new Float64Array(3 * count)
  walk((group, ...values) => {
    for (const [index, value] of values.entries())
      sums[3 * group + index] = (sums[3 * group + index] ?? 0) + value
  })
  return sums
}

/** Three sums of each resample [resamples × 3]. */
function weighed(times: Float64Array, sums: Float64Array, count: number): Float64Array {
  const drawn = new Float64Array(3 * resampleCount)
  for (let resample = 0; resample < resampleCount; resample++) {
    let [first, second, third] = [0, 0, 0]
    for (let group = 0; group < count; group++) {
      const by = times[resample * count + group] ?? 0
      if (by === 0) continue
      first += by * (sums[3 * group] ?? 0)
      second += by * (sums[3 * group + 1] ?? 0)
      third += by * (sums[3 * group + 2] ?? 0)
    }
    drawn.set([first, second, third], 3 * resample)
  }
  return drawn
}

/** A figure with its 95% interval, which is as wide as the figure itself needs where resamples lie to one side of it. */
export function intervalOf({ value, drawn }: Resampled): Interval {
  // Not null, since the value is not.
  const { low, high } = percentileInterval(value, drawn) ?? { low: value, high: value }
  return { value, low: Math.min(low, value), high: Math.max(high, value) }
}

/** The one less the other, resample by resample. */
export function lessThan(left: Resampled, right: Resampled): Resampled {
  return {
    value: left.value - right.value,
    drawn: left.drawn.map((value, resample) => value - (right.drawn[resample] ?? NaN)),
  }
}

/** The mean of figures, resample by resample; null where one of them is not defined, or there is none. */
export function meanOf(figures: readonly (Resampled | null)[]): Resampled | null {
  const known = figures.filter((figure) => figure !== null)
  if (known.length === 0 || known.length < figures.length) return null
  const value = known.reduce((sum, figure) => sum + figure.value, 0) / known.length
  const drawn = new Float64Array(resampleCount)
  for (const figure of known)
    for (let resample = 0; resample < resampleCount; resample++)
      drawn[resample] = (drawn[resample] ?? 0) + (figure.drawn[resample] ?? NaN) / known.length
  return { value, drawn }
}

/** The figure with noise of its labels on it. */
export function withNoise({ value, drawn }: Resampled, noise: Float64Array): Resampled {
  return { value, drawn: drawn.map((one, resample) => one + (noise[resample] ?? 0)) }
}
