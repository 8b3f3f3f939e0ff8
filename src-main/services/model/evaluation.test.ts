import { expect, test } from 'vitest'
import { spreadOver } from './evaluation.ts'

test('a part of many values is spread over all of them; few are left as they are', () => {
  const values = Array.from({ length: 10 }, (_, index) => index)
  expect(spreadOver(values, 10)).toBe(values)
  expect(spreadOver(values, 5)).toEqual([0, 2, 4, 6, 8])
  for (const [length, most] of [
    [10, 7],
    [70_001, 30_000],
    [30_001, 30_000],
    [31, 1],
  ] as const) {
    const numbers = Array.from({ length }, (_, index) => index)
    const part = spreadOver(numbers, most)
    expect(part).toHaveLength(most)
    expect(part[0]).toBe(0)
    const gaps = part.slice(1).map((value, index) => value - part[index]!)
    expect(gaps.every((gap) => gap >= 1 && gap <= Math.ceil(length / most))).toBe(true)
  }
})
