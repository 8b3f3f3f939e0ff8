import { afterEach, beforeEach, expect, test } from 'vitest'
import type { MadeChoice, SettlingRow } from '#shared/contract/settling.ts'
import type { Answer } from '#shared/domain/rating.ts'
import { trainingConfiguration } from '#shared/domain/run.ts'
import { newId } from '../../store/newId.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { createTestFolder, createTestProject } from '../../store/testStore.ts'
import { createTestContext, testCall, type TestContext } from '../testing/testContext.ts'
import { createSettlingHandlers, type SettlingHandlers } from './settling.ts'
import { createWeighedPairs } from './weighedPairs.ts'

let folder: ReturnType<typeof createTestFolder>
let backend: TestContext
let store: ProjectStore
let pairIds: string[]
let raterIds: string[]
let settling: SettlingHandlers
beforeEach(() => {
  folder = createTestFolder()
  backend = createTestContext(folder.path)
  ;({ store, pairIds, raterIds } = createTestProject({
    pairs: 8,
    raters: ['Ada', 'Ben', 'Cleo', 'Dora', 'Emil'],
  }))
  backend.context.session.set({ store, path: ':memory:' })
  settling = createSettlingHandlers(backend.context, createWeighedPairs())
})
afterEach(async () => {
  await backend.close()
  folder.remove()
})

function rate(rater: number, pair: number, given: number | Answer): string {
  const answer: Answer =
    typeof given === 'number' ? { kind: 'score', value: given, rawPosition: given } : given
  return store.tally.following(pairIds[pair]!, () =>
    store.annotation.commit({
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
    }),
  ).ratingId
}

/** All five raters on one pair. */
function rateAll(pair: number, scores: readonly number[]): string[] {
  return scores.map((score, rater) => rate(rater, pair, score))
}

type Asked = Partial<Parameters<SettlingHandlers['settling.queue']>[0]>
async function queue(asked: Asked = {}) {
  const wanted = {
    kind: 'any',
    disputed: false,
    modelGap: false,
    includeSettled: false,
    order: 'weight',
  } as const
  return settling['settling.queue']({ offset: 0, limit: 100, ...wanted, ...asked }, testCall)
}
async function listed(asked: Asked = {}): Promise<number[]> {
  return (await queue(asked)).rows.map(({ pairId }) => pairIds.indexOf(pairId))
}
async function rowOf(pair: number, asked: Asked = {}): Promise<SettlingRow> {
  return (await queue(asked)).rows.find(({ pairId }) => pairId === pairIds[pair])!
}
async function decide(pair: number, choice: MadeChoice, decidedBy = raterIds[0]!): Promise<string> {
  const wanted = { pairId: pairIds[pair]!, decidedBy, reason: 'because', choice }
  return (await settling['settling.decide'](wanted, testCall)).told
}
function ratingRows(): unknown[] {
  return store.database.prepare('SELECT * FROM rating ORDER BY id').all()
}
function dispute(pair: number, rater: number, target: string, own: string, reason: string): void {
  store.disputes.create({
    pairId: pairIds[pair]!,
    raterId: raterIds[rater]!,
    target: { kind: 'rating', ratingId: target },
    disputedScore: 0.5,
    ownRatingId: own,
    reason,
  })
}
/** A finished run in use that predicts these scores. */
function predict(scores: Readonly<Record<number, number>>): string {
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
    Object.entries(scores).map(([pair, score]) => ({
      pairId: pairIds[Number(pair)]!,
      score,
      variance: 0.01,
      low: score - 0.1,
      high: score + 0.1,
      spread: null,
      doubt: null,
      abstained: false,
    })),
  )
  store.database.prepare(`UPDATE run SET status = 'finished', finished_at = created_at WHERE id = ?`).run(id)
  return id
}

test('the queue: camps and width before an outlier and a small spread; pairs that agree are not in it', async () => {
  rateAll(0, [0.5, 0.5, 0.52, 0.48, 0.5])
  rateAll(1, [0.05, 0.1, 0.08, 0.9, 0.95])
  rateAll(2, [0.5, 0.55, 0.52, 0.5, 0.95])
  rateAll(3, [0.35, 0.4, 0.5, 0.6, 0.7])
  rate(0, 4, 0.9)
  const { rows, counts, total } = await queue()
  expect(rows.map(({ pairId, kind }) => [pairIds.indexOf(pairId), kind])).toEqual([
    [1, 'two-camps'],
    [2, 'one-outlier'],
    [3, 'wide'],
  ])
  expect([total, counts, rows.map(({ position }) => position)]).toEqual([
    3,
    { open: 3, settled: 0, compared: 4, raters: 5 },
    [0, 1, 2],
  ])
  expect(rows[0]).toMatchObject({
    premise: 'Premise of pair 2',
    externalId: 'pair 2',
    reasons: ['5 raters .05 to .95, two camps'],
    consensus: expect.closeTo(0.416, 12) as number,
    prediction: null,
    settled: null,
  })
  expect([
    await listed({ kind: 'wide' }),
    await listed({ kind: 'agree' }),
    await listed({ order: 'spread' }),
  ]).toEqual([[3], [0], [1, 2, 3]])
})

