import { expect, test } from 'vitest'
import { shareBetter } from './compare.ts'

const target = Array.from({ length: 300 }, (_, row) => ((row * 37) % 300) / 300)
const group = target.map((_, row) => Math.floor(row / 2))
/** The target with noise that has nothing to do with it. */
const noisy = (size: number, pace: number): number[] =>
  target.map((value, row) => value + size * Math.sin(row * pace))

test('a clearly better score wins in all resamples, an equal one in about half', () => {
  expect(shareBetter(noisy(0.1, 7), noisy(0.5, 11), target, group)).toBe(1)
  expect(shareBetter(noisy(0.5, 11), noisy(0.1, 7), target, group)).toBe(0)
  expect(shareBetter(target, target, target, group)).toBe(0)
  const even = shareBetter(noisy(0.3, 7), noisy(0.3, 11), target, group)
  expect(even).toBeGreaterThan(0.02)
  expect(even).toBeLessThan(0.98)
})

test('nothing can be said where the target is constant', () => {
  expect(shareBetter([1, 2, 3], [3, 2, 1], [5, 5, 5], [0, 1, 2])).toBeNull()
})
