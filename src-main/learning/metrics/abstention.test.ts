import fc from 'fast-check'
import { expect, test } from 'vitest'
import { judgeAbstention, thresholdForCoverage } from './abstention.ts'

test('the published head: its accuracy, precision and recall imply coverage 50% and accepted error 13.6%', () => {
  // Accuracy .655, precision .446 and recall .766 leave one base error p: 1 − accuracy = p · recall · (1/precision − 1)
  // + p · (1 − recall). Shares of 10,000 rows follow.
  const [accuracy, precision, recall] = [0.655, 0.446, 0.766]
  const base = (1 - accuracy) / (recall * (1 / precision - 1) + 1 - recall)
  const rows = 10_000
  const found = Math.round(rows * base * recall)
  const flagged = Math.round(found / precision)
  const wrongRows = Math.round(rows * base)
  expect([wrongRows, found, flagged]).toEqual([2910, 2229, 4998])

  // Flagged rows first, the wrong ones at the start of each part.
  const wrong = Array.from({ length: rows }, (_, row) =>
    row < flagged ? row < found : row < flagged + wrongRows - found,
  )
  const uncertainty = wrong.map((_, row) => (row < flagged ? 0.9 : 0.2))
  const judged = judgeAbstention(
    uncertainty,
    wrong,
    wrong.map((_, row) => row),
    0.5,
  )
  expect(judged.counts).toEqual({
    truePositive: 2229,
    falsePositive: 2769,
    trueNegative: 4321,
    falseNegative: 681,
  })
  const published = {
    accuracy: 0.655,
    precision: 0.446,
    recall: 0.766,
    f1: 0.563,
    baseError: 0.291,
    coverage: 0.5,
    acceptedError: 0.136,
  } as const
  for (const [name, value] of Object.entries(published))
    expect(Math.abs(judged[name as keyof typeof published]!.value - value), name).toBeLessThan(0.001)
  expect(judged.acceptedError!.high - judged.acceptedError!.low).toBeCloseTo(
    2 * 1.96 * Math.sqrt((0.136 * 0.864) / 5002),
    2,
  )
})

test('the threshold itself is accepted; without accepted rows there is no accepted error', () => {
  const all = judgeAbstention([0.3, 0.5], [false, true], [1, 2], 0.5)
  expect(all).toMatchObject({ coverage: { value: 1 }, acceptedError: { value: 0.5 }, precision: null })
  const none = judgeAbstention([0.6, 0.7], [false, true], [1, 2], 0.5)
  expect(none).toMatchObject({ coverage: { value: 0 }, acceptedError: null, baseError: { value: 0.5 } })
})

test('the operating point nearest to a coverage', () => {
  const uncertainty = [0.4, 0.1, 0.3, 0.2, 0.3]
  expect(thresholdForCoverage(uncertainty, 0.5)).toEqual({ threshold: 0.2, coverage: 0.4 })
  expect(thresholdForCoverage(uncertainty, 0.7)).toEqual({ threshold: 0.3, coverage: 0.8 })
  expect(thresholdForCoverage(uncertainty, 1)).toEqual({ threshold: 0.4, coverage: 1 })
  expect(thresholdForCoverage([], 0.5)).toBeNull()
})

test('the threshold gives the coverage it promises, and no value of the signal comes nearer', () => {
  const signal = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(signal, fc.double({ min: 0, max: 1, noNaN: true }), (uncertainty, wanted) => {
      const coverageAt = (threshold: number): number =>
        uncertainty.filter((value) => value <= threshold).length / uncertainty.length
      const { threshold, coverage } = thresholdForCoverage(uncertainty, wanted)!
      expect(coverage).toBe(coverageAt(threshold))
      const nearest = Math.min(...uncertainty.map((value) => Math.abs(coverageAt(value) - wanted)))
      expect(Math.abs(coverage - wanted)).toBe(nearest)
    }),
  )
})
