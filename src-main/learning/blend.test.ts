import { expect, test } from 'vitest'
import { blendScores, fitBlend } from './blend.ts'
import { createRandom } from './random.ts'

const random = createRandom(3, 'blend')
const draw = (count: number): number[] => Array.from({ length: count }, () => random.uniform())

test('two models are weighed by hand', () => {
  // Target − ridge is .1, −.1 and interaction − ridge is .2, 0: share (.1·.2) / (.2²) = .5.
  const weights = fitBlend({ ridge: [0.4, 0.6], interaction: [0.6, 0.6] }, [0.5, 0.5], [1, 1])
  expect(weights).toEqual({ ridge: 0.5, cosine: 0, regression: 0, interaction: 0.5 })
  expect([...blendScores(weights, { ridge: [0.4, 0.6], interaction: [0.6, 0.6] }, 2)]).toEqual([
    Math.fround(0.5),
    Math.fround(0.6),
  ])
})

test('a known mixture is found again, and a model that only harms weighs nothing', () => {
  const [ridge, regression, interaction] = [draw(200), draw(200), draw(200)]
  const target = ridge.map((value, row) => 0.3 * value + 0.7 * interaction[row]!)
  const found = fitBlend({ ridge, regression, interaction }, target, draw(200))
  expect(found.ridge).toBeCloseTo(0.3, 9)
  expect(found.regression).toBeCloseTo(0, 9)
  expect(found.interaction).toBeCloseTo(0.7, 9)
  const contrary = target.map((value) => 1 - value)
  expect(fitBlend({ ridge: target, regression: contrary }, target, target).ridge).toBe(1)
})

test('no other mixture is nearer to the targets', () => {
  const scores = { ridge: draw(50), regression: draw(50), interaction: draw(50) }
  const [target, weight] = [draw(50), draw(50)]
  const error = (blend: { ridge: number; regression: number; interaction: number }): number =>
    blendScores({ cosine: 0, ...blend }, scores, 50).reduce(
      (sum, score, row) => sum + weight[row]! * (score - target[row]!) ** 2,
      0,
    )
  const best = error(fitBlend(scores, target, weight))
  for (let ridge = 0; ridge <= 20; ridge++)
    for (let regression = 0; regression <= 20 - ridge; regression++) {
      const interaction = 20 - ridge - regression
      const other = { ridge: ridge / 20, regression: regression / 20, interaction: interaction / 20 }
      expect(best).toBeLessThanOrEqual(error(other) + 1e-6)
    }
})

test('equal models do not confuse it', () => {
  const same = draw(30)
  const found = fitBlend({ ridge: same, regression: same }, draw(30), new Array<number>(30).fill(1))
  expect(found.ridge + found.regression).toBe(1)
})
