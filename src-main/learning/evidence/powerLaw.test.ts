import { expect, test } from 'vitest'
import { fitPowerLaw, labelsToReach, powerLawAt } from './powerLaw.ts'

const sizes = [20, 40, 80, 160, 320, 640]

test('a law is found again from its own points, and goes on as it does', () => {
  const law = { a: 0.9, b: 1.5, c: 0.5 }
  const found = fitPowerLaw(
    sizes,
    sizes.map((m) => powerLawAt(law, m)),
  )!
  // .9 − 1.5 / √1600 and .9 − 1.5 / √100.
  expect(powerLawAt(found, 1600)).toBeCloseTo(0.8625, 3)
  expect(powerLawAt(found, 100)).toBeCloseTo(0.75, 3)
  expect(labelsToReach(found, 0.75)).toBeCloseTo(100, 0)
  expect(labelsToReach(found, 0.95)).toBe(Infinity)
})

test('r stays at most 1 and is never made to fall', () => {
  const steep = fitPowerLaw(
    sizes,
    sizes.map((m) => 0.2 * Math.log(m) - 0.35),
  )!
  expect(steep.a).toBe(1)
  expect(powerLawAt(steep, 1e9)).toBeLessThanOrEqual(1)
  const falling = fitPowerLaw(
    sizes,
    sizes.map((m) => 0.8 - m / 2000),
  )!
  expect(falling.b).toBe(0)
  expect(labelsToReach(falling, 0.1)).toBe(0)
  expect(labelsToReach(falling, 0.9)).toBe(Infinity)
})

test('a point of many labels counts for more than one of few', () => {
  const flat = fitPowerLaw([10, 990], [0.9, 0.5])!
  expect(flat.b).toBe(0)
  expect(flat.a).toBeCloseTo((10 * 0.9 + 990 * 0.5) / 1000, 12)
})

test('one size, or what is no number, has no law', () => {
  expect(fitPowerLaw([50, 50], [0.5, 0.6])).toBeNull()
  expect(fitPowerLaw([20, 40], [0.5, NaN])).toBeNull()
})
