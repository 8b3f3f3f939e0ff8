import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PairRow } from '#shared/contract/review.ts'
import { defaultProjectSettings } from '#shared/domain/project.ts'
import type { Answer } from '#shared/domain/rating.ts'
import { pairDigest, premiseGroup } from '../../store/pairKeys.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { effectiveSplit } from '../../store/splits.ts'
import { createTestFolder, createTestProject } from '../../store/testStore.ts'
import { createReviewHandlers, type ReviewHandlers } from './review.ts'
import { createTestContext, testCall, type TestContext } from '../testing/testContext.ts'

let folder: ReturnType<typeof createTestFolder>
let backend: TestContext
let store: ProjectStore
let pairIds: string[]
let raterIds: string[]
let review: ReviewHandlers
beforeEach(() => {
  folder = createTestFolder()
  backend = createTestContext(folder.path)
  ;({ store, pairIds, raterIds } = createTestProject({ pairs: 12, raters: ['Ada', 'Ben'] }))
  backend.context.session.set({ store, path: ':memory:' })
  review = createReviewHandlers(backend.context)
})
afterEach(async () => {
  await backend.close()
  folder.remove()
})

function rate(rater: number, pair: number, given: number | Answer): string {
  const answer: Answer =
    typeof given === 'number' ? { kind: 'score', value: given, rawPosition: given } : given
  return store.annotation.commit({
    pairId: pairIds[pair]!,
    raterId: raterIds[rater]!,
    answer,
    note: null,
    scaleKind: 'linear',
    timing: null,
    orderShown: 0,
    shownBecause: 'order',
    suggestionId: null,
    guidelineVersion: 1,
    source: 'annotate',
  }).ratingId
}

type Asked = Partial<Parameters<ReviewHandlers['data.pairs']>[0]>
async function list(asked: Asked): Promise<{ total: number; rows: PairRow[] }> {
  return review['data.pairs'](
    { offset: 0, limit: 100, search: '', order: 'added', descending: false, ...asked },
    testCall,
  )
}
const indexes = async (asked: Asked): Promise<number[]> =>
  (await list(asked)).rows.map(({ id }) => pairIds.indexOf(id))

test('a row says what people have given', async () => {
  rate(0, 3, 0.2)
  rate(1, 3, { kind: 'range', low: 0.6, high: 0.8 })
  rate(0, 4, { kind: 'cannot-judge', reason: 'needs-context' })
  const { rows } = await list({})
  const premise = 'Premise of pair 4'
  expect(rows[3]).toEqual({
    id: pairIds[3],
    externalId: 'pair 4',
    premise,
    hypothesis: 'Hypothesis of pair 4',
    declaredSplit: null,
    metadata: {},
    split: effectiveSplit(
      { declaredSplit: null, premiseGroup: premiseGroup(premise) },
      defaultProjectSettings.holdoutShare,
    ),
    ratings: 2,
    cannotJudge: 0,
    consensus: expect.closeTo(0.45, 12) as number,
    disagreement: expect.closeTo(0.25 * Math.SQRT2, 12) as number,
    predicted: null,
    settled: null,
    gold: false,
  })
  expect(rows[4]).toMatchObject({ ratings: 0, cannotJudge: 1, consensus: null, disagreement: null })
})

test('lists are ordered both ways, pairs without a value last', async () => {
  rate(0, 5, 0.9)
  rate(0, 2, 0.1)
  rate(1, 2, 0.5)
  rate(0, 7, 0.4)
  rate(1, 7, 0.4)
  const first = async (order: Asked['order'] & string, descending: boolean): Promise<number[]> =>
    (await indexes({ order, descending })).slice(0, 3)
  expect({
    up: await first('consensus', false),
    down: await first('consensus', true),
    disagreement: (await first('disagreement', true)).slice(0, 2),
    ratings: await first('ratings', true),
    added: await first('added', true),
  }).toEqual({
    up: [2, 7, 5],
    down: [5, 7, 2],
    disagreement: [2, 7],
    ratings: [7, 2, 5],
    added: [11, 10, 9],
  })
})

test('pages fit together, and a rating in between is seen', async () => {
  const pages = [
    await indexes({ offset: 0, limit: 5 }),
    await indexes({ offset: 5, limit: 5 }),
    await indexes({ offset: 10, limit: 5 }),
  ]
  expect(pages.flat()).toEqual(pairIds.map((_, index) => index))
  expect((await list({ offset: 10, limit: 5 })).total).toBe(12)
  rate(0, 9, 0.3)
  expect(await indexes({ order: 'consensus', limit: 1 })).toEqual([9])
})

