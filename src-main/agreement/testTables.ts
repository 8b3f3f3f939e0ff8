import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { RatingTable } from './ratingTable.ts'

/** For tests: the table of scores written as one row a rater, one column a pair; null where nobody scored. */
export function tableOf(rows: readonly (readonly (number | null)[])[]): RatingTable {
  const pairs = Math.max(0, ...rows.map((row) => row.length))
  const cells = Array.from({ length: pairs }, (_, pair) =>
    rows.flatMap((row, rater) => {
      const score = row[pair] ?? null
      return score === null ? [] : { pair, rater, score }
    }),
  ).flat()
  return {
    pairs,
    raters: rows.length,
    pair: Int32Array.from(cells, ({ pair }) => pair),
    rater: Int32Array.from(cells, ({ rater }) => rater),
    score: Float64Array.from(cells, ({ score }) => score),
  }
}

/**
 * For tests and benchmarks: scores drawn from the rater model, with its parameters as it fixes them: over raters the mean
 * bias is 0 and the mean scale 1.
 */
export function simulateRaters(options: {
  readonly raters: number
  readonly pairs: number
  readonly ratersPerPair: number
  readonly seed: number
}): {
  table: RatingTable
  truth: Record<'bias' | 'scale' | 'deviation' | 'score', Float64Array>
} {
  const random = xoroshiro128plus(options.seed)
  const uniform = (): number => 1 - uniformFloat64(random)
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  const { raters, pairs, ratersPerPair } = options
  const draw = (length: number, value: () => number): Float64Array => Float64Array.from({ length }, value)
  const bias = draw(raters, () => 0.1 * normal())
  const scale = draw(raters, () => 1 + 0.15 * normal())
  const deviation = draw(raters, () => 0.15 * Math.exp(0.35 * normal()))
  const score = draw(pairs, () => 0.5 + 0.25 * normal())
  const cells = [...score.keys()].flatMap((pair) => {
    const open = Array.from({ length: raters }, (_, rater) => rater)
    const chosen = Array.from({ length: ratersPerPair }, () => {
      return open.splice(uniformInt(random, 0, open.length - 1), 1)[0] ?? 0
    })
    return chosen
      .sort((left, right) => left - right)
      .map((rater) => ({
        pair,
        rater,
        score:
          (bias[rater] ?? 0) + (scale[rater] ?? 1) * (score[pair] ?? 0) + (deviation[rater] ?? 0) * normal(),
      }))
  })
  const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / raters
  const [shift, stretch] = [meanOf(bias), meanOf(scale)]
  const anchored = scale.map((own) => own / stretch)
  return {
    table: {
      pairs,
      raters,
      pair: Int32Array.from(cells, (cell) => cell.pair),
      rater: Int32Array.from(cells, (cell) => cell.rater),
      score: Float64Array.from(cells, (cell) => cell.score),
    },
    truth: {
      bias: bias.map((own, rater) => own - (anchored[rater] ?? 1) * shift),
      scale: anchored,
      deviation,
      score: score.map((own) => shift + stretch * own),
    },
  }
}
