import { describe, expect, test } from 'vitest'
import { averageRanks, pearson, spearman } from './correlation.ts'
import { judge } from './judge.ts'

/** Anscombe 1973, Graphs in Statistical Analysis: published r is .816 (.817 for the fourth). */
const quartet = {
  x: [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5],
  first: [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68],
  second: [9.14, 8.14, 8.74, 8.77, 9.26, 8.1, 6.13, 3.1, 9.13, 7.26, 4.74],
  third: [7.46, 6.77, 12.74, 7.11, 7.81, 8.84, 6.08, 5.39, 8.15, 6.42, 5.73],
  fourthX: [8, 8, 8, 8, 8, 8, 8, 19, 8, 8, 8],
  fourth: [6.58, 5.76, 7.71, 8.84, 8.47, 7.04, 5.25, 12.5, 5.56, 7.91, 6.89],
}

describe('correlations', () => {
  test("Pearson of Anscombe's quartet is as published", () => {
    const found = [
      pearson(quartet.x, quartet.first),
      pearson(quartet.x, quartet.second),
      pearson(quartet.x, quartet.third),
      pearson(quartet.fourthX, quartet.fourth),
    ].map((r) => Number(r?.toFixed(5)))
    expect(found).toEqual([0.81642, 0.81624, 0.81629, 0.81652])
  })

  test('ties share the average rank', () => {
    expect([...averageRanks([10, 20, 20, 5, 20])]).toEqual([2, 4, 4, 1, 4])
  })

  test('Spearman, with and without ties', () => {
    // Ranks of the first set differ from 1–11 by d² summing to 40: 1 − 6·40/(11·120) = .81818.
    expect(spearman(quartet.x, quartet.first)).toBeCloseTo(0.818182, 6)
    // Worked by hand: ranks 1 2.5 2.5 4 and 1 3 2 4, covariance 4.5, variances 4.5 and 5.
    expect(spearman([1, 2, 2, 3], [1, 3, 2, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12)
  })

  test('constant or too few values have no correlation', () => {
    expect([
      pearson([1, 2], [1, 2]),
      pearson([0.3, 0.3, 0.3], [1, 2, 3]),
      spearman([1, 2, 3], [7, 7, 7]),
    ]).toEqual([null, null, null])
  })
})

describe('judge', () => {
  test('errors of the worked example: mse .00465, and rmse its root', () => {
    const judged = judge([0.95, 0.64, 0.3, 0.05], [1, 0.7, 0.2, 0], [0, 1, 2, 3])
    expect(judged.n).toBe(4)
    expect(judged.mse?.value).toBeCloseTo(0.00465, 12)
    expect(judged.rmse?.value).toBeCloseTo(Math.sqrt(0.00465), 12)
    expect(judged.mae?.value).toBeCloseTo((0.05 + 0.06 + 0.1 + 0.05) / 4, 12)
    expect(judged.pearson?.value).toBeCloseTo(0.5365 / Math.sqrt(0.4637 * 0.6275), 10)
    expect(judged.spearman?.value).toBe(1)
  })

  test('nothing to judge, and a constant score', () => {
    expect(judge([], [], [])).toEqual({
      n: 0,
      pearson: null,
      spearman: null,
      rmse: null,
      mae: null,
      mse: null,
    })
    expect(judge([0.5, 0.5, 0.5], [0, 1, 1], [1, 2, 3])).toEqual({
      n: 3,
      pearson: null,
      spearman: null,
      rmse: { value: 0.5, low: 0.5, high: 0.5 },
      mae: { value: 0.5, low: 0.5, high: 0.5 },
      mse: { value: 0.25, low: 0.25, high: 0.25 },
    })
  })

  test('columns of unequal length are refused, by name', () => {
    expect(() => judge([1, 2], [1], [1])).toThrow('2 scores, 1 targets and 1 groups do not pair up')
  })

  test('rows of one group are drawn together, so few groups give a wide interval', () => {
    const score = Array.from({ length: 400 }, (_, row) => (row % 20) / 20)
    const target = score.map((value, row) => value + Math.sin(row * 7) * 0.02 + Math.floor(row / 100) * 0.1)
    const alone = judge(
      score,
      target,
      score.map((_, row) => row),
    )
    const together = judge(
      score,
      target,
      score.map((_, row) => Math.floor(row / 100)),
    )
    const breadth = ({ rmse }: typeof alone): number => (rmse === null ? 0 : rmse.high - rmse.low)
    expect(together.rmse?.value).toBe(alone.rmse?.value)
    expect(breadth(together)).toBeGreaterThan(2 * breadth(alone))
    expect(alone.pearson!.low).toBeLessThan(alone.pearson!.value)
    expect(alone.pearson!.high).toBeGreaterThan(alone.pearson!.value)
    expect(judge(score, target, score)).toEqual(judge(score, target, score))
  })

  test('where all rows share a premise, the interval is that of single rows', () => {
    const score = Array.from({ length: 40 }, (_, row) => ((row * 37) % 40) / 40)
    const target = score.map((value, row) => value + 0.2 * Math.sin(row * 7))
    const alone = judge(
      score,
      target,
      score.map((_, row) => row),
    )
    expect(judge(score, target, new Int32Array(40))).toEqual(alone)
    expect(alone.pearson!.low).toBeLessThan(alone.pearson!.high)
  })

  test("the interval of a mean comes near the textbook's", () => {
    // MAE against 0 is the mean of the scores: 1.96 standard errors to each side.
    const score = Array.from({ length: 900 }, (_, row) => ((row * 37) % 900) / 900)
    const { mae } = judge(
      score,
      score.map(() => 0),
      score.map((_, row) => row),
    )
    const standardError = Math.sqrt(1 / 12 / 900)
    expect(mae!.value - mae!.low).toBeCloseTo(1.96 * standardError, 2)
    expect(mae!.high - mae!.value).toBeCloseTo(1.96 * standardError, 2)
  })
})
