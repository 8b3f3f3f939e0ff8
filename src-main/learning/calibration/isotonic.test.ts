import { describe, expect, test } from 'vitest'
import { applyIsotonic, fitIsotonic } from './isotonic.ts'

describe('isotonic map', () => {
  test('pools violators to their mean and averages equal values first', () => {
    // By hand: 3 and 2 at 2, 3 pool to 2.5; the two 4s average 5 first.
    const map = fitIsotonic([1, 2, 3, 4, 4, 5], [1, 3, 2, 4, 6, 7], [1, 1, 1, 1, 1, 1])
    expect({ from: [...map.from], to: [...map.to] }).toEqual({
      from: [1, 2, 3, 4, 5],
      to: [1, 2.5, 2.5, 5, 7],
    })
    expect([...applyIsotonic(map, [0, 1, 1.5, 2.4, 3.5, 9])]).toEqual([1, 1, 1.75, 2.5, 3.75, 7])
  })

  test('weights move the pooled mean; falling targets become one constant', () => {
    const map = fitIsotonic([1, 2], [1, 0], [3, 1])
    expect([...applyIsotonic(map, [0, 1.5, 3])]).toEqual([0.75, 0.75, 0.75])
  })
})
