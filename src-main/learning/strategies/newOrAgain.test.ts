import { expect, test } from 'vitest'
import { lowestDeviation, newOrAgain, type PairState, type SpendingPolicy } from './newOrAgain.ts'

const policy: SpendingPolicy = {
  highVariance: 0.01,
  wideInterval: 0.3,
  ambiguousDeviation: 0.2,
  usualSurprise: 0.2,
}
const state = (more: Partial<PairState>): PairState => ({
  ratings: 0,
  variance: 0.04,
  deviation: null,
  expectedDeviation: 0.13,
  surprise: null,
  ...more,
})

test('an unrated pair is asked for where the heads differ', () => {
  expect(newOrAgain(state({}), policy)).toEqual({
    ask: 'new-pair',
    reason: "Nobody has rated it, and the heads' standard deviation is 0.20.",
    halfWidth: null,
  })
  expect(newOrAgain(state({ variance: 0.0025 }), policy)).toEqual({
    ask: 'nothing',
    reason: "The heads agree on it: the heads' standard deviation is 0.05.",
    halfWidth: null,
  })
  // Where the heads agree on everything the median is 0, and still nothing is worth asking.
  expect(newOrAgain(state({ variance: 0 }), { ...policy, highVariance: 0 }).ask).toBe('nothing')
})

test('a wide interval of the consensus asks for another rating, however the heads stand', () => {
  // 1.96 · .13 = .255 with one rating, 1.96 · .2 = .392.
  expect(newOrAgain(state({ ratings: 1 }), policy)).toMatchObject({ ask: 'nothing' })
  const wide = newOrAgain(state({ ratings: 1, expectedDeviation: 0.2 }), policy)
  expect(wide.ask).toBe('another-rating')
  expect(wide.halfWidth).toBeCloseTo(0.392, 3)
  expect(wide.reason).toBe('With 1 rater its consensus is known to ±0.39 only.')
  // 1.96 · .3 = .588: more than half the scale to either side.
  expect(newOrAgain(state({ ratings: 1, expectedDeviation: 0.3 }), policy).reason).toBe(
    'With 1 rater its consensus is hardly known.',
  )
  // .392 / √2 = .277
  expect(newOrAgain(state({ ratings: 2, deviation: 0.1, expectedDeviation: 0.2 }), policy).ask).toBe(
    'nothing',
  )
})

test('a rating that surprises the model is doubted', () => {
  // √((4 + 6.25) / 5) = 1.432; 1.432 · .255 = .365
  const surprised = newOrAgain(state({ ratings: 1, surprise: 0.5 }), policy)
  expect(surprised.halfWidth).toBeCloseTo(0.365, 3)
  expect(surprised.ask).toBe('another-rating')
  expect(surprised.reason).toBe(
    'With 1 rater its consensus is known to ±0.36 only, and the model expected a score 0.50 away.',
  )
  // A usual surprise changes nothing, and a rating that was expected is believed.
  expect(newOrAgain(state({ ratings: 1, surprise: 0.2 }), policy).halfWidth).toBeCloseTo(0.255, 3)
  expect(newOrAgain(state({ ratings: 1, surprise: 0 }), policy).halfWidth).toBeCloseTo(0.228, 3)
})

test('a spread that is wide and stable is accepted', () => {
  const camps = newOrAgain(state({ ratings: 5, deviation: 0.45, expectedDeviation: 0.4 }), policy)
  expect(camps).toMatchObject({ ask: 'accept-ambiguity' })
  expect(camps.reason).toBe(
    '5 raters differ by a standard deviation of 0.45, and more would not change that.',
  )
  // Two raters who differ as much have shown nothing yet: √(1 / 3.84) · .35 = .18.
  expect(newOrAgain(state({ ratings: 2, deviation: 0.35, expectedDeviation: 0.3 }), policy).ask).toBe(
    'another-rating',
  )
})

test('the lower end of a standard deviation is that of the tables of χ²', () => {
  // χ² below which 95% lie: 9.488 with 4 degrees of freedom, 16.919 with 9.
  expect(lowestDeviation(1, 5)).toBeCloseTo(Math.sqrt(4 / 9.488), 2)
  expect(lowestDeviation(1, 10)).toBeCloseTo(Math.sqrt(9 / 16.919), 3)
  expect(lowestDeviation(1, 1)).toBe(0)
})
