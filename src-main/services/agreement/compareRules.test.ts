import { expect, test } from 'vitest'
import type { RaterModel } from '#shared/domain/consensus.ts'
import { compareRules } from './compareRules.ts'
import type { ScoreColumns } from './gatherRatings.ts'

const raters = ['a', 'b', 'c'].map((id) => ({ id, name: id, setAside: null, cannotJudge: 0 }))

/** @param rows [pair, rater, score] */
function columns(rows: readonly (readonly [number, number, number])[]): ScoreColumns {
  return {
    pair: Int32Array.from(rows, ([pair]) => pair),
    rater: Int32Array.from(rows, ([, rater]) => rater),
    score: Float64Array.from(rows, ([, , score]) => score),
    madeAt: new Float64Array(rows.length),
    seconds: new Float64Array(rows.length).fill(Number.NaN),
  }
}

const scores = columns([
  [0, 0, 0.1],
  [0, 1, 0.2],
  [0, 2, 0.9],
  [1, 0, 0.4],
  [1, 1, 0.6],
  [2, 2, 1],
])

test('rules are compared with the mean where two raters or more have scored', async () => {
  // Precisions 1/.01 of c against 1/1 of the others, and next to nothing known before.
  const model: RaterModel = {
    mean: 0.5,
    variance: 1e6,
    usualDeviation: 1,
    raters: { c: { bias: 0, scale: 1, deviation: 0.1 } },
  }
  const [mean, median, modelled] = await compareRules(scores, raters, model, null)
  expect(mean).toEqual({ rule: 'mean', meanDifference: 0, moved: 0, reason: null })
  // Pair 0: .2 against .4; pair 1: .5 against .5.
  expect(median).toEqual({
    rule: 'median',
    meanDifference: expect.closeTo(0.1, 12) as number,
    moved: 1,
    reason: null,
  })
  const first = (0.1 + 0.2 + 100 * 0.9) / 102 - 0.4
  expect(modelled).toMatchObject({ meanDifference: expect.closeTo(first / 2, 5) as number, moved: 1 })
})

test('without overlap, or without a model, the difference is absent with its reason', async () => {
  const apart = await compareRules(columns([[0, 0, 0.1]]), raters, null, 'Too few.')
  expect(apart.map(({ meanDifference, reason }) => [meanDifference, reason])).toEqual(
    new Array(3).fill([null, 'needs two raters on the same pair']),
  )
  const [, , modelled] = await compareRules(scores, raters, null, 'Too few.')
  expect(modelled).toEqual({ rule: 'rater-model', meanDifference: null, moved: 0, reason: 'Too few.' })
})
