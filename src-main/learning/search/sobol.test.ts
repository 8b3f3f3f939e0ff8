import { expect, test } from 'vitest'
import { mostDimensions, sobolPoints } from './sobol.ts'

// The first points of the program that Joe & Kuo publish with their direction numbers.
test('the first eight points in seven dimensions are the published ones', () => {
  expect(sobolPoints(8, 7, null)).toEqual([
    [0, 0, 0, 0, 0, 0, 0],
    [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
    [0.75, 0.25, 0.25, 0.25, 0.75, 0.75, 0.25],
    [0.25, 0.75, 0.75, 0.75, 0.25, 0.25, 0.75],
    [0.375, 0.375, 0.625, 0.875, 0.375, 0.125, 0.375],
    [0.875, 0.875, 0.125, 0.375, 0.875, 0.625, 0.875],
    [0.625, 0.125, 0.875, 0.625, 0.625, 0.875, 0.125],
    [0.125, 0.625, 0.375, 0.125, 0.125, 0.375, 0.625],
  ])
})

// From SciPy 1.17.1: qmc.Sobol(7, scramble=False).random(1024)[1000] * 1024; it uses the same direction numbers.
test('a late point needs the recurrence of the direction numbers, and is right', () => {
  expect(sobolPoints(1001, 7, null)[1000]?.map((value) => value * 1024)).toEqual([
    225, 99, 531, 693, 287, 929, 47,
  ])
})

test.each([null, 1, 42, 4_000_000_000])('balance with shift %s: one point in every part', (seed) => {
  for (const count of [4, 32, 256]) {
    const points = sobolPoints(count, mostDimensions, seed)
    for (let dimension = 0; dimension < mostDimensions; dimension++) {
      const parts = points.map((point) => Math.floor((point[dimension] ?? NaN) * count))
      expect(new Set(parts).size).toBe(count)
    }
  }
})

// A net of strength t = 0 in base 2: the first two dimensions have one point in every box of 16 × 16 parts.
test('the first two dimensions fill the square evenly, shifted or not', () => {
  for (const seed of [null, 7]) {
    const boxes = sobolPoints(256, 2, seed).map(([x = NaN, y = NaN]) => [
      Math.floor(x * 16),
      Math.floor(y * 16),
    ])
    expect(new Set(boxes.map(String)).size).toBe(256)
  }
})

test('the shift depends on the seed and is the same for the same seed', () => {
  expect(sobolPoints(5, 3, 1)).toEqual(sobolPoints(5, 3, 1))
  expect(sobolPoints(5, 3, 1)).not.toEqual(sobolPoints(5, 3, 2))
  const [first = []] = sobolPoints(1, 7, 42)
  expect(new Set(first).size).toBe(7)
})

test('more dimensions than there are numbers for are refused', () => {
  expect(() => sobolPoints(1, mostDimensions + 1, null)).toThrow(RangeError)
})
