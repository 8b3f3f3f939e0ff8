import { expect, test } from 'vitest'
import { mae } from './mae.ts'
import { exampleScore, exampleTarget, lossOf, measured, rowsOf, testEveryLoss } from './testLoss.ts'

test('mae of the worked example, and with row weights', async () => {
  // (.05 + .06 + .1 + .05) / 4
  expect(await measured(mae, rowsOf(exampleScore, exampleTarget))).toBeCloseTo(0.065, 7)
  // (2 · .05 + 0 · .06 + 1 · .1 + 1 · .05) / 4
  expect(await measured(mae, rowsOf(exampleScore, exampleTarget, [2, 0, 1, 1]))).toBeCloseTo(0.0625, 7)
})

test('its gradient is the side of the error times the share of the weight, and 0 for a score that is right', async () => {
  const { gradients } = await lossOf(mae, [rowsOf([0.9, 0.2, 0.5], [1, 0, 0.5], [1, 2, 1])])
  expect(gradients).toEqual([[[-0.25], [0.5], [0]]])
})

testEveryLoss(mae)
