import { describe, expect, test } from 'vitest'
import {
  labelsToReach,
  meanInterval,
  pointsBehindRandom,
  summariseReplay,
  type ReplayCell,
  type ReplayPoint,
} from './replay.ts'
import type { StrategyName } from './suggestion.ts'

const curve = (values: readonly (number | null)[]): ReplayPoint[] =>
  values.map((pearson, index) => ({ labels: 20 * (index + 1), pairs: 20 * (index + 1), pearson }))
const cell = (strategy: StrategyName, seed: number, values: readonly (number | null)[]): ReplayCell => ({
  strategy,
  seed,
  points: curve(values),
  seconds: 1,
})

test("a mean has Student's interval", () => {
  // SD of 1, 2, 3, 4 is 1.291; t with 3 degrees of freedom 3.182; 3.182 · 1.291 / 2 = 2.054.
  const interval = meanInterval([1, 2, 3, 4])
  expect(interval?.value).toBe(2.5)
  expect(interval?.low).toBeCloseTo(2.5 - 2.054, 3)
  expect(interval?.high).toBeCloseTo(2.5 + 2.054, 3)
  expect(meanInterval([0.3])).toEqual({ value: 0.3, low: 0.3, high: 0.3 })
  expect(meanInterval([])).toBeNull()
})

describe('labels to reach a level', () => {
  test('lie on the straight line between two points', () => {
    expect(labelsToReach(curve([0.5, 0.7, 0.9]), 0.75)).toBeCloseTo(45, 9)
    expect(labelsToReach(curve([0.8, 0.9]), 0.75)).toBe(20)
    expect(labelsToReach(curve([0.5, 0.6]), 0.75)).toBeNull()
  })

  test('count only from where r stays', () => {
    expect(labelsToReach(curve([0.8, 0.7, 0.8, 0.9]), 0.75)).toBeCloseTo(50, 9)
    expect(labelsToReach(curve([0.8, 0.7]), 0.75)).toBeNull()
  })

  test('where r was not defined the next point counts', () => {
    expect(labelsToReach(curve([null, 0.8]), 0.75)).toBe(40)
    expect(labelsToReach(curve([0.8, null, 0.8]), 0.75)).toBe(60)
  })
})

describe('a summary', () => {
  const cells = [
    cell('random', 0, [0.4, 0.6, 0.8]),
    cell('random', 1, [0.5, 0.7, 0.9]),
    cell('hybrid', 0, [0.4, 0.8, 0.8]),
    cell('hybrid', 1, [0.5, 0.9, 0.9]),
    cell('lcmd', 0, [0.4, 0.5, 0.7]),
    cell('lcmd', 1, [0.5, 0.6, 0.8]),
  ]
  const [random, hybrid, lcmd] = summariseReplay(cells, { pearson: 0.8 }, 0.75)

  test('compares with random seed by seed', () => {
    expect(random).toMatchObject({ strategy: 'random', seeds: 2, overRandom: null, shareOfRandom: null })
    // .6: random at 40 and 30, hybrid at 30 and 25.
    expect(random!.labelsToReach!.value).toBeCloseTo(35, 9)
    expect(hybrid!.labelsToReach!.value).toBeCloseTo(27.5, 9)
    expect(hybrid!.shareOfRandom!.value).toBeCloseTo(27.5 / 35, 9)
    // Residuals (30 − .7857 · 40) / 35 and (25 − .7857 · 30) / 35 are ∓.0408; 12.706 · .0408 = .519.
    expect(hybrid!.shareOfRandom!.low).toBeCloseTo(27.5 / 35 - 0.519, 3)
    expect(hybrid!.overRandom!.map(({ difference }) => difference!.value.toFixed(2))).toEqual([
      '0.00',
      '0.20',
      '0.00',
    ])
    // The seeds differ, but by as much for both strategies.
    expect(hybrid!.overRandom![1]!.difference!.low).toBeCloseTo(0.2, 9)
  })

  test('counts the points clearly behind random', () => {
    expect(pointsBehindRandom(hybrid!)).toBe(0)
    expect(pointsBehindRandom(lcmd!)).toBe(2)
  })

  test('a seed that does not get there counts with its last labels, and is told', () => {
    const [one] = summariseReplay(cells.slice(4), { pearson: 0.9 }, 0.8)
    // .72 is reached by the second at 52, by the first never.
    expect(one).toMatchObject({ unreached: 1, overRandom: null })
    expect(one!.labelsToReach!.value).toBeCloseTo((60 + 52) / 2, 9)
  })

  test('what is not defined stays so', () => {
    const [first, second] = summariseReplay([cell('random', 0, [null, 0.6]), cell('hybrid', 0, [0.3, 0.7])], {
      pearson: null,
    })
    expect(first).toMatchObject({ labelsToReach: null, unreached: 1 })
    expect(first!.curve[0]!.pearson).toBeNull()
    expect(second!.overRandom![0]!.difference).toBeNull()
    expect(second!.overRandom![1]!.difference!.value).toBeCloseTo(0.1, 9)
  })

  test('cells that differ in their last labels are compared where all have a point', () => {
    const [own] = summariseReplay([cell('random', 0, [0.1, 0.2, 0.3]), cell('random', 1, [0.1, 0.2])], {
      pearson: 0.5,
    })
    expect(own!.curve.map(({ labels }) => labels)).toEqual([20, 40])
  })
})
