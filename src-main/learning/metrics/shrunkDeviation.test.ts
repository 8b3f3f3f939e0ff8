import { existsSync, readFileSync } from 'node:fs'
import Papa from 'papaparse'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../random.ts'
import { pearson } from './correlation.ts'
import { shrinkDeviations } from './shrunkDeviation.ts'
import { squaredError } from './squaredError.ts'

const random = createRandom(5, 'deviations')
/** Box and Muller 1958. */
const normal = (): number =>
  Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())

function sampleDeviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}

function simulate(
  items: number,
  trueOf: () => number,
): { truth: number[]; raw: number[]; ratings: number[] } {
  const truth = Array.from({ length: items }, trueOf)
  const ratings = truth.map(() => 2 + random.integer(9))
  const raw = truth.map((deviation, item) =>
    sampleDeviation(Array.from({ length: ratings[item]! }, () => deviation * normal())),
  )
  return { truth, raw, ratings }
}

describe('shrunk deviations', () => {
  test('come nearer to the true ones than the raw ones, and order the items better', () => {
    const { truth, raw, ratings } = simulate(2000, () => 0.05 + 0.25 * random.uniform())
    const { deviation, kappa } = shrinkDeviations(raw, ratings)
    expect(squaredError(deviation!, truth)).toBeLessThan(0.6 * squaredError(raw, truth))
    expect(pearson(deviation!, truth)).toBeGreaterThan(pearson(raw, truth)!)
    // Variances of a uniform SD from .05 to .3 have mean .03583 and variance .0006597: κ = 2(m² + τ²)/τ² = 5.89.
    expect(kappa).toBeGreaterThan(4.5)
    expect(kappa).toBeLessThan(7.5)
  })

  test('of items that differ by chance alone nearly agree', () => {
    const { raw, ratings } = simulate(1000, () => 0.2)
    const { deviation, kappa } = shrinkDeviations(raw, ratings)
    expect(kappa).toBe(40)
    expect(sampleDeviation([...deviation!])).toBeLessThan(0.3 * sampleDeviation(raw))
  })

  test('few items by hand: κ is 8, the pooled variance counts ratings', () => {
    // Pooled (2 · .04 + 8 · .01) / 10 = .016; weights 2/10 and 8/16; one rating has no say.
    const { deviation, kappa } = shrinkDeviations([0.2, 0.1, 0], [3, 9, 1])
    expect(kappa).toBe(8)
    expect(deviation![0]).toBeCloseTo(Math.sqrt(0.2 * 0.04 + 0.8 * 0.016), 12)
    expect(deviation![1]).toBeCloseTo(Math.sqrt(0.5 * 0.01 + 0.5 * 0.016), 12)
    expect(deviation![2]).toBeCloseTo(Math.sqrt(0.016), 12)
    expect(shrinkDeviations([0, NaN], [1, 1]).deviation).toBeNull()
    expect([...shrinkDeviations([0.3, NaN], [2, 1]).deviation!]).toEqual([0.3, 0.3])
  })
})

const file = '../shared/data/pavlick/ratings.csv'

test.skipIf(!existsSync(file))(
  `real slider ratings: five raters, shrunk, come far nearer to the others (needs ${file})`,
  () => {
    const { data } = Papa.parse<Record<'pair_id' | 'score' | 'cannot_judge', string>>(
      readFileSync(file, 'utf8'),
      { header: true, skipEmptyLines: true },
    )
    const scores = new Map<string, number[]>()
    for (const { pair_id, score, cannot_judge } of data) {
      if (cannot_judge !== '0' || score === '') continue
      scores.set(pair_id, [...(scores.get(pair_id) ?? []), Number(score)])
    }
    const split = [...scores.values()].map((all) => {
      const order = [...createRandom(1, 'raters').shuffle(Uint32Array.from(all.keys()))]
      const from = (rows: number[]): number => sampleDeviation(rows.map((row) => all[row]!))
      return { few: from(order.slice(0, 5)), rest: from(order.slice(5)) }
    })
    const few = split.map((pair) => pair.few)
    const rest = split.map((pair) => pair.rest)
    const { deviation } = shrinkDeviations(few, new Uint8Array(few.length).fill(5))
    expect(squaredError(deviation!, rest)).toBeLessThan(0.4 * squaredError(few, rest))
    // Better than no item's own ratings, too.
    const mean = rest.reduce((sum, value) => sum + value, 0) / rest.length
    expect(squaredError(deviation!, rest)).toBeLessThan(0.9 * squaredError(new Array(500).fill(mean), rest))
  },
)
