import { expect, test } from 'vitest'
import { ranking } from './ranking.ts'
import { exampleScore, exampleTarget, lossOf, measured, rowsOf, testEveryLoss } from './testLoss.ts'

test('ranking loss of the worked example, and with row weights', async () => {
  // log(1 + exp(−20 gap)) of the six pairs, rows numbered from 1, all in the right order:
  // 1–2 gap .31: log(1 + e^−6.2) = .0020273738    1–3 gap .65: log(1 + e^−13) = .0000022603
  // 1–4 gap .90: log(1 + e^−18) = .0000000152     2–3 gap .34: log(1 + e^−6.8) = .0011131554
  // 2–4 gap .59: log(1 + e^−11.8) = .0000075045   3–4 gap .25: log(1 + e^−5) = .0067153485
  // Their sum .0098656577 / 6
  expect(await measured(ranking, rowsOf(exampleScore, exampleTarget))).toBeCloseTo(0.0016442763, 7)
  // Weights 2, 0, 1, 1: (2 · .0000022603 + 2 · .0000000152 + 1 · .0067153485) / (2 + 2 + 1)
  const weighted = rowsOf(exampleScore, exampleTarget, [2, 0, 1, 1])
  expect(await measured(ranking, weighted)).toBeCloseTo(0.0013439799, 7)
})

test('a pair in the wrong order costs about 20 times its gap', async () => {
  // log(1 + e^20) = 20.000000002
  expect(await measured(ranking, rowsOf([0, 1], [1, 0]))).toBeCloseTo(20, 5)
})

test('equal scores are pulled apart', async () => {
  // log 2, and ∓20 / 2
  const { values, gradients } = await lossOf(ranking, [rowsOf([0.4, 0.4], [1, 0])])
  expect(values[0]).toBeCloseTo(Math.LN2, 6)
  expect(gradients[0]![0]![0]).toBeCloseTo(-10, 4)
  expect(gradients[0]![1]![0]).toBeCloseTo(10, 4)
})

test('targets within the margin have no order', async () => {
  const { values, gradients } = await lossOf(ranking, [rowsOf([0.1, 0.9, 0.5], [0.54, 0.5, 0.52])])
  expect(values).toEqual([0])
  expect(gradients).toEqual([[[0], [0], [0]]])
  expect(await measured(ranking, rowsOf([0.1, 0.9], [0.56, 0.5]))).toBeCloseTo(16, 4)
})

test('a pair of rows with the least weight of a bootstrap counts in full', async () => {
  expect(await measured(ranking, rowsOf([0.4, 0.4], [1, 0], [1e-6, 1e-6]))).toBeCloseTo(Math.LN2, 6)
})

testEveryLoss(ranking)
