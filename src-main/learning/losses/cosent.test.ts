import { expect, test } from 'vitest'
import { cosent } from './cosent.ts'
import { exampleScore, exampleTarget, lossOf, measured, rowsOf, testEveryLoss } from './testLoss.ts'

test('CoSENT of the worked example, and with row weights', async () => {
  // exp(20 (lower − higher)) of the six pairs, rows numbered from 1:
  // 1–2 e^−6.2 = .0020294306   1–3 e^−13 = .0000022603   1–4 e^−18 = .0000000152
  // 2–3 e^−6.8 = .0011137751   2–4 e^−11.8 = .0000075046   3–4 e^−5 = .0067379470
  // log(1 + .0098909329)
  expect(await measured(cosent, rowsOf(exampleScore, exampleTarget))).toBeCloseTo(0.0098423378, 6)
  // Weights 2, 0, 1, 1: log(1 + 2 · .0000022603 + 2 · .0000000152 + 1 · .0067379470)
  const weighted = rowsOf(exampleScore, exampleTarget, [2, 0, 1, 1])
  expect(await measured(cosent, weighted)).toBeCloseTo(0.0067198691, 6)
})

test('scores in the wrong order', async () => {
  // Targets 1, .5, 0 and scores .2, .4, .3: log(1 + e^(20 · .2) + e^(20 · .1) + e^(20 · −.1))
  // = log(1 + 54.598150 + 7.389056 + .135335) = log 63.122541
  expect(await measured(cosent, rowsOf([0.2, 0.4, 0.3], [1, 0.5, 0]))).toBeCloseTo(4.1450777, 5)
  // log(1 + e^20) = 20.000000002
  expect(await measured(cosent, rowsOf([0, 1], [1, 0]))).toBeCloseTo(20, 5)
})

test('equal scores are pulled apart, equal targets are left alone', async () => {
  // log(1 + 1), and ∓20 / 2
  const { values, gradients } = await lossOf(cosent, [rowsOf([0.4, 0.4], [1, 0])])
  expect(values[0]).toBeCloseTo(Math.LN2, 6)
  expect(gradients[0]![0]![0]).toBeCloseTo(-10, 4)
  expect(gradients[0]![1]![0]).toBeCloseTo(10, 4)
  const same = await lossOf(cosent, [rowsOf([0.1, 0.9], [0.5, 0.5])])
  expect(same).toEqual({ values: [0], gradients: [[[0], [0]]] })
})

test('numbers far outside 0–1 do not overflow', async () => {
  // The exponent is 20 · 50, beyond float32: log(1 + e^1000) = 1000
  const { values, gradients } = await lossOf(cosent, [rowsOf([-20, 30], [1, 0])])
  expect(values[0]).toBeCloseTo(1000, 2)
  expect(gradients[0]![0]![0]).toBeCloseTo(-20, 4)
})

testEveryLoss(cosent)
