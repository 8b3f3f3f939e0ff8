import { expect, test } from 'vitest'
import { mse } from './mse.ts'
import { exampleScore, exampleTarget, measured, rowsOf, testEveryLoss } from './testLoss.ts'

test('mse of the worked example, and with row weights', async () => {
  // (.0025 + .0036 + .01 + .0025) / 4
  expect(await measured(mse, rowsOf(exampleScore, exampleTarget))).toBeCloseTo(0.00465, 8)
  // (2 · .0025 + 0 · .0036 + 1 · .01 + 1 · .0025) / 4
  expect(await measured(mse, rowsOf(exampleScore, exampleTarget, [2, 0, 1, 1]))).toBeCloseTo(0.004375, 8)
})

test('small weights count in full', async () => {
  const weight = [2e-12, 0, 1e-12, 1e-12]
  expect(await measured(mse, rowsOf(exampleScore, exampleTarget, weight))).toBeCloseTo(0.004375, 8)
})

testEveryLoss(mse)