test.each([
  ['PAIR 12', [11]],
  ['hypothesis of pair 3', [2]],
  ['100%', []],
  ['_', []],
  ['', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
])('a search for %j is for that very text', async (search, found) => {
  expect(await indexes({ search })).toEqual(found)
})

test('a search knows the cases of letters beyond ASCII', async () => {
  const [premise, hypothesis] = ['Die ÄRZTE sind da.', 'Niemand kommt.']
  store.database
    .prepare('UPDATE pair SET premise = ?, digest = ? WHERE id = ?')
    .run(premise, pairDigest(premise, hypothesis), pairIds[6])
  expect([await indexes({ search: 'ärzte' }), await indexes({ search: 'örzte' })]).toEqual([[6], []])
})

test('the history tells every row in words, newest first', async () => {
  rate(0, 0, 0.25)
  rate(0, 0, { kind: 'range', low: 0.1, high: 0.2 })
  store.annotation.undo(raterIds[0]!)
  store.annotation.undo(raterIds[0]!)
  rate(1, 0, { kind: 'cannot-judge', reason: 'outside-my-knowledge' })
  const rows = await review['data.history']({ pairId: pairIds[0]! }, testCall)
  expect(rows.map(({ raterName, text, score, current }) => [raterName, text, score, current])).toEqual([
    ['Ben', 'Can’t judge: outside my knowledge', null, true],
    ['Ada', 'Took the answer back', null, false],
    ['Ada', '0.25, again', 0.25, false],
    ['Ada', '0.10 to 0.20', expect.closeTo(0.15, 12), false],
    ['Ada', '0.25', 0.25, false],
  ])
})

test('decisions, fixed texts and disputes stand in the history in order of time', async () => {
  const pairId = pairIds[0]!
  const [ada, ben] = raterIds as [string, string]
  const decided = { pairId, decidedBy: ada, askedRaterId: null, score: null, reason: 'because' }
  const adas = rate(0, 0, 0.25)
  const bens = rate(1, 0, 0.75)
  store.disputes.create({
    pairId,
    raterId: ben,
    target: { kind: 'rating', ratingId: adas },
    disputedScore: 0.25,
    ownRatingId: bens,
    reason: 'Same event.',
  })
  store.decisions.add({ ...decided, kind: 'adjudicated', score: 0.7 })
  store.decisions.add({ ...decided, kind: 'another-rater', askedRaterId: ben })
  store.decisions.add({ ...decided, kind: 'reopened' })
  store.decisions.fixText(pairId, { premise: 'Clearer.', hypothesis: 'Hypothesis.' })
  store.decisions.add({ ...decided, kind: 'text-fixed' })
  rate(1, 0, 0.6)
  store.decisions.add({ ...decided, kind: 'ambiguous' })
  const rows = await review['data.history']({ pairId }, testCall)
  expect(
    rows.map(({ raterName, text, note, current, ofEarlierText }) => [
      raterName,
      text,
      note,
      current,
      ofEarlierText,
    ]),
  ).toEqual([
    ['Ada', 'Accepted as ambiguous', 'because', true, false],
    ['Ben', '0.60', null, true, false],
    [
      'Ada',
      'Fixed the text, version 2; before: “Premise of pair 1” / “Hypothesis of pair 1”',
      'because',
      true,
      false,
    ],
    ['Ada', 'Reopened', 'because', true, false],
    ['Ada', 'Asked Ben for a rating', 'because', true, false],
    ['Ada', 'Adjudicated 0.70', 'because', false, false],
    ['Ben', 'Disputed Ada’s 0.25', 'Same event.', false, false],
    ['Ben', '0.75', null, false, true],
    ['Ada', '0.25', null, false, true],
  ])
  store.gold.write({ pairId, score: 0.5, tolerance: 0.1, explanation: '' })
  expect((await list({})).rows[0]).toMatchObject({ settled: 'ambiguous', gold: true })
})

test('the history says how sure a rater was, what was shown again blind, and small scores in full', async () => {
  const commit = (change: Partial<Parameters<ProjectStore['annotation']['commit']>[0]>): string =>
    store.annotation.commit({
      pairId: pairIds[0]!,
      raterId: raterIds[0]!,
      answer: { kind: 'score', value: 0.0007, rawPosition: 0.01 },
      note: null,
      scaleKind: 'logit',
      timing: null,
      orderShown: 0,
      shownBecause: 'order',
      suggestionId: null,
      guidelineVersion: 1,
      source: 'annotate',
      ...change,
    }).ratingId
  const first = commit({ confidence: 1 })
  commit({ retests: first, shownBecause: 'retest', confidence: 3 })
  commit({
    retests: first,
    shownBecause: 'retest',
    answer: { kind: 'cannot-judge', reason: 'needs-context' },
  })
  store.annotation.undo(raterIds[0]!)
  const rows = await review['data.history']({ pairId: pairIds[0]! }, testCall)
  expect(rows.map(({ text, current }) => [text, current])).toEqual([
    ['0.0007, sure, again, shown again blind', false],
    ['Can’t judge: needs context, shown again blind', false],
    ['0.0007, sure, shown again blind', false],
    ['0.0007, unsure', true],
  ])
})

test('the histogram has twenty bins, 1 in the last', async () => {
  const scores = [0, 0.04, 0.05, 0.5, 0.99, 1]
  scores.forEach((score, index) => rate(0, index, score))
  const bins = new Array<number>(20).fill(0)
  bins[0] = 2
  bins[1] = 1
  bins[10] = 1
  bins[19] = 2
  expect(await review['data.histogram']({}, testCall)).toEqual({ bins })
})
