import { expect, test } from 'vitest'
import { byteSize, coefficient, count, counted, intervalEnds, percent, withInterval } from './numbers.ts'

test('coefficients lose their leading zero and never show NaN', () => {
  expect(
    [0.814, 0, 1, 0.999, -0.049, -0.001, null, undefined, Number.NaN, Infinity].map((value) =>
      coefficient(value),
    ),
  ).toEqual(['.81', '.00', '1.00', '1.00', '−.05', '.00', '–', '–', '–', '–'])
  expect(coefficient(0.1584, 3)).toBe('.158')
})

test('intervals stand in brackets, and where there is none a dash does', () => {
  const interval = { value: 0.81, low: 0.776, high: 0.84 }
  expect([withInterval(interval), intervalEnds(interval), withInterval(null), intervalEnds(null)]).toEqual([
    '.81 [.78, .84]',
    '[.78, .84]',
    '–',
    '',
  ])
})

test('counts are grouped and agree with their noun', () => {
  expect([count(1240), counted(1, 'pair'), counted(0, 'pair'), counted(2, 'entry', 'entries')]).toEqual([
    '1,240',
    '1 pair',
    '0 pairs',
    '2 entries',
  ])
})

test('sizes change their unit before they need four digits', () => {
  expect([0, 812, 999, 1000, 4_560_000, 123_456_789, 5e9].map(byteSize)).toEqual([
    '0 B',
    '812 B',
    '999 B',
    '1.0 kB',
    '4.6 MB',
    '123 MB',
    '5.0 GB',
  ])
})

test('percent reaches 100 only when all is done', () => {
  expect([0, 0.424, 0.999, 1, null].map(percent)).toEqual(['0%', '42%', '99%', '100%', '–'])
})
