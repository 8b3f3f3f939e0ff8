import { expect, test } from 'vitest'
import { createReservoir } from './reservoir.ts'

function keep(capacity: number, rows: number, seed: number): number[] {
  const reservoir = createReservoir(capacity, seed, 'test')
  const kept: number[] = []
  for (let row = 0; row < rows; row++) {
    const slot = reservoir.offer()
    if (slot >= 0) kept[slot] = row
  }
  expect([reservoir.offered, reservoir.kept]).toEqual([rows, kept.length])
  return kept
}

test('as long as there is room every row is kept, in its order', () => {
  expect(keep(5, 4, 1)).toEqual([0, 1, 2, 3])
  expect(keep(0, 4, 1)).toEqual([])
})

test('every row is as likely to be kept as another, the first and the last alike', () => {
  const times = new Float64Array(20)
  const draws = 3000
  for (let seed = 0; seed < draws; seed++) for (const row of keep(5, 20, seed)) times[row]! += 1
  // A quarter of the draws each: 750, standard deviation 23.7.
  for (const count of times) expect(Math.abs(count - 750)).toBeLessThan(4 * 23.7)
})

test('equal seeds keep the same, others something else', () => {
  expect(keep(10, 1000, 3)).toEqual(keep(10, 1000, 3))
  expect(keep(10, 1000, 4)).not.toEqual(keep(10, 1000, 3))
})
