import { expect, test } from 'vitest'
import { askAgain, type RatedPair } from './askAgain.ts'

const targets = [0.2, 0.9, 0.5, 0.52, 0.7, 0.1]
const unseen = [0.22, 0.2, 0.5, 0.5, 0.3, 0.1]
const once = (change: (place: number) => Partial<RatedPair> = () => ({})): RatedPair[] =>
  targets.map((target, place) => ({
    target,
    ratings: 1,
    deviation: null,
    expectedDeviation: null,
    unseen: unseen[place]!,
    ...change(place),
  }))
const placesOf = (rated: readonly RatedPair[]): number[] => askAgain(rated).map(({ place }) => place)

test('the label that contradicts the model most is asked again first', () => {
  // Errors .7 and .4 where the root mean square is .33: only what widens the interval by a fifth is in doubt.
  expect(askAgain(once())).toEqual([
    {
      place: 1,
      reason: 'With 1 rater its consensus is known to ±0.38 only, and the model expected a score 0.70 away.',
    },
  ])
})

test('where no model has scored what it had not seen, equal labels are left alone', () => {
  expect(askAgain(once(() => ({ unseen: null })))).toEqual([])
  // One pair alone has been scored: it is its own usual surprise, so nothing is unusual about it.
  expect(askAgain(once((place) => (place === 1 ? {} : { unseen: null })))).toEqual([])
})

test('a model that expects raters to differ makes their pairs doubtful, the widest first', () => {
  const expecting = once((place) => ({
    unseen: null,
    expectedDeviation: [0.05, 0.25, 0.05, 0.3, 0.05, 0.05][place]!,
  }))
  expect(placesOf(expecting)).toEqual([3, 1])
})

test('raters of different minds are left so, and enough raters settle a pair', () => {
  const wide = once((place) =>
    place === 1 ? { ratings: 12, deviation: 0.45 } : { ratings: 6, deviation: 0.05 },
  )
  expect(placesOf(wide)).toEqual([])
  expect(placesOf(once((place) => (place === 1 ? { ratings: 3, deviation: 0.1 } : {})))).not.toContain(1)
})

test('nothing rated asks for nothing', () => expect(askAgain([])).toEqual([]))
