import { expect, test } from 'vitest'
import { consensusPrecision } from './consensusPrecision.ts'

test('more raters weigh more, by hand', () => {
  // 1/2, 2/3 and 5/6, whose mean is 2/3.
  expect([...consensusPrecision([1, 2, 5])].map((weight) => Number(weight.toFixed(6)))).toEqual([
    0.75, 1, 1.25,
  ])
})

test('where all rows have as many raters, or none are known, nothing changes', () => {
  expect([...consensusPrecision([3, 3, 3])]).toEqual([1, 1, 1])
  expect([...consensusPrecision([0, 1])]).toEqual([1, 1])
  expect([...consensusPrecision([])]).toEqual([])
})
