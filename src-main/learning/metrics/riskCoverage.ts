import type { Interval } from '#shared/domain/interval.ts'
import type { RiskCoverageCurve } from '#shared/domain/judging.ts'
import { drawableGroups, percentileInterval, resampleGroups } from './bootstrap.ts'
import { pairUp } from './pairUp.ts'

const mostPoints = 100

/** Rows in rising order of a value, and where runs of equal values end. */
interface Order {
  readonly rows: Uint32Array
  readonly ends: Uint32Array
}

function orderBy(values: ArrayLike<number>): Order {
  const rows = Uint32Array.from({ length: values.length }, (_, row) => row).sort(
    (a, b) => (values[a] ?? 0) - (values[b] ?? 0),
  )
  const ends: number[] = []
  for (const [place, row] of rows.entries())
    if (place + 1 === rows.length || values[row] !== values[rows[place + 1] ?? 0]) ends.push(place + 1)
  return { rows, ends: Uint32Array.from(ends) }
}

/**
 * The risk at each coverage: the mean loss of the k rows of least uncertainty, k from 1 to n, as it is expected where
 * rows of equal uncertainty come in random order.
 */
function risksOf({ rows, ends }: Order, loss: ArrayLike<number>): Float64Array {
  const risks = new Float64Array(rows.length)
  let lost = 0
  let start = 0
  for (const end of ends) {
    let sum = 0
    for (let place = start; place < end; place++) sum += loss[rows[place] ?? 0] ?? 0
    const mean = sum / (end - start)
    for (let place = start; place < end; place++)
      risks[place] = (lost + mean * (place + 1 - start)) / (place + 1)
    lost += sum
    start = end
  }
  return risks
}

/** Sums 1 + 1/2 + … + 1/k at k [most + 1]. */
function harmonicNumbers(most: number): Float64Array {
  const sums = new Float64Array(most + 1)
  for (let k = 1; k <= most; k++) sums[k] = (sums[k - 1] ?? 0) + 1 / k
  return sums
}

/**
 * The mean of the risks of rows of which each is there `times` over. Over a run of m tied copies of mean loss μ, behind
 * K copies of summed loss L, the risks (L + jμ) / (K + j) add up to mμ + (L − Kμ)(H(K + m) − H(K)), H the harmonic
 * numbers; so a resample costs a walk over the rows.
 * @param times [rows], at least one of them above 0; @param harmonic up to the sum of `times`.
 */
function meanRisk(
  { rows, ends }: Order,
  loss: ArrayLike<number>,
  times: ArrayLike<number>,
  harmonic: Float64Array,
): number {
  let area = 0
  let copies = 0
  let lost = 0
  let start = 0
  for (const end of ends) {
    let size = 0
    let sum = 0
    for (let place = start; place < end; place++) {
      const row = rows[place] ?? 0
      const copiesOfRow = times[row] ?? 0
      size += copiesOfRow
      sum += copiesOfRow * (loss[row] ?? 0)
    }
    start = end
    if (size === 0) continue
    const mean = sum / size
    area += sum + (lost - copies * mean) * ((harmonic[copies + size] ?? 0) - (harmonic[copies] ?? 0))
    copies += size
    lost += sum
  }
  return area / copies
}

/** AURC of several signals in the same resamples of groups, one array of 1000 per signal. */
function resampleAreas<Name extends string>(
  signals: Readonly<Record<Name, ArrayLike<number>>>,
  loss: ArrayLike<number>,
  group: ArrayLike<number>,
  seed: number,
): Record<Name, Float64Array> {
  const { of, count } = drawableGroups(group)
  const sizes = new Uint32Array(count)
  for (const number of of) sizes[number] = (sizes[number] ?? 0) + 1
  const harmonic = harmonicNumbers(count * sizes.reduce((most, size) => Math.max(most, size), 0))
  const orders = Object.entries<ArrayLike<number>>(signals).map(
    ([name, signal]) => [name as Name, orderBy(signal)] as const,
  )
  const drawnTimes = new Uint32Array(count)
  const times = new Uint32Array(of.length)
  return resampleGroups(
    count,
    (drawn) => {
      drawnTimes.fill(0)
      for (const number of drawn) drawnTimes[number] = (drawnTimes[number] ?? 0) + 1
      for (const [row, number] of of.entries()) times[row] = drawnTimes[number] ?? 0
      return Object.fromEntries(
        orders.map(([name, order]) => [name, meanRisk(order, loss, times, harmonic)]),
      ) as Record<Name, number>
    },
    seed,
  )
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/**
 * The risk–coverage curve of a signal of uncertainty (El-Yaniv & Wiener 2010), its area AURC as the mean of the risks at
 * all coverages k/n, and the excess over the area of the best order, in which losses rise (Geifman, Uziel & El-Yaniv
 * 2019). Rows of equal uncertainty count as in random order. The interval of AURC is as in `judge`.
 * @param uncertainty [rows], in any unit; @param loss [rows], 0 or 1 for right or wrong, or |error|;
 *   @param group [rows], equal numbers are drawn together.
 * @returns at most 100 points, all figures from all rows.
 * @throws RangeError on columns of unequal length.
 */
export function riskCoverage(
  uncertainty: ArrayLike<number>,
  loss: ArrayLike<number>,
  group: ArrayLike<number>,
  seed = 42,
): RiskCoverageCurve {
  const n = pairUp({ uncertainties: uncertainty.length, losses: loss.length, groups: group.length })
  if (n === 0) return { n, points: [], aurc: null, excessAurc: null, riskAt80: null }
  const risks = risksOf(orderBy(uncertainty), loss)
  const area = mean(risks)
  const points = Math.min(n, mostPoints)
  return {
    n,
    points: Array.from({ length: points }, (_, index) => {
      const accepted = Math.round(((index + 1) * n) / points)
      return { coverage: accepted / n, risk: risks[accepted - 1] ?? 0 }
    }),
    aurc: percentileInterval(area, resampleAreas({ area: uncertainty }, loss, group, seed).area),
    excessAurc: Math.max(0, area - mean(risksOf(orderBy(loss), loss))),
    // Eight tenths are exact in whole numbers only.
    riskAt80: risks[Math.ceil((8 * n) / 10) - 1] ?? null,
  }
}

/**
 * AURC of `left` less that of `right`, below 0 where `left` is the better signal; the interval is of the difference in
 * the same resamples.
 * @param left, right uncertainties [rows]; @param loss, group as in `riskCoverage`.
 * @returns null without rows.
 * @throws RangeError on columns of unequal length.
 */
export function aurcDifference(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  loss: ArrayLike<number>,
  group: ArrayLike<number>,
  seed = 42,
): Interval | null {
  const lengths = { left: left.length, right: right.length, losses: loss.length, groups: group.length }
  if (pairUp(lengths) === 0) return null
  const difference = mean(risksOf(orderBy(left), loss)) - mean(risksOf(orderBy(right), loss))
  const drawn = resampleAreas({ left, right }, loss, group, seed)
  return percentileInterval(
    difference,
    drawn.left.map((area, resample) => area - (drawn.right[resample] ?? NaN)),
  )
}
