import { expect, test } from 'vitest'
import { gaussian } from './gaussian.ts'
import { exampleScore, exampleTarget, lossOf, measured, rowsOf, testEveryLoss } from './testLoss.ts'

const deviation = [0.05, 0.1, 0.2, 0.05]

test('Gaussian loss of the worked example, and with row weights', async () => {
  // .0025 / (2 · .0025) + log .05 = .5 − 2.9957323 = −2.4957323 (first and last)
  // .0036 / (2 · .01) + log .1 = .18 − 2.3025851 = −2.1225851
  // .01 / (2 · .04) + log .2 = .125 − 1.6094379 = −1.4844379
  // (−2.4957323 − 2.1225851 − 1.4844379 − 2.4957323) / 4
  const plain = rowsOf(exampleScore, exampleTarget, undefined, deviation)
  expect(await measured(gaussian, plain)).toBeCloseTo(-2.1496219, 5)
  // (2 · −2.4957323 + 0 · −2.1225851 + 1 · −1.4844379 + 1 · −2.4957323) / 4
  const weighted = rowsOf(exampleScore, exampleTarget, [2, 0, 1, 1], deviation)
  expect(await measured(gaussian, weighted)).toBeCloseTo(-2.2429087, 5)
})

test('the best deviation is the size of the error', async () => {
  const { gradients } = await lossOf(gaussian, [rowsOf([0.75, 0.75], [0.5, 0.5], [1, 1], [0.25, 0.5])])
  const [first, second] = gradients[0]!
  // By score: error / deviation² / 2 rows; by deviation: (1 / deviation − error² / deviation³) / 2 rows
  expect(first![0]).toBeCloseTo(0.25 / 0.0625 / 2, 5)
  expect(first![1]).toBeCloseTo(0, 5)
  expect(second![0]).toBeCloseTo(0.25 / 0.25 / 2, 5)
  expect(second![1]).toBeCloseTo((2 - 0.0625 / 0.125) / 2, 5)
})

testEveryLoss(gaussian)
