import { expect, test } from 'vitest'
import { ago, duration, timeLeft } from './time.ts'

test('durations have at most two units', () => {
  expect([0, 0.84, 9.96, 38.2, 60, 130, 3600, 3900, Number.NaN].map(duration)).toEqual([
    '0 s',
    '0.8 s',
    '10 s',
    '38 s',
    '1 min',
    '2 min 10 s',
    '1 h',
    '1 h 5 min',
    '–',
  ])
})

test('time left is rounded', () => {
  expect([null, 2, 12, 41, 100, 4000, 9000].map(timeLeft)).toEqual([
    '',
    'a few seconds left',
    'about 10 s left',
    'about 40 s left',
    'about 2 min left',
    'about 67 min left',
    'about 3 h left',
  ])
})

test('how long ago goes from seconds to dates', () => {
  const now = new Date(2026, 10, 23, 12, 0, 0)
  const before = (...time: [number, number, number, number, number]): string =>
    ago(new Date(...time).toISOString(), now)
  expect([
    before(2026, 10, 23, 11, 59),
    before(2026, 10, 23, 12, 0),
    before(2026, 10, 23, 11, 48),
    before(2026, 10, 23, 9, 0),
    before(2026, 10, 22, 23, 5),
    before(2026, 10, 14, 8, 0),
    ago('nonsense', now),
  ]).toEqual(['1 min ago', 'just now', '12 min ago', '3 h ago', 'yesterday 23:05', '14 Nov 2026', '–'])
})
