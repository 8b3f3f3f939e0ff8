import { expect, test } from 'vitest'
import { beginModelled, addModelled, modelledScore } from '#shared/domain/consensus.ts'
import { fitRaterModel, raterIntervals } from './raterModel.ts'
import { simulateRaters, tableOf } from './testTables.ts'

test('raters with a bias, another scale and more noise are found out', () => {
  const { table, truth } = simulateRaters({ raters: 6, pairs: 300, ratersPerPair: 4, seed: 3 })
  const fitted = fitRaterModel(table)!
  for (let by = 0; by < 6; by++) {
    expect(Math.abs(fitted.bias[by]! - truth.bias[by]!)).toBeLessThan(0.08)
    expect(Math.abs(fitted.scale[by]! - truth.scale[by]!)).toBeLessThan(0.12)
    expect(Math.abs(Math.log(fitted.deviation[by]! / truth.deviation[by]!))).toBeLessThan(0.25)
  }
  const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length
  expect(mean(fitted.bias)).toBeCloseTo(0, 9)
  expect(mean(fitted.scale)).toBeCloseTo(1, 9)
})

test('a pair’s score is the posterior mean that the project’s consensus computes from the raters', () => {
  const { table } = simulateRaters({ raters: 5, pairs: 40, ratersPerPair: 3, seed: 1 })
  const { mean, variance, usualDeviation, bias, scale, deviation, score, uncertainty } = fitRaterModel(table)!
  const model = {
    mean,
    variance,
    usualDeviation,
    raters: Object.fromEntries(
      [...bias.keys()].map((by) => [
        String(by),
        { bias: bias[by]!, scale: scale[by]!, deviation: deviation[by]! },
      ]),
    ),
  }
  const sum = beginModelled(model)
  for (const [row, pair] of table.pair.entries())
    if (pair === 7) addModelled(sum, model, String(table.rater[row]), table.score[row]!)
  expect(modelledScore(sum)).toBeCloseTo(Math.min(1, Math.max(0, score[7]!)), 9)
  expect(1 / Math.sqrt(sum.precision)).toBeCloseTo(uncertainty[7]!, 9)
})

test('nobody overlaps, or all say the same: there is no model', () => {
  expect(
    fitRaterModel(
      tableOf([
        [0.1, null],
        [null, 0.4],
      ]),
    ),
  ).toBeNull()
  expect(
    fitRaterModel(
      tableOf([
        [0.5, 0.5],
        [0.5, 0.5],
      ]),
    ),
  ).toBeNull()
  expect(fitRaterModel(tableOf([]))).toBeNull()
})

test.each([
  [
    'a rater with one score',
    [
      [0.1, 0.5, 0.9, 0.3],
      [0.2, 0.6, 0.8, 0.3],
      [null, null, 1, null],
    ],
  ],
  [
    'a constant rater',
    [
      [0.1, 0.5, 0.9, 0.3],
      [0.2, 0.6, 0.8, 0.3],
      [0.5, 0.5, 0.5, 0.5],
    ],
  ],
  [
    'raters who say the same',
    [
      [0.1, 0.5, 0.9, 0.3],
      [0.1, 0.5, 0.9, 0.3],
    ],
  ],
  [
    'raters who say the opposite',
    [
      [0.1, 0.5, 0.9, 0.3],
      [0.9, 0.5, 0.1, 0.7],
    ],
  ],
  [
    'groups that never meet',
    [
      [0.1, 0.5, null, null],
      [0.2, 0.6, null, null],
      [null, null, 0.9, 0.3],
      [null, null, 0.7, 0.2],
    ],
  ],
])('%s: every parameter and interval is a number', async (_, rows) => {
  const table = tableOf(rows)
  const fitted = fitRaterModel(table)!
  const found = await raterIntervals(table, fitted, 1, () => undefined)
  const all = [fitted.bias, fitted.scale, fitted.deviation, fitted.score, fitted.uncertainty]
  for (const values of [...all, ...Object.values(found).flat()])
    expect([...values].every(Number.isFinite)).toBe(true)
  expect(fitted.deviation.every((deviation) => deviation > 0)).toBe(true)
})

test('intervals hold the truth as often as they say, over simulated raters', async () => {
  let [held, all] = [0, 0]
  for (let seed = 0; seed < 12; seed++) {
    const { table, truth } = simulateRaters({ raters: 12, pairs: 150, ratersPerPair: 4, seed })
    const found = await raterIntervals(table, fitRaterModel(table)!, seed, () => undefined)
    for (const name of ['bias', 'scale', 'deviation'] as const)
      for (let by = 0; by < 12; by++) {
        const [low, high] = found[name]
        all += 1
        held += truth[name][by]! >= low[by]! && truth[name][by]! <= high[by]! ? 1 : 0
      }
  }
  // 432 intervals of 95%: chance alone gives less than .90 once in a million.
  expect(held / all).toBeGreaterThan(0.9)
  expect(held / all).toBeLessThan(0.99)
})
