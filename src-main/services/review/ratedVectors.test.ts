import { afterEach, beforeEach, expect, test } from 'vitest'
import { encoder } from '../../encoder/catalogue.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { createTestFolder, createTestProject } from '../../store/testStore.ts'
import { openCache } from '../model/encoderAccess.ts'
import { createWeighedPairs } from '../settling/weighedPairs.ts'
import { createTestContext, testCall, type TestContext } from '../testing/testContext.ts'
import { createReviewListHandlers, type ReviewListHandlers } from './lists.ts'

let folder: ReturnType<typeof createTestFolder>
let backend: TestContext
let store: ProjectStore
let pairIds: string[]
let raterIds: string[]
let review: ReviewListHandlers
beforeEach(() => {
  folder = createTestFolder()
  backend = createTestContext(folder.path)
  ;({ store, pairIds, raterIds } = createTestProject({ pairs: 9, raters: ['Ada'] }))
  backend.context.session.set({ store, path: ':memory:' })
  review = createReviewListHandlers(backend.context, createWeighedPairs())
})
afterEach(async () => {
  await backend.close()
  folder.remove()
})

function rate(pair: number, value: number): void {
  const pairId = pairIds[pair]!
  store.tally.following(pairId, () =>
    store.annotation.commit({
      pairId,
      raterId: raterIds[0]!,
      answer: { kind: 'score', value, rawPosition: value },
      note: null,
      scaleKind: 'linear',
      timing: null,
      orderShown: 0,
      shownBecause: 'order',
      suggestionId: null,
      guidelineVersion: 1,
      source: 'annotate',
    }),
  )
}

/** Vectors whose only entry is the first: premises at the place of their pair, hypotheses at 0. */
function encode(pairs: readonly number[], place: (pair: number) => number = (pair) => pair): void {
  const cache = openCache(backend.context)
  try {
    for (const pair of pairs) {
      const { premise, hypothesis } = store.pairs.byId(pairIds[pair]!)!
      const vectors = new Float32Array(2 * encoder.dimension)
      vectors[0] = place(pair)
      cache.put([premise, hypothesis], vectors)
    }
  } finally {
    cache.close()
  }
}

const near = async (pair: number) => {
  const answer = await review['review.neighbours']({ pairId: pairIds[pair]! }, testCall)
  return {
    ...answer,
    rows: answer.rows.map(({ pairId, score, distance }) => [pairIds.indexOf(pairId), score, distance]),
  }
}

test('the nearest rated pairs, with scores and distances, five at most and never the pair itself', async () => {
  // At 0, 1, 4, 9, 16 …, so that no two are equally far from pair 3.
  encode([0, 1, 2, 3, 4, 5, 6, 7], (pair) => pair ** 2)
  for (const pair of [1, 2, 3, 5, 6, 7]) rate(pair, pair / 10)
  const { rows, compared, rated, reason } = await near(3)
  expect([compared, rated, reason]).toEqual([5, 5, null])
  expect(rows.map(([pair, score]) => [pair, score])).toEqual([
    [2, 0.2],
    [1, 0.1],
    [5, 0.5],
    [6, 0.6],
    [7, 0.7],
  ])
  // Premise and |u − v| each differ by 9 − 4, and fall on different places of the sketch.
  const [, , distance] = rows[0] as [number, number, number]
  expect(distance).toBeCloseTo(5 * Math.SQRT2, 4)
  rate(4, 0.4)
  expect((await near(3)).rows.map(([pair]) => pair)).toEqual([2, 4, 1, 5, 6])
})

test('without vectors, or without rated pairs, it says what is missing; texts encoded since are found', async () => {
  expect((await near(0)).reason).toBe('No other pair is rated yet.')
  rate(1, 0.1)
  expect((await near(0)).reason).toBe(
    'These texts have no vectors yet: train or rank anew, and they are encoded.',
  )
  encode([0])
  expect(await near(0)).toEqual({
    rows: [],
    compared: 0,
    rated: 1,
    reason: 'No rated pair has vectors yet: train once, and they are encoded.',
  })
  encode([1])
  // A training, which has texts encoded, leaves a run.
  store.database.exec(`
    INSERT INTO run (id, number, status, configuration, encoder_digest, snapshot_digest, labelled_pairs, created_at)
    VALUES ('01K00000000000000000000001', 1, 'failed', '{}', 'encoder', 'snapshot', 1, '2026-01-01T00:00:00.000Z')
  `)
  expect((await near(0)).rows.map(([pair]) => pair)).toEqual([1])
})

test('a pair that got another text is compared by the new one, and one in the bin no more', async () => {
  encode([0, 1, 2])
  rate(1, 0.1)
  rate(2, 0.2)
  expect((await near(0)).rows.map(([pair]) => pair)).toEqual([1, 2])
  const decided = { decidedBy: raterIds[0]!, askedRaterId: null, score: null, reason: 'x' }
  store.decisions.fixText(pairIds[1]!, { premise: 'Far off.', hypothesis: 'Other.' })
  store.decisions.add({ ...decided, pairId: pairIds[1]!, kind: 'text-fixed' })
  rate(1, 0.1)
  encode([1], () => 9)
  expect((await near(0)).rows.map(([pair]) => pair)).toEqual([2, 1])
  store.tally.following(pairIds[2]!, () =>
    store.decisions.add({ ...decided, pairId: pairIds[2]!, kind: 'binned' }),
  )
  expect((await near(0)).rows.map(([pair]) => pair)).toEqual([1])
})
