import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  reviewFilter,
  reviewOrders,
  type ReviewFilter,
  type ReviewOrder,
  type ReviewTab,
} from '#shared/domain/reviewFilter.ts'
import { trainingConfiguration, type Prediction } from '#shared/domain/run.ts'
import { newId } from '../../store/newId.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { createTestFolder, createTestProject } from '../../store/testStore.ts'
import { createSettlingHandlers, type SettlingHandlers } from '../settling/settling.ts'
import { createWeighedPairs } from '../settling/weighedPairs.ts'
import { createTestContext, testCall, type TestContext } from '../testing/testContext.ts'
import { createReviewListHandlers, type ReviewListHandlers } from './lists.ts'

let folder: ReturnType<typeof createTestFolder>
let backend: TestContext
let store: ProjectStore
let pairIds: string[]
let raterIds: string[]
let review: ReviewListHandlers
let settling: SettlingHandlers
beforeEach(() => {
  folder = createTestFolder()
  backend = createTestContext(folder.path)
  ;({ store, pairIds, raterIds } = createTestProject({
    pairs: 12,
    raters: ['Ada', 'Ben', 'Cleo', 'Dora', 'Emil'],
  }))
  backend.context.session.set({ store, path: ':memory:' })
  const weighedPairs = createWeighedPairs()
  review = createReviewListHandlers(backend.context, weighedPairs)
  settling = createSettlingHandlers(backend.context, weighedPairs)
})
afterEach(async () => {
  await backend.close()
  folder.remove()
})