test('a dispute puts a pair into the queue, in words, until the disputed score is revised', async () => {
  rate(0, 0, 0.5)
  const [ada, ben] = [rate(0, 1, 0.4), rate(1, 1, 0.5)]
  expect(await listed()).toEqual([])
  dispute(1, 1, ada, ben, 'They share no event.')
  expect((await rowOf(1)).reasons).toEqual([
    '2 raters .40 to .50, close together',
    'disputed by Ben: They share no event.',
  ])
  expect([await listed({ disputed: true }), await listed({ modelGap: true })]).toEqual([[1], []])
  rate(0, 1, 0.48)
  expect(await listed()).toEqual([])
  const { disputes } = await settling['settling.pair']({ pairId: pairIds[1]! }, testCall)
  expect(disputes).toMatchObject([{ raterName: 'Ben', against: 'Ada', stands: false, ownScore: 0.5 }])
})

test('a model far from what people say puts a pair into the queue, in words', async () => {
  rate(0, 0, 0.31)
  rate(0, 1, 0.31)
  rate(1, 2, 0.5)
  predict({ 0: 0.82, 1: 0.4, 3: 0.9 })
  expect(await listed()).toEqual([0])
  expect(await rowOf(0)).toMatchObject({
    kind: null,
    reasons: ['Ada .31', 'model .82 against people .31'],
    prediction: { score: 0.82, low: expect.closeTo(0.72, 9) as number },
  })
  expect([await listed({ modelGap: true }), await listed({ disputed: true })]).toEqual([[0], []])
})

test('adjudicated: out of the queue, the score in labels, no rating touched; reopened, the consensus is back', async () => {
  rateAll(0, [0.1, 0.1, 0.9, 0.9, 0.9])
  const before = ratingRows()
  expect(await decide(0, { kind: 'adjudicated', score: 0.7 })).toContain('Adjudicated .70')
  expect([await listed(), await listed({ includeSettled: true })]).toEqual([[], [0]])
  expect(await rowOf(0, { includeSettled: true })).toMatchObject({
    settled: { kind: 'adjudicated', score: 0.7, decidedByName: 'Ada', reason: 'because' },
    consensus: 0.7,
  })
  expect((await queue()).counts).toEqual({ open: 0, settled: 1, compared: 1, raters: 5 })
  expect(store.labels.page('', 1)[0]?.label).toMatchObject({ consensus: 0.7, count: 5 })
  await decide(0, { kind: 'reopened' }, raterIds[1])
  expect([await listed(), store.labels.consensus(pairIds[0]!)?.score]).toEqual([
    [0],
    expect.closeTo(0.58, 12),
  ])
  const { decisions } = await settling['settling.pair']({ pairId: pairIds[0]! }, testCall)
  expect(decisions.map(({ kind, decidedByName }) => [kind, decidedByName])).toEqual([
    ['reopened', 'Ben'],
    ['adjudicated', 'Ada'],
  ])
  expect(ratingRows()).toEqual(before)
  await expect(decide(0, { kind: 'reopened' })).rejects.toMatchObject({ code: 'nothing-to-do' })
})

test('accepted as ambiguous: out of the queue with its consensus, until somebody rates the pair again', async () => {
  rateAll(0, [0.1, 0.1, 0.9, 0.9, 0.9])
  await decide(0, { kind: 'ambiguous' })
  expect([await listed(), store.labels.consensus(pairIds[0]!)?.adjudicated]).toEqual([[], false])
  rate(0, 0, 0.2)
  expect(await rowOf(0)).toMatchObject({
    reasons: ['5 raters .10 to .90, two camps', 'rated or disputed since it was settled'],
    settled: { kind: 'ambiguous' },
  })
  await expect(decide(5, { kind: 'ambiguous' })).rejects.toMatchObject({ code: 'bad-request' })
})

