import { expect, test } from 'vitest'
import { createMaskPool, initialParameters, memberWeights } from './initial.ts'
import { adamRates } from '../optimiser/adamW.ts'
import { createRandom } from '../random.ts'
import { maskLayout } from './masks.ts'
import { batchSizes, learningRateAt, planEpoch, sliceSteps } from './plan.ts'
import { heads } from '../heads/registry.ts'

const plan = {
  seed: 3,
  rows: 150,
  batchSize: 64,
  rates: [
    { learningRate: 0.1, weightDecay: 0.5 },
    { learningRate: 0.2, weightDecay: 0 },
  ],
  maximumEpochs: 4,
  maskStarts: 9,
  lengths: null,
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
  const whole = planEpoch(plan, 2)
  const { rows, count, rates } = sliceSteps(whole, 1, 3)
  expect([rows, count, rates]).toEqual([whole.rows.subarray(50, 150), 2, whole.rates.subarray(6, 18)])
})

test('the learning rate rises in a line and falls down a cosine', () => {
  const rates = [1, 5, 10, 55, 100].map((step) => Number(learningRateAt(step, 100, 0.2).toFixed(6)))
  expect(rates).toEqual([0.02, 0.1, 0.2, 0.1, 0])
  expect(learningRateAt(1, 1, 0.2)).toBe(0.2)
})

test('every member has rates of its own', () => {
  const { rates } = planEpoch(plan, 2)
  // Step 5 of 12: the second of the second epoch.
  const [stepSize, smallest, keep, otherSize, , otherKeep] = rates.subarray(6, 12)
  const present = learningRateAt(5, 12, 0.1)
  const expected = adamRates(5, present, 0.5)
  expect(stepSize).toBeCloseTo(expected.stepSize, 6)
  expect(smallest).toBeCloseTo(expected.smallest, 12)
  expect(keep).toBeCloseTo(1 - 0.5 * present, 6)
  expect([otherSize! / stepSize!, otherKeep]).toEqual([expect.closeTo(2, 5), 1])
})

test('rows of like length share a step, the steps are shuffled, and still every row comes once', () => {
  const random = createRandom(5, 'lengths')
  const lengths = Int32Array.from({ length: 640 }, () => 1 + random.integer(60))
  const options = { ...plan, rows: 640, batchSize: 16, lengths }
  const steps = planEpoch(options, 1)
  expect([...steps.rows].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 640 }, (_, row) => row))
  const longest = (rows: Int32Array): number[] =>
    Array.from({ length: 40 }, (_, step) =>
      rows.subarray(step * 16, (step + 1) * 16).reduce((most, row) => Math.max(most, lengths[row]!), 0),
    )
  const padded = (rows: Int32Array): number => longest(rows).reduce((sum, most) => sum + 16 * most, 0)
  const real = lengths.reduce((sum, own) => sum + own, 0)
  const plain = planEpoch({ ...options, lengths: null }, 1)
  expect(padded(plain.rows) / real).toBeGreaterThan(1.7)
  expect(padded(steps.rows) / real).toBeLessThan(1.2)
  // Long steps are not all at one end.
  const [first, second] = [longest(steps.rows).slice(0, 20), longest(steps.rows).slice(20)]
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  expect(Math.abs(mean(first) - mean(second))).toBeLessThan(12)
  expect(planEpoch(options, 1)).toEqual(steps)
})

test('the weights of a member do not depend on how many others there are', () => {
  const size = { dimension: 1, hiddenWidth: 4, columns: 1, frozenWidth: 0 }
  const two = initialParameters(heads.regression, { ...size, members: 2 }, 1).get('trunk.weight')!
  const three = initialParameters(heads.regression, { ...size, members: 3 }, 1).get('trunk.weight')!
  expect(two).toHaveLength(2 * 5 * 4)
  expect(three.subarray(0, 2 * 5 * 4)).toEqual(two)
  expect(Math.max(...three.map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(5))
})

test('bootstrap weights of a member average the rows’ own; masks keep the expected share', () => {
  const options = { seed: 1, bootstrap: true, folds: null }
  const weights = memberWeights(new Float32Array(4000).fill(2), 2, options)
  const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length
  expect(mean(weights.subarray(0, 4000))).toBeCloseTo(2, 4)
  expect(weights.subarray(4000)).not.toEqual(weights.subarray(0, 4000))
  expect([...memberWeights(Float32Array.of(3, 4), 2, { ...options, bootstrap: false })]).toEqual([3, 4, 3, 4])
  // Folds 0, 1, 2 of four members: the last leaves out what the first does.
  const folds = { count: 3, of: Int32Array.of(0, 1, 2, 0), byGroup: true }
  const held = memberWeights(new Float32Array(4).fill(1), 4, { ...options, folds })
  expect(Array.from(held, (weight) => Number(weight > 0)).join('')).toBe(
    ['0110', '1011', '1101', '0110'].join(''),
  )
  const pool = createMaskPool(10, 1)
  expect(mean(pool)).toBeCloseTo(0.5, 2)
  expect(pool.every((value) => value >= 0 && value < 1)).toBe(true)
})

test('a head’s masks lie side by side in the window of the pool', () => {
  const size = { members: 2, dimension: 3, hiddenWidth: 4, columns: 1, frozenWidth: 0 }
  const { masks, length } = maskLayout(heads.interaction, size, 5)
  expect([...masks].map(([name, { start, shape }]) => [name, start, shape])).toEqual([
    ['premise', 0, [2, 5, 4]],
    ['hypothesis', 40, [2, 5, 4]],
    ['aggregate', 80, [2, 5, 16]],
    ['hidden', 240, [2, 5, 4]],
  ])
  expect(length).toBe(280)
})
