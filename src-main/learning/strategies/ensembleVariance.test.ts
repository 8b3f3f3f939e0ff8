import { expect, test } from 'vitest'
import { describeMemberRange, rankByEnsembleVariance } from './ensembleVariance.ts'

test('the highest variance comes first, and ties keep their order', () => {
  const variance = Float32Array.of(0.1, 0.4, 0.1, 0.9, 0.2)
  expect([...rankByEnsembleVariance(variance, 9)]).toEqual([3, 1, 4, 0, 2])
  expect([...rankByEnsembleVariance(variance, 2)]).toEqual([3, 1])
  expect([...rankByEnsembleVariance(new Float32Array(), 5)]).toEqual([])
})

test('the reason names the range', () => {
  expect(describeMemberRange(5, 0.2099, 0.78)).toBe('The 5 heads range from 0.21 to 0.78.')
})
