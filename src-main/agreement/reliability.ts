import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { AgreementFigure } from '#shared/domain/agreement.ts'
import { pearsonFigure } from './raterFigures.ts'
import { groupRows, type RatingTable } from './ratingTable.ts'
import { iccTwo, type VarianceComponents } from './varianceComponents.ts'

/** How many raters the projection is drawn for. */
const mostProjected = 20
const measuredAt = [1, 2, 3, 4, 5, 7, 10, 15, 20]
const draws = 20
/** In fewer pairs chance speaks. */
const fewestPairs = 20

/** Reliability of the mean of 1 to 20 raters, as the variance components have it: ICC(2,k). */
export function projectReliability(
  components: VarianceComponents,
): { raters: number; reliability: number }[] {
  return Array.from({ length: mostProjected }, (_, index) => index + 1).flatMap((raters) => {
    const reliability = iccTwo(components, raters)
    return reliability === null ? [] : { raters, reliability }
  })
}

/**
 * Reliability of the mean of k raters as measured: Pearson between the means of two groups of k drawn from the same pair's
 * raters, over the pairs that have 2k; the mean of 20 draws, with Fisher's interval for that many pairs.
 * @param seed fixes who is drawn.
 */
export function measureReliability(
  table: RatingTable,
  seed: number,
): { raters: number; pairs: number; reliability: AgreementFigure }[] {
  const { starts, rows } = groupRows(table.pair, table.pairs)
  const random = xoroshiro128plus(seed)
  return measuredAt.flatMap((k) => {
    const enough = Int32Array.from({ length: table.pairs }, (_, pair) => pair).filter(
      (pair) => (starts[pair + 1] ?? 0) - (starts[pair] ?? 0) >= 2 * k,
    )
    const n = enough.length
    if (n < fewestPairs) return []
    const sum = { n, x: 0, y: 0, xx: 0, yy: 0, xy: 0 }
    const correlations: number[] = []
    let last: AgreementFigure | null = null
    for (let draw = 0; draw < draws; draw++) {
      Object.assign(sum, { x: 0, y: 0, xx: 0, yy: 0, xy: 0 })
      for (const pair of enough) {
        const own = rows.subarray(starts[pair] ?? 0, starts[pair + 1] ?? 0)
        let [x, y] = [0, 0]
        // The first 2k of a shuffle (Fisher & Yates); the order that is left does no harm to the next.
        for (let at = 0; at < 2 * k; at++) {
          const other = uniformInt(random, at, own.length - 1)
          const row = own[other] ?? 0
          own[other] = own[at] ?? 0
          own[at] = row
          if (at < k) x += table.score[row] ?? 0
          else y += table.score[row] ?? 0
        }
        x /= k
        y /= k
        sum.x += x
        sum.y += y
        sum.xx += x * x
        sum.yy += y * y
        sum.xy += x * y
      }
      last = pearsonFigure(sum)
      if (last.value !== null) correlations.push(last.value)
    }
    if (correlations.length < draws) return last === null ? [] : { raters: k, pairs: n, reliability: last }
    const mean = correlations.reduce((total, r) => total + r, 0) / draws
    const half = 1.959964 / Math.sqrt(n - 3)
    const end = (sign: number): number => Math.tanh(Math.atanh(Math.min(mean, 1 - 1e-12)) + sign * half)
    return {
      raters: k,
      pairs: n,
      reliability: { value: mean, low: end(-1), high: end(1), reason: null },
    }
  })
}
