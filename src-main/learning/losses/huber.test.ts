import { expect, test } from 'vitest'
import { huber } from './huber.ts'
import { exampleScore, exampleTarget, lossOf, measured, rowsOf, testEveryLoss } from './testLoss.ts'

test('Huber loss of the worked example, and with row weights', async () => {
  // No error is above δ = .1: (.0025 + .0036 + .01 + .0025) / 2 / 4
  expect(await measured(huber, rowsOf(exampleScore, exampleTarget))).toBeCloseTo(0.002325, 8)
  // (2 · .0025 + 0 · .0036 + 1 · .01 + 1 · .0025) / 2 / 4
  expect(await measured(huber, rowsOf(exampleScore, exampleTarget, [2, 0, 1, 1]))).toBeCloseTo(0.0021875, 8)
})

test('beyond δ it is straight on both sides, with the gradient δ', async () => {
  // .1 · (.4 − .05) = .035 above and below; .06² / 2 = .0018; the mean of the three
  const { values, gradients } = await lossOf(huber, [rowsOf([0.5, 0.2, 0.36], [0.1, 0.6, 0.3])])
  expect(values[0]).toBeCloseTo((0.035 + 0.035 + 0.0018) / 3, 7)
  // δ / 3, −δ / 3 and .06 / 3
  const wanted = [0.1 / 3, -0.1 / 3, 0.02]
  gradients[0]!.forEach(([gradient], row) => expect(gradient).toBeCloseTo(wanted[row]!, 7))
})

testEveryLoss(huber)
