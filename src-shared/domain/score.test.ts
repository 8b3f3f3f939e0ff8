import { describe, expect, it } from 'vitest'
import { givenValueAt, positionOf, shownDecimals, valueAt, type ScaleKind } from './score.ts'

const kinds: ScaleKind[] = ['linear', 'logit']
const places = Array.from({ length: 1001 }, (_, index) => index / 1000)

describe.each(kinds)('a %s scale', (kind) => {
  it('has exact ends and its middle at .5', () => {
    expect([0, 1].map((end) => [valueAt(end, kind), positionOf(end, kind), givenValueAt(end, kind)])).toEqual(
      [
        [0, 0, 0],
        [1, 1, 1],
      ],
    )
    expect(valueAt(0.5, kind)).toBeCloseTo(0.5, 12)
  })
  it('leads from position to value and back', () => {
    const worst = places.map((place) => Math.abs(positionOf(valueAt(place, kind), kind) - place))
    expect(Math.max(...worst)).toBeLessThan(1e-9)
  })
  it('goes up all along, also as it is shown', () => {
    const rises = (values: number[]): number[] =>
      values.slice(1).map((value, index) => value - (values[index] ?? 0))
    expect(Math.min(...rises(places.map((place) => valueAt(place, kind))))).toBeGreaterThan(0)
    expect(Math.min(...rises(places.map((place) => givenValueAt(place, kind))))).toBeGreaterThanOrEqual(0)
  })
})

it('is a logistic curve from −5 to 5 where it is logit: σ(−2.5) and σ(2.5) at the quarters', () => {
  const [low, high] = [1 / (1 + Math.exp(5)), 1 / (1 + Math.exp(-5))]
  const expected = (1 / (1 + Math.exp(2.5)) - low) / (high - low)
  expect([valueAt(0.25, 'logit'), valueAt(0.75, 'logit')]).toEqual([
    expect.closeTo(expected, 12),
    expect.closeTo(1 - expected, 12),
  ])
  expect([givenValueAt(0.01, 'logit'), givenValueAt(0.1, 'logit'), givenValueAt(0.75, 'logit')]).toEqual([
    0.0007, 0.011, 0.93,
  ])
})

it('shows another value after each step of .01 along a logit scale, from wherever it starts', () => {
  const shown = (place: number): string => {
    const value = givenValueAt(place, 'logit')
    return value.toFixed(shownDecimals(value, 'logit'))
  }
  const stuck = places
    .filter((place) => place <= 0.99)
    .filter((place) => shown(place) === shown(Math.round((place + 0.01) * 1e6) / 1e6))
  expect(stuck).toEqual([])
})
