import { describe, expect, test } from 'vitest'
import { createRandom } from '../random.ts'
import { conformalRanges, fitConformal, judgeConformal } from './conformal.ts'

const numbers = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1)

describe('conformal intervals', () => {
  test('the quantile is the ⌈(n + 1) · level⌉-th smallest residual in sigmas', () => {
    // Residuals .001 to .1 in any order, in sigmas of .1: of 100 rows the ⌈90.9⌉-th.
    const target = numbers(100).map((index) => ((index * 37) % 101) / 1000)
    const zeros = target.map(() => 0)
    const tenths = target.map(() => 0.1)
    expect(fitConformal(zeros, target, tenths)).toMatchObject({ level: 0.9, n: 100, reason: null })
    expect(fitConformal(zeros, target, tenths).quantile).toBeCloseTo(0.91, 12)
    expect(fitConformal(target, zeros, tenths, 0.5).quantile).toBeCloseTo(0.51, 12)
    // 140 · .55 is just above 77 in binary, and still the 77th.
    const more = numbers(139).map((index) => index / 1000)
    const fit = fitConformal(
      more.map(() => 0),
      more,
      more.map(() => 0.1),
      0.55,
    )
    expect(fit.quantile).toBeCloseTo(0.77, 12)
  })

  test('too few rows are refused with a reason', () => {
    const rows = numbers(99).map((index) => index / 1000)
    expect(fitConformal(rows, rows, rows)).toEqual({
      level: 0.9,
      n: 99,
      quantile: null,
      reason: 'Intervals need 100 labelled validation pairs; there are 99.',
    })
    const more = numbers(150).map((index) => index / 1000)
    expect(fitConformal(more, more, more, 0.995)).toMatchObject({
      quantile: null,
      reason: 'Intervals that hold 99.5% need more than 150 labelled validation pairs.',
    })
  })

  test('ranges are clipped to 0–1; no uncertainty below .01 is believed', () => {
    const { low, high } = conformalRanges(2, [0.1, 0.5, 0.95, 0.5], [0.1, 0.1, 0.1, 0])
    expect([...low].map((value) => Number(value.toFixed(9)))).toEqual([0, 0.3, 0.75, 0.48])
    expect([...high].map((value) => Number(value.toFixed(9)))).toEqual([0.3, 0.7, 1, 0.52])
  })

  test('what is held and how wide, on other rows', () => {
    const fit = { level: 0.9, n: 100, quantile: 2, reason: null }
    const rows = {
      score: [0.5, 0.5, 0.5, 0.9],
      target: [0.69, 0.31, 0.71, 1],
      sigma: [0.1, 0.1, 0.1, 0.1],
      group: [1, 2, 3, 4],
    }
    const report = judgeConformal(fit, rows)
    expect(report.coverage?.value).toBe(0.75)
    expect(report.meanWidth?.value).toBeCloseTo((0.4 + 0.4 + 0.4 + 0.3) / 4, 12)
    expect(report.coverage!.low).toBeLessThan(0.75)
    const refused = { level: 0.9, n: 9, quantile: null, reason: 'too few' }
    expect(judgeConformal(refused, rows)).toEqual({ fit: refused, n: 4, coverage: null, meanWidth: null })
  })

  test.each([
    ['errors that grow with sigma', (sigma: number, draw: () => number) => sigma * (draw() + draw() - 1)],
    ['errors that sigma says nothing of', (_: number, draw: () => number) => 0.2 * (draw() - 0.5) ** 3],
  ])('over many exchangeable draws coverage is level to level + 1/(n + 1): %s', (_, errorOf) => {
    const random = createRandom(11, 'conformal')
    const draw = (): number => random.uniform()
    const [n, level, rounds, fresh] = [120, 0.9, 1500, 40]
    const rowsOf = (rows: number): Record<'score' | 'target' | 'sigma', number[]> => {
      const score = numbers(rows).map(() => 0.3 + 0.4 * draw())
      const sigma = score.map(() => 0.02 + 0.1 * draw())
      return { score, sigma, target: score.map((value, row) => value + errorOf(sigma[row]!, draw)) }
    }
    let held = 0
    for (let round = 0; round < rounds; round++) {
      const seen = rowsOf(n)
      const { quantile } = fitConformal(seen.score, seen.target, seen.sigma, level)
      const other = rowsOf(fresh)
      const { low, high } = conformalRanges(quantile!, other.score, other.sigma)
      held += other.target.filter((value, row) => value >= low[row]! && value <= high[row]!).length
    }
    // One round's coverage is Beta(109, 12), SD .027, seen on 40 rows, SD .047: over 1500 rounds .0014.
    const coverage = held / (rounds * fresh)
    expect(coverage).toBeGreaterThan(level - 3 * 0.0014)
    expect(coverage).toBeLessThan(level + 1 / (n + 1) + 3 * 0.0014)
  })
})