function rate(rater: number, pair: number, value: number): string {
  return store.tally.following(pairIds[pair]!, () =>
    store.annotation.commit({
      pairId: pairIds[pair]!,
      raterId: raterIds[rater]!,
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
  ).ratingId
}
const rateAll = (pair: number, scores: readonly number[]): string[] =>
  scores.map((score, rater) => rate(rater, pair, score))

/** A finished run in use that says this of pairs. */
function predict(said: Readonly<Record<number, Partial<Prediction>>>): string {
  const id = newId()
  store.runs.start({
    id,
    configuration: trainingConfiguration.parse({}),
    encoderDigest: 'encoder',
    snapshotDigest: 'snapshot',
    libraries: {},
    labelledPairs: 0,
    createdAt: '2026-01-01T00:00:00.000Z',
  })
  store.predictions.write(
    id,
    Object.entries(said).map(([pair, change]) => ({
      pairId: pairIds[Number(pair)]!,
      score: 0.5,
      variance: 0.01,
      low: 0.4,
      high: 0.6,
      spread: null,
      doubt: null,
      abstained: false,
      ...change,
    })),
  )
  store.database.prepare(`UPDATE run SET status = 'finished', finished_at = created_at WHERE id = ?`).run(id)
  return id
}

interface Asked {
  order?: ReviewOrder
  reversed?: boolean
  filter?: Partial<ReviewFilter>
}
function list(tab: ReviewTab, { order, reversed = false, filter = {} }: Asked = {}) {
  const query = { tab, order: order ?? reviewOrders[tab][0], reversed, filter: reviewFilter.parse(filter) }
  return review['review.list']({ offset: 0, limit: 100, query }, testCall)
}
const indexes = async (tab: ReviewTab, asked: Asked = {}): Promise<number[]> =>
  (await list(tab, asked)).rows.map(({ pairId }) => pairIds.indexOf(pairId))
const whyOf = async (tab: ReviewTab, pair: number, asked: Asked = {}): Promise<string> =>
  (await list(tab, asked)).rows.find(({ pairId }) => pairId === pairIds[pair])!.why

function suggest(runId: string, pairs: readonly number[]): void {
  store.suggestions.write(
    pairs.map((pair, index) => ({
      id: newId(),
      runId,
      pairId: pairIds[pair]!,
      strategy: index % 2 === 0 ? 'ensemble-variance' : 'random',
      ask: index === 2 ? 'another-rating' : 'new-pair',
      rank: index + 1,
      reason: 'The 5 heads range from 0.38 to 0.82.',
    })),
  )
}

test('uncertain: by rank, open ones only unless asked; strategy, ask and outcome choose', async () => {
  const runId = predict({ 3: { score: 0.2 }, 1: { score: 0.9 }, 2: { score: 0.4 }, 5: { score: 0.6 } })
  suggest(runId, [3, 1, 2, 5])
  expect(await indexes('uncertain')).toEqual([3, 1, 2, 5])
  rate(0, 1, 0.3)
  expect(await indexes('uncertain')).toEqual([3, 2, 5])
  expect(await indexes('uncertain', { filter: { includeDone: true } })).toEqual([3, 1, 2, 5])
  expect(await indexes('uncertain', { filter: { outcome: 'scored' } })).toEqual([1])
  expect(await indexes('uncertain', { filter: { strategy: 'random' } })).toEqual([5])
  expect(await indexes('uncertain', { filter: { ask: 'another-rating' } })).toEqual([2])
  expect(await indexes('uncertain', { order: 'predicted' })).toEqual([3, 2, 5])
  expect(await indexes('uncertain', { order: 'predicted', reversed: true })).toEqual([5, 2, 3])
  expect(await whyOf('uncertain', 3)).toMatch(
    /^The 5 heads range from 0\.38 to 0\.82\. Asks for a first score\. Number 1 of run 1, chosen by ensemble-variance: /,
  )
  expect(await whyOf('uncertain', 5)).toContain('Drawn at random, number 4 of run 1')
  expect((await list('uncertain')).counts).toMatchObject({ uncertain: 3, predicted: 4, predictedAndRated: 1 })
})

test('ambiguous: spread that chance does not explain; an outlier, two scores and a usual spread are not', async () => {
  rateAll(0, [0.1, 0.1, 0.9, 0.9, 0.9])
  rateAll(1, [0.5, 0.5, 0.52, 0.48, 0.95])
  rate(0, 2, 0.1)
  rate(1, 2, 0.9)
  for (const pair of [3, 4, 5, 6]) rateAll(pair, [0.5, 0.55, 0.45, 0.5, 0.6])
  predict({ 7: { spread: 0.5 }, 8: { spread: 0.05 }, 3: { spread: 0.5 } })
  // Pair 3 is expected to be wide, but people have shown that it is not.
  expect(await indexes('ambiguous')).toEqual([0, 7])
  expect(await whyOf('ambiguous', 0)).toMatch(
    /^Two camps: 5 raters differ by a standard deviation of \.44, and more would not change that; the usual one here is \.\d\d\.$/,
  )
  expect(await whyOf('ambiguous', 7)).toContain('expected to differ by a standard deviation of .50')
  await decide([0], { kind: 'ambiguous' })
  expect(await indexes('ambiguous')).toEqual([7])
  expect(await indexes('ambiguous', { filter: { includeDone: true } })).toEqual([0, 7])
  expect(await whyOf('ambiguous', 0, { filter: { includeDone: true } })).toBe(
    'Accepted as ambiguous by Ada: because.',
  )
})

function dispute(pair: number, rater: number, target: string, own: string, reason: string): void {
  store.disputes.create({
    pairId: pairIds[pair]!,
    raterId: raterIds[rater]!,
    target: { kind: 'rating', ratingId: target },
    disputedScore: 0.1,
    ownRatingId: own,
    reason,
  })
}

test('disputed: the latest first; those of scores that no longer stand on request', async () => {
  for (const pair of [0, 1]) {
    const [first, second] = rateAll(pair, [0.1, 0.2]) as [string, string]
    dispute(pair, 1, first, second, `Reason ${pair}.`)
  }
  expect(await indexes('disputed')).toEqual([1, 0])
  expect(await whyOf('disputed', 0)).toBe('Ben, who gave .20, disputes Ada’s .10: Reason 0.')
  rate(0, 1, 0.3)
  expect(await indexes('disputed')).toEqual([0])
  expect(await indexes('disputed', { filter: { includeDone: true } })).toEqual([1, 0])
  expect(await whyOf('disputed', 1, { filter: { includeDone: true } })).toContain('no longer stands')
})

test('model against people: the largest gap first, out of fold said where so', async () => {
  rate(0, 0, 0.1)
  rate(0, 1, 0.9)
  rate(0, 2, 0.5)
  predict({ 0: { score: 0.95 }, 1: { score: 0.5 }, 2: { score: 0.6 } })
  store.database.prepare('UPDATE prediction SET out_of_fold = 1 WHERE pair_id = ?').run(pairIds[1])
  expect(await indexes('model-gap')).toEqual([0, 1])
  expect(await indexes('model-gap', { reversed: true })).toEqual([1, 0])
  const { rows } = await list('model-gap')
  expect(rows.map(({ prediction, why }) => [prediction?.outOfFold, why])).toEqual([
    [false, 'The model says .95, people say .10: .85 apart, and .30 is much.'],
    [
      true,
      'The model says .50, people say .90: .40 apart, and .30 is much. The heads that say so had not seen these scores.',
    ],
  ])
})

test('abstained: the most doubtful first, scored ones on request, gone with the bin and back', async () => {
  predict({
    0: { doubt: 0.6, abstained: true },
    1: { doubt: 0.9, abstained: true },
    2: { doubt: 0.1 },
    3: { doubt: 0.7, abstained: true },
  })
  expect(await indexes('abstained')).toEqual([1, 3, 0])
  rate(0, 3, 0.5)
  expect(await indexes('abstained')).toEqual([1, 0])
  expect(await indexes('abstained', { filter: { includeDone: true } })).toEqual([1, 3, 0])
  expect(await whyOf('abstained', 1)).toBe('The model declines to score it: doubt .90.')
  await decide([1], { kind: 'binned' })
  expect(await indexes('abstained')).toEqual([0])
  await settling['settling.decide'](
    { pairId: pairIds[1]!, decidedBy: raterIds[0]!, reason: 'x', choice: { kind: 'restored' } },
    testCall,
  )
  expect(await indexes('abstained')).toEqual([1, 0])
})

test('disagreements: as the queue has them; texts, ratings and ranges choose in every list', async () => {
  rateAll(0, [0.1, 0.1, 0.9, 0.9, 0.9])
  rateAll(1, [0.1, 0.5, 0.9])
  rateAll(9, [0.5, 0.5])
  predict({ 0: { score: 0.3 }, 1: { score: 0.7 } })
  expect(await indexes('disagreements')).toEqual([0, 1])
  expect(await indexes('disagreements', { filter: { kind: 'agree' } })).toEqual([9])
  expect(await indexes('disagreements', { filter: { search: 'PAIR 2' } })).toEqual([1])
  expect(await indexes('disagreements', { filter: { ratings: { low: 4, high: null } } })).toEqual([0])
  expect(await indexes('disagreements', { filter: { consensus: { low: null, high: 0.5 } } })).toEqual([1])
  expect(await indexes('disagreements', { filter: { predicted: { low: 0.6, high: 1 } } })).toEqual([1])
  expect(await indexes('disagreements', { filter: { modelGap: true } })).toEqual([])
})

function decide(
  pairs: readonly number[],
  choice: Parameters<SettlingHandlers['settling.decideAll']>[0]['choice'],
) {
  const wanted = {
    pairIds: pairs.map((pair) => pairIds[pair]!),
    decidedBy: raterIds[0]!,
    reason: 'because',
    choice,
  }
  return settling['settling.decideAll'](wanted, testCall)
}

test('many pairs at once: each has its decision, and what is refused is told with its number', async () => {
  rateAll(0, [0.1, 0.9])
  rateAll(1, [0.2, 0.4])
  const made = await decide([0, 1, 2, 3], { kind: 'adjudicated-at-consensus' })
  expect(made).toEqual({
    decidedIds: [pairIds[0], pairIds[1]],
    refused: [{ message: 'Nobody has scored this pair: there is no consensus to settle at.', count: 2 }],
  })
  expect(store.decisions.ofPair(pairIds[1]!)).toMatchObject([
    { kind: 'adjudicated', score: expect.closeTo(0.3, 12) as number, reason: 'because' },
  ])
  expect((await decide([0, 1], { kind: 'adjudicated-at-consensus' })).refused).toEqual([
    { message: 'This pair is adjudicated already: its score stands.', count: 2 },
  ])
  expect((await decide([0, 1, 2], { kind: 'reopened' })).decidedIds).toHaveLength(2)
  const { pairs } = store.tally.read()
  await decide([0, 1, 2], { kind: 'binned' })
  expect(store.tally.read().pairs).toBe(pairs - 3)
})

test('many pairs at once: what fails for another reason leaves nothing decided, and counts as before', async () => {
  const before = { ...store.tally.read() }
  // The third decision cannot be written.
  store.database.exec(`
    CREATE TRIGGER full_disk BEFORE INSERT ON decision WHEN (SELECT COUNT(*) FROM decision) >= 2
    BEGIN SELECT RAISE(ABORT, 'no room'); END
  `)
  await expect(decide([0, 1, 2], { kind: 'binned' })).rejects.toThrow()
  expect(store.database.prepare('SELECT COUNT(*) AS n FROM decision').get()).toEqual({ n: 0 })
  expect(store.tally.read()).toMatchObject({ pairs: before.pairs, ratings: before.ratings })
})

test('filters are kept by name in the project; one of the same name gives way', async () => {
  const query = {
    tab: 'abstained',
    order: 'variance',
    reversed: true,
    filter: reviewFilter.parse({ search: 'rain', ratings: { low: 1, high: null } }),
  } as const
  const saved = await review['review.saveFilter']({ name: 'Rain', query }, testCall)
  expect(await review['review.filters']({}, testCall)).toEqual([saved])
  const other = { ...query, reversed: false }
  const again = await review['review.saveFilter']({ name: 'rain', query: other }, testCall)
  expect(await review['review.filters']({}, testCall)).toEqual([{ id: again.id, name: 'rain', query: other }])
  await review['review.removeFilter']({ id: again.id }, testCall)
  expect(await review['review.filters']({}, testCall)).toEqual([])
  await expect(review['review.removeFilter']({ id: again.id }, testCall)).rejects.toMatchObject({
    code: 'not-found',
  })
})

test('a pair that had come in and was scored by a new ranking of the same run is listed', async () => {
  const runId = predict({ 0: { score: 0.5, abstained: true, doubt: 0.4 } })
  expect(await indexes('abstained')).toEqual([0])
  store.predictions.write(runId, [
    {
      pairId: pairIds[5]!,
      score: 0.2,
      variance: 0.1,
      low: 0,
      high: 0.6,
      spread: null,
      doubt: 0.9,
      abstained: true,
    },
  ])
  store.suggestions.writeRanking(runId, {
    strategy: 'igs',
    batchSize: 20,
    randomShare: 0.2,
    waiting: 2,
    considered: 2,
    remark: null,
    createdAt: '2026-05-04T10:00:00.000Z',
  })
  expect(await indexes('abstained')).toEqual([5, 0])
  expect((await list('abstained')).ranking?.strategy).toBe('igs')
})
