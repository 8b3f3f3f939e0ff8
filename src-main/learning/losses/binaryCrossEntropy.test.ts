import { expect, test } from 'vitest'
import { binaryCrossEntropy } from './binaryCrossEntropy.ts'
import { exampleScore, exampleTarget, lossOf, measured, rowsOf, testEveryLoss } from './testLoss.ts'

test('binary cross-entropy of the worked example, and with row weights', async () => {
  // −log .95 = .0512933; −.7 log .64 − .3 log .36 = .3124010 + .3064954 = .6188963;
  // −.2 log .3 − .8 log .7 = .2407946 + .2853400 = .5261345; −log(1 − .05) = .0512933
  // (.0512933 + .6188963 + .5261345 + .0512933) / 4
  expect(await measured(binaryCrossEntropy, rowsOf(exampleScore, exampleTarget))).toBeCloseTo(0.3119044, 6)
  // (2 · .0512933 + 0 · .6188963 + 1 · .5261345 + 1 · .0512933) / 4
  const weighted = rowsOf(exampleScore, exampleTarget, [2, 0, 1, 1])
  expect(await measured(binaryCrossEntropy, weighted)).toBeCloseTo(0.1700036, 6)
})

test('a soft label is met where the score equals it', async () => {
  const { gradients } = await lossOf(binaryCrossEntropy, [rowsOf([0.3, 0.4], [0.3, 0.3])])
  expect(gradients[0]![0]![0]).toBeCloseTo(0, 6)
  // (score − target) / (score (1 − score)) / 2 rows = .1 / .24 / 2
  expect(gradients[0]![1]![0]).toBeCloseTo(0.2083333, 5)
})

test('being right for certain costs nothing, being wrong for certain −log 1e-7', async () => {
  expect(await measured(binaryCrossEntropy, rowsOf([0, 1], [0, 1]))).toBeCloseTo(0, 6)
  expect(await measured(binaryCrossEntropy, rowsOf([0, 1], [0, 1]))).toBeGreaterThanOrEqual(0)
  expect(await measured(binaryCrossEntropy, rowsOf([0, 1], [1, 0]))).toBeCloseTo(16.1181, 3)
})

testEveryLoss(binaryCrossEntropy)
