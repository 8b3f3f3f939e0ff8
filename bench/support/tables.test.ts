import { expect, test } from 'vitest'
import { figure, tableLines } from './tables.ts'

test('a figure has its interval, or says that it has none', () => {
  expect(figure({ value: 0.43178, low: 0.4, high: 0.45996 }, 3)).toBe('0.432 (0.400 to 0.460)')
  expect(figure(null)).toBe('not defined')
})

test('columns are as wide as their widest cell; the first is to the left, a short row ends early', () => {
  expect(tableLines([['model', 'r'], ['ridge, λ = 30', '0.881'], ['mean'], ['x', '1']])).toEqual([
    'model              r',
    'ridge, λ = 30  0.881',
    'mean',
    'x                  1',
  ])
})
