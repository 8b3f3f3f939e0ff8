import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { expect, test } from 'vitest'
import { disagreementKind, disagreementWeight } from './disagreementKind.ts'

test.each([
  [[0.5], null],
  [[0.4, 0.65], 'agree'],
  [[0.4, 0.66], 'wide'],
  [[0.1, 0.2, 0.15, 0.3], 'agree'],
  // Fifty raters about one score: the ends are far apart by chance.
  [
    Array.from({ length: 50 }, (_, index) => 0.5 + 0.09 * Math.sin(index * 7) + (index === 0 ? 0.15 : 0)),
    'agree',
  ],
  [[0.1, 0.15, 0.2, 0.9], 'one-outlier'],
  [[0.9, 0.95, 0.5], 'one-outlier'],
  [[0.3, 0.55, 0.85], 'one-outlier'],
  [[0.1, 0.15, 0.85, 0.9], 'two-camps'],
  [[0, 0, 0.05, 0.9, 1, 1, 0.95], 'two-camps'],
  [[0, 0.33, 0.67, 1], 'wide'],
  [[0, 0.2, 0.4, 0.6, 0.8, 1], 'wide'],
  // Two of fifteen are no camp.
  [[...Array.from({ length: 13 }, (_, index) => 0.1 + index * 0.01), 0.9, 0.95], 'wide'],
])('%j: %s', (scores, kind) => {
  expect(disagreementKind(scores)).toBe(kind)
  expect(disagreementKind(scores.map((score) => 1 - score))).toBe(kind)
})

test.each([4, 5, 6, 8, 10, 15])(
  'of %i raters: evenly spread scores are seldom two camps, two groups mostly are where both have two raters',
  (raters) => {
    const random = xoroshiro128plus(raters)
    const uniform = (): number => uniformFloat64(random)
    const camps = (draw: () => number): number => {
      const kinds = Array.from({ length: 4000 }, () => disagreementKind(Array.from({ length: raters }, draw)))
      return kinds.filter((kind) => kind === 'two-camps').length / kinds.length
    }
    expect(camps(uniform)).toBeLessThan(0.12)
    let place = 0
    const grouped = (): number => (place++ % 2 === 0 ? 0.1 : 0.75) + 0.15 * uniform()
    expect(camps(grouped)).toBeGreaterThan(0.95)
  },
)

test('what is wider, in two camps, said by more, disputed, or far from the model matters more', () => {
  const weigh = (scores: number[], disputes = 0, modelGap: number | null = null): number =>
    disagreementWeight({ scores, disputes, modelGap })
  expect(weigh([0.5])).toBe(0)
  expect(weigh([0.2, 0.8])).toBeCloseTo(0.6 * Math.SQRT1_2 * Math.log2(3), 12)
  const ordered = [
    weigh([0.4, 0.6]),
    weigh([0.2, 0.8]),
    weigh([0.2, 0.5, 0.8, 0.9]),
    weigh([0.1, 0.1, 0.9, 0.9]),
    weigh([0.1, 0.1, 0.9, 0.9], 1),
    weigh([0.1, 0.1, 0.9, 0.9], 1, 0.4),
  ]
  expect(ordered).toEqual(ordered.toSorted((left, right) => left - right))
  expect(weigh([0.4, 0.6], 4)).toBe(weigh([0.4, 0.6], 3))
})
