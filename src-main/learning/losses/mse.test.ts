import { expect, test } from 'vitest'
import { createLossMeter } from './lossMeter.ts'
import { mse } from './mse.ts'

const score = Float32Array.of(0.95, 0.64, 0.3, 0.05)
const target = Float32Array.of(1, 0.7, 0.2, 0)

test('mse of the worked example, and with row weights', async () => {
  const meter = await createLossMeter(mse, { columns: 1, labelColumns: 1 })
  // (.0025 + .0036 + .01 + .0025) / 4
  expect(await meter.measure(score, target, Float32Array.of(1, 1, 1, 1))).toBeCloseTo(0.00465, 8)
  // (2 · .0025 + 0 · .0036 + 1 · .01 + 1 · .0025) / 4
  expect(await meter.measure(score, target, Float32Array.of(2, 0, 1, 1))).toBeCloseTo(0.004375, 8)
  await meter.dispose()
})
