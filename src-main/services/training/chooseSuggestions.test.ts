import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keepMostUncertain, toSuggestions, type Candidate } from './chooseSuggestions.ts'

function candidateOf(variance: number, number: number): Candidate {
  return {
    pairId: `pair ${number}`,
    score: 0.5,
    variance,
    low: 0,
    high: 1,
    memberLow: 0.25,
    memberHigh: 0.75,
    spread: null,
    doubt: null,
    abstained: false,
  }
}

test('a pool ranked piece by piece comes out as if it had been ranked whole', () => {
  const pools = fc
    .array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 1200 })
    .map((steps) => steps.map((step, number) => candidateOf(step / 64, number)))
  fc.assert(
    fc.property(pools, fc.integer({ min: 1, max: 700 }), (pool, piece) => {
      let best: Candidate[] = []
      for (let start = 0; start < pool.length; start += piece)
        best = keepMostUncertain([...best, ...pool.slice(start, start + piece)], 500)
      const whole = pool.toSorted((one, other) => other.variance - one.variance).slice(0, 500)
      expect(best).toEqual(whole)
    }),
    { numRuns: 50 },
  )
})

test('a suggestion says its rank and its reason', () => {
  const runId = '01J00000000000000000000000'
  expect(toSuggestions(runId, 5, [candidateOf(0.2, 7), candidateOf(0.1, 3)])).toEqual(
    ['pair 7', 'pair 3'].map((pairId, index) => ({
      id: expect.any(String) as string,
      runId,
      pairId,
      strategy: 'ensemble-variance',
      rank: index + 1,
      reason: 'The 5 heads range from 0.25 to 0.75.',
    })),
  )
})
