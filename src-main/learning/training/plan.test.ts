import { expect, test } from 'vitest'
import { createMaskPool, initialParameters, memberWeights } from './initial.ts'
import { batchSizes, learningRateAt, planEpoch, sliceSteps } from './plan.ts'
import { heads } from '../heads/registry.ts'

const plan = {
  seed: 3,
  rows: 150,
  batchSize: 64,
  learningRate: 0.1,
  weightDecay: 0.5,
  maximumEpochs: 4,
  maskStarts: 9,
}

test('rows are spread evenly over the steps', () => {
  expect([batchSizes(150, 64), batchSizes(64, 64), batchSizes(13, 64), batchSizes(65, 64)]).toEqual([
    { count: 3, batch: 50 },
    { count: 1, batch: 64 },
    { count: 1, batch: 13 },
    { count: 2, batch: 33 },
  ])
})

test('an epoch sees every row once; the padding of uneven steps does not count', () => {
  const steps = planEpoch({ ...plan, rows: 149 }, 2)
  const counted = [...steps.rows].filter((_, place) => steps.counted[place] === 1)
  expect(counted.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 149 }, (_, row) => row))
  expect(steps.counted).toHaveLength(150)
  expect(steps.maskOffsets.every((offset) => offset >= 0 && offset < 9)).toBe(true)
})

test('orders depend on seed and epoch alone', () => {
  expect(planEpoch(plan, 2)).toEqual(planEpoch(plan, 2))
  expect(planEpoch(plan, 3).rows).not.toEqual(planEpoch(plan, 2).rows)
  expect(planEpoch({ ...plan, seed: 4 }, 2).rows).not.toEqual(planEpoch(plan, 2).rows)
  const { rows, count } = sliceSteps(planEpoch(plan, 2), 1, 3)
  expect([rows, count]).toEqual([planEpoch(plan, 2).rows.subarray(50, 150), 2])
})

test('the learning rate rises in a line and falls down a cosine', () => {
  const rates = [1, 5, 10, 55, 100].map((step) => Number(learningRateAt(step, 100, 0.2).toFixed(6)))
  expect(rates).toEqual([0.02, 0.1, 0.2, 0.1, 0])
  expect(learningRateAt(1, 1, 0.2)).toBe(0.2)
})

test('the weights of a member do not depend on how many others there are', () => {
  const size = { featureWidth: 5, hiddenWidth: 4 }
  const two = initialParameters(heads.regression, { ...size, members: 2 }, 1).get('trunk.weight')!
  const three = initialParameters(heads.regression, { ...size, members: 3 }, 1).get('trunk.weight')!
  expect(three.subarray(0, 40)).toEqual(two)
  expect(Math.max(...three.map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(5))
})

test('bootstrap weights of a member average the rows’ own; masks keep the expected share', () => {
  const weights = memberWeights(new Float32Array(4000).fill(2), 2, 1)
  const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length
  expect(mean(weights.subarray(0, 4000))).toBeCloseTo(2, 4)
  expect(weights.subarray(4000)).not.toEqual(weights.subarray(0, 4000))
  const pool = createMaskPool(10, 0.25, 1)
  expect(mean(pool)).toBeCloseTo(1, 2)
  expect(new Set(pool)).toEqual(new Set([0, Math.fround(1 / 0.75)]))
})