test('the bin: out of the queue and the counts, and back with every rating', async () => {
  rateAll(0, [0.1, 0.1, 0.9, 0.9, 0.9])
  const before = ratingRows()
  await decide(0, { kind: 'binned' })
  expect([await listed({ includeSettled: true }), store.tally.read().pairs]).toEqual([[], 7])
  expect(await settling['settling.bin']({ offset: 0, limit: 10 }, testCall)).toMatchObject({
    total: 1,
    rows: [{ pairId: pairIds[0], premise: 'Premise of pair 1', decidedByName: 'Ada', reason: 'because' }],
  })
  expect(await settling['settling.pair']({ pairId: pairIds[0]! }, testCall)).toMatchObject({ binned: true })
  await expect(decide(0, { kind: 'adjudicated', score: 1 })).rejects.toMatchObject({
    code: 'bad-request',
    message: expect.stringContaining('restore it first') as string,
  })
  await decide(0, { kind: 'restored' })
  expect([await listed(), store.tally.read().pairs, ratingRows()]).toEqual([[0], 8, before])
  await expect(decide(0, { kind: 'restored' })).rejects.toMatchObject({ code: 'nothing-to-do' })
})

test('another rater: named, whoever comes next, and nobody left', async () => {
  for (const rater of [0, 1, 2]) rate(rater, 0, rater === 0 ? 0.1 : 0.9)
  const open = async (): Promise<unknown> =>
    (await settling['settling.pair']({ pairId: pairIds[0]! }, testCall)).raters.map(({ name, asked }) => [
      name,
      asked,
    ])
  expect(await open()).toEqual([
    ['Dora', false],
    ['Emil', false],
  ])
  expect(await decide(0, { kind: 'another-rater', askedRaterId: null })).toBe(
    'The pair is open to Dora and Emil, who have not rated it.',
  )
  expect([(await rowOf(0)).reasons.at(-1), store.assignments.ofPair(pairIds[0]!)]).toEqual([
    'another rating is asked for',
    [],
  ])
  expect(await decide(0, { kind: 'another-rater', askedRaterId: raterIds[3]! })).toBe(
    'Dora gets the pair next.',
  )
  expect([(await rowOf(0)).reasons.at(-1), store.assignments.ofPair(pairIds[0]!), await open()]).toEqual([
    'waits for Dora',
    [{ raterId: raterIds[3], pairId: pairIds[0], kind: 'asked' }],
    [
      ['Dora', true],
      ['Emil', false],
    ],
  ])
  rate(3, 0, 0.5)
  expect((await rowOf(0)).reasons).toHaveLength(1)
  await expect(decide(0, { kind: 'another-rater', askedRaterId: raterIds[3]! })).rejects.toMatchObject({
    code: 'already-exists',
    message: expect.stringContaining('Dora has rated this pair already') as string,
  })
  store.raters.decide(raterIds[4]!, 'set-aside', 'answers at random')
  await expect(decide(0, { kind: 'another-rater', askedRaterId: raterIds[4]! })).rejects.toMatchObject({
    message: expect.stringContaining('Emil is set aside') as string,
  })
  await expect(decide(0, { kind: 'another-rater', askedRaterId: null })).rejects.toMatchObject({
    code: 'nothing-to-do',
  })
})

test('under a plan, whoever has least to rate is asked', async () => {
  const { settings } = store.project.read()
  store.project.writeSettings({ ...settings, overlap: { kind: 'every', raters: 2 } })
  store.assignments.add([
    { raterId: raterIds[2]!, pairId: pairIds[1]!, kind: 'plan' },
    { raterId: raterIds[4]!, pairId: pairIds[2]!, kind: 'plan' },
  ])
  rate(0, 0, 0.1)
  rate(1, 0, 0.9)
  expect(await decide(0, { kind: 'another-rater', askedRaterId: null })).toBe(
    'Dora, who has least to rate, gets the pair next.',
  )
  expect(store.assignments.isAssigned(raterIds[3]!, pairIds[0]!)).toBe(true)
})

