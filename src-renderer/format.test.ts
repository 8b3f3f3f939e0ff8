import { expect, it } from 'vitest'
import {
  formatBytes,
  formatCount,
  formatCountOf,
  formatDuration,
  formatShare,
  formatShort,
} from './format.ts'

it('writes figures the short way of tables', () => {
  expect([0.784, -0.04, 1, 0, -0.001, 0.999].map((value) => formatShort(value))).toEqual([
    '.78',
    '−.04',
    '1.00',
    '.00',
    '.00',
    '1.00',
  ])
  expect([formatCountOf(1, 'pair'), formatCountOf(0, 'pair'), formatCountOf(2400, 'pair')]).toEqual([
    '1 pair',
    '0 pairs',
    '2,400 pairs',
  ])
  expect([formatShort(0.1584, 3), formatCount(2400), formatShare(0.999), formatShare(1)]).toEqual([
    '.158',
    '2,400',
    '99%',
    '100%',
  ])
})

it('writes times and sizes in the unit that reads at a glance', () => {
  expect([0.2, 40, 89, 90, 720, 5399, 7200, 12_000].map(formatDuration)).toEqual([
    '1 s',
    '40 s',
    '89 s',
    '2 min',
    '12 min',
    '1 h 30 min',
    '2 h',
    '3 h 20 min',
  ])
  expect([0, 999, 1500, 47_300_000, 123_000_000].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.5 kB',
    '47.3 MB',
    '123 MB',
  ])
})
