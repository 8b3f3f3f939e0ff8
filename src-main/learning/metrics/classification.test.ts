import { expect, test } from 'vitest'
import { judgeClasses } from './classification.ts'

test('five rows by hand; the threshold itself is a yes', () => {
  const judged = judgeClasses(
    [0.9, 0.8, 0.4, 0.2, 0.6, 0.1],
    [1, 0.3, 0.7, 0.1, 0.5, 0],
    [1, 2, 3, 4, 5, 6],
    0.5,
  )
  expect(judged.counts).toEqual({ truePositive: 2, falsePositive: 1, trueNegative: 2, falseNegative: 1 })
  expect(judged.n).toBe(6)
  expect(judged.accuracy?.value).toBeCloseTo(4 / 6, 12)
  expect(judged.precision?.value).toBeCloseTo(2 / 3, 12)
  expect(judged.recall?.value).toBeCloseTo(2 / 3, 12)
  expect(judged.f1?.value).toBeCloseTo(2 / 3, 12)
  expect(judged.accuracy!.low).toBeLessThan(4 / 6)
  expect(judged.accuracy!.high).toBeGreaterThan(4 / 6)
})

test('precision and recall are not mixed up: a yes too many costs precision', () => {
  const { precision, recall, f1 } = judgeClasses([0.9, 0.9, 0.9], [1, 0, 0], [1, 2, 3], 0.5)
  expect([precision?.value, recall?.value]).toEqual([1 / 3, 1])
  expect(f1?.value).toBeCloseTo(0.5, 12)
})

test('what cannot be said is null', () => {
  const counts = { truePositive: 0, falsePositive: 0, trueNegative: 0, falseNegative: 0 }
  const none = { accuracy: null, precision: null, recall: null, f1: null }
  expect(judgeClasses([], [], [], 0.5)).toEqual({ n: 0, threshold: 0.5, counts, ...none })
  const allNo = judgeClasses([0.1, 0.2], [0.3, 0.1], [1, 2], 0.5)
  expect(allNo).toMatchObject({ accuracy: { value: 1 }, precision: null, recall: null, f1: null })
  const nothingSaid = judgeClasses([0.1, 0.2], [0.9, 0.1], [1, 2], 0.5)
  expect(nothingSaid).toMatchObject({ precision: null, recall: { value: 0 }, f1: { value: 0 } })
})
