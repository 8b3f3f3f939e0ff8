import { afterEach, expect, test, vi } from 'vitest'
import { skipped, target } from './targets.ts'

const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
afterEach(() => log.mockClear())

test('a target says whether it is met by the value itself, not by its rounded form', () => {
  target('pearson', 0.88496, '>=', 0.885, 3)
  target('pearson', 0.885, '>=', 0.885, 3)
  target('seconds', 90.04, '<=', 90, 1)
  target('seconds', 12, '<=', 90, 1)
  target('seconds', Number.NaN, '<=', 90, 1)
  skipped('seconds', 'python3-torch is not installed')
  expect(log.mock.calls.flat()).toEqual([
    'target pearson 0.885 wanted >=0.885 short',
    'target pearson 0.885 wanted >=0.885 ok',
    'target seconds 90.0 wanted <=90 short',
    'target seconds 12.0 wanted <=90 ok',
    'target seconds NaN wanted <=90 short',
    'target seconds skipped: python3-torch is not installed',
  ])
})
