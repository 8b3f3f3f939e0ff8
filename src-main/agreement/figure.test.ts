import { expect, test } from 'vitest'
import { meanFigure, medianFigure, shareFigure } from './figure.ts'

test('a mean with its interval, by hand', () => {
  // Mean .2, standard deviation .1, three values: ± 1.96 · .1 / √3.
  const { value, low, high } = meanFigure([0.1, 0.2, 0.3], 'none')
  expect([value, low, high]).toEqual([
    expect.closeTo(0.2, 12),
    expect.closeTo(0.2 - 0.11316, 4),
    expect.closeTo(0.2 + 0.11316, 4),
  ])
  expect(meanFigure([0, 0.4], 'none').low).toBe(0)
  expect([meanFigure([0.4], 'none').high, meanFigure([], 'none')]).toEqual([
    null,
    { value: null, low: null, high: null, reason: 'none' },
  ])
})

test('a median with its interval between ranks', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  // Ranks 50 ± 9.8: the 40th and the 61st of 1 to 100.
  expect(medianFigure(values, 'none')).toEqual({ value: 50.5, low: 40, high: 61, reason: null })
  expect(medianFigure([3, 1, 2], 'none')).toMatchObject({ value: 2, low: null })
  expect(medianFigure([], 'none').reason).toBe('none')
})

test('Wilson’s interval of a share', () => {
  // 8 of 10: .49 to .94 in every table of it.
  const { low, high } = shareFigure(8, 10, 'none')
  expect([low, high]).toEqual([expect.closeTo(0.4902, 4), expect.closeTo(0.9433, 4)])
  expect(shareFigure(0, 0, 'none').value).toBeNull()
})