test('a fixed text: ratings stay with the old one, predictions and suggestions go, a settlement is off', async () => {
  rateAll(0, [0.1, 0.1, 0.9, 0.9, 0.9])
  const runId = predict({ 0: 0.5, 1: 0.5 })
  store.suggestions.write(
    [0, 1].map((pair) => ({
      id: newId(),
      runId,
      pairId: pairIds[pair]!,
      strategy: 'ensemble-variance',
      ask: 'new-pair',
      rank: pair + 1,
      reason: 'The heads differ.',
    })),
  )
  store.tally.recount()
  await decide(0, { kind: 'adjudicated', score: 0.7 })
  const before = ratingRows()
  const texts = { premise: ' A clearer premise. ', hypothesis: 'A hypothesis.' }
  expect(await decide(0, { kind: 'text-fixed', ...texts })).toContain('open to all raters')
  expect([await listed({ includeSettled: true }), store.labels.consensus(pairIds[0]!), ratingRows()]).toEqual(
    [[], null, before],
  )
  const pair = await settling['settling.pair']({ pairId: pairIds[0]! }, testCall)
  expect(pair).toMatchObject({
    premise: 'A clearer premise.',
    ratings: [],
    prediction: null,
    settled: null,
    earlierTexts: [{ version: 1, premise: 'Premise of pair 1' }],
  })
  expect(pair.earlierTexts[0]?.ratings.map(({ raterName, score }) => [raterName, score])).toEqual([
    ['Ada', 0.1],
    ['Ben', 0.1],
    ['Cleo', 0.9],
    ['Dora', 0.9],
    ['Emil', 0.9],
  ])
  expect(pair.raters).toHaveLength(5)
  const { suggestions, allSuggestions } = store.tally.read()
  const page = store.suggestions.page(runId, { offset: 0, limit: 10, includeRated: true })
  expect([suggestions, allSuggestions, page.total, page.rows.length]).toEqual([1, 1, 1, 1])
  rate(0, 0, 0.2)
  rate(1, 0, 0.8)
  expect(await rowOf(0)).toMatchObject({ kind: 'wide', scores: [{ score: 0.2 }, { score: 0.8 }] })
})

test('a fixed text is refused with a sentence where it changes nothing, is empty or another pair’s', async () => {
  rate(0, 0, 0.1)
  const fix = (premise: string, hypothesis: string): Promise<string> =>
    decide(0, { kind: 'text-fixed', premise, hypothesis })
  await expect(fix('Premise of pair 1', 'Hypothesis of pair 1 ')).rejects.toMatchObject({
    code: 'nothing-to-do',
  })
  await expect(fix(' \n', 'Hypothesis')).rejects.toMatchObject({
    message: 'The premise is empty: nothing was changed.',
  })
  await expect(fix('Premise of pair 2', 'Hypothesis of pair 2')).rejects.toMatchObject({
    code: 'already-exists',
    message: expect.stringContaining('Another pair has these very texts') as string,
  })
  expect(store.decisions.ofPair(pairIds[0]!)).toEqual([])
})

test('a pair of another project, a stranger and a file of one rater are refused with a sentence', async () => {
  const adjudicated = { kind: 'adjudicated', score: 0.5 } as const
  const wanted = { pairId: newId(), decidedBy: raterIds[0]!, reason: 'because', choice: adjudicated }
  await expect(settling['settling.decide'](wanted, testCall)).rejects.toMatchObject({ code: 'not-found' })
  await expect(settling['settling.pair']({ pairId: newId() }, testCall)).rejects.toMatchObject({
    code: 'not-found',
  })
  await expect(decide(0, adjudicated, newId())).rejects.toMatchObject({ code: 'not-found' })
  store.database.prepare('UPDATE project SET work_rater_id = ?').run(raterIds[0])
  await expect(decide(0, adjudicated)).rejects.toMatchObject({
    code: 'bad-request',
    message: expect.stringContaining('split off "Test" for') as string,
  })
})

test('gold: marked, changed and unmarked', async () => {
  const mark = (gold: { score: number; tolerance: number; explanation: string } | null) =>
    settling['settling.gold']({ pairId: pairIds[0]!, gold }, testCall)
  const read = async () => (await settling['settling.pair']({ pairId: pairIds[0]! }, testCall)).gold
  await mark({ score: 0.8, tolerance: 0.1, explanation: 'Same event.' })
  expect(await read()).toEqual({ score: 0.8, tolerance: 0.1, explanation: 'Same event.' })
  await mark(null)
  expect(await read()).toBeNull()
})

test('a queue that is kept sees a rater set aside, and ratings that sort before what it has seen', async () => {
  rateAll(0, [0.5, 0.5, 0.5, 0.5, 0.95])
  expect(await listed()).toEqual([0])
  store.raters.decide(raterIds[4]!, 'set-aside', 'answers at random')
  expect(await listed()).toEqual([])
  store.raters.decide(raterIds[4]!, 'taken-back', 'was right')
  rate(0, 1, 0.1)
  expect(await listed()).toEqual([0])
  // As a merge brings it: made long before.
  const merged = rate(1, 2, 0.9)
  store.database
    .prepare('UPDATE rating SET pair_id = ?, id = ? WHERE id = ?')
    .run(pairIds[1], `00${merged.slice(2)}`, merged)
  expect((await listed()).toSorted()).toEqual([0, 1])
})

test('with one rater there is nothing to compare, and the counts say so', async () => {
  for (const pair of [0, 1, 2]) rate(0, pair, pair / 2)
  expect(await queue()).toEqual({
    total: 0,
    rows: [],
    counts: { open: 0, settled: 0, compared: 0, raters: 1 },
  })
})
