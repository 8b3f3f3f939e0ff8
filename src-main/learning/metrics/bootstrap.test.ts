import { expect, test } from 'vitest'
import { bootstrapSums, drawableGroups, percentileInterval, resampleGroups, sumByGroup } from './bootstrap.ts'

test('sums of groups and of all rows', () => {
  const sums = sumByGroup([7, 9, 7], 2, (row) => [1, row])
  expect([...sums.groups]).toEqual([2, 2, 1, 1])
  expect([...sums.total]).toEqual([3, 3])
})

test('where there is one group alone, rows are drawn', () => {
  expect(drawableGroups([4, 4, 4])).toEqual({ of: Uint32Array.of(0, 1, 2), count: 3 })
  expect(drawableGroups([4, 4, 5])).toEqual({ of: Uint32Array.of(0, 0, 1), count: 2 })
})

test('1000 resamples, of as many groups as there are, each as often as the others', () => {
  const times = new Uint32Array(4)
  const { size } = resampleGroups(
    4,
    (drawn) => {
      for (const group of drawn) times[group]! += 1
      return { size: drawn.length }
    },
    42,
  )
  expect([...size]).toEqual(new Array(1000).fill(4))
  // Binomial of 4000 and 1/4: five standard deviations are 137.
  for (const count of times) expect(Math.abs(count - 1000)).toBeLessThan(137)
})

test('percentiles lie between the resamples; undefined ones do not count', () => {
  const drawn = Float64Array.from([...Array.from({ length: 41 }, (_, index) => 40 - index), NaN, NaN])
  expect(percentileInterval(7, drawn)).toEqual({ value: 7, low: 1, high: 39 })
  expect(percentileInterval(7, Float64Array.of(NaN))).toEqual({ value: 7, low: 7, high: 7 })
  expect(percentileInterval(null, drawn)).toBeNull()
})

test('a figure without a value over all rows has no interval', () => {
  const sums = sumByGroup([1, 2], 1, () => [0])
  expect(bootstrapSums(sums, ([sum = 0]) => ({ sum, none: null }), 42)).toEqual({
    sum: { value: 0, low: 0, high: 0 },
    none: null,
  })
})
