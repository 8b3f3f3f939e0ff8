import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AnnotateStep, AnnotateTask } from '#shared/contract/annotate.ts'
import { GradusError } from '#shared/contract/errors.ts'
import type { Answer } from '#shared/domain/rating.ts'
import { trainingConfiguration } from '#shared/domain/run.ts'
import { newId } from '../../store/newId.ts'
import { openProjectStore, type ProjectStore } from '../../store/projectStore.ts'
import { addTestPairs, createTestFolder, createTestProject } from '../../store/testStore.ts'
import { createAnnotateHandlers, type AnnotateHandlers } from './annotate.ts'
import { projectOverview } from '../projects/overview.ts'
import { createTestContext, testCall, type TestContext } from '../testing/testContext.ts'

let folder: ReturnType<typeof createTestFolder>
let backend: TestContext
let store: ProjectStore
let pairIds: string[]
let ada: string
let ben: string
let annotate: AnnotateHandlers

beforeEach(() => {
  folder = createTestFolder()
  backend = createTestContext(folder.path)
  const made = createTestProject({ pairs: 6, raters: ['Ada', 'Ben'] })
  store = made.store
  pairIds = made.pairIds
  ;[ada, ben] = made.raterIds as [string, string]
  backend.context.session.set({ store, path: ':memory:' })
  annotate = createAnnotateHandlers(backend.context)
})
afterEach(async () => {
  await backend.close()
  folder.remove()
})

const next = (raterId: string): Promise<AnnotateStep> =>
  Promise.resolve(annotate['annotate.next']({ raterId, queue: 'order' }, testCall))
const step = (
  name: 'annotate.undo' | 'annotate.redo',
  raterId: string,
  queue: 'order' | 'review' = 'order',
): Promise<AnnotateStep> => Promise.resolve(annotate[name]({ raterId, queue }, testCall))
const skip = (raterId: string, pairId: string, queue: 'order' | 'review' = 'order'): Promise<AnnotateStep> =>
  Promise.resolve(annotate['annotate.skip']({ raterId, queue, pairId }, testCall))

type Committed = AnnotateStep & { ratingId: string }
function commit(
  raterId: string,
  pairId: string,
  given: number | Answer,
  change: Partial<Parameters<AnnotateHandlers['annotate.commit']>[0]> = {},
): Promise<Committed> {
  const answer: Answer =
    typeof given === 'number' ? { kind: 'score', value: given, rawPosition: given } : given
  return Promise.resolve(
    annotate['annotate.commit'](
      {
        raterId,
        queue: 'order',
        pairId,
        answer,
        note: null,
        timing: { timeToFirstTouch: 400, timeToCommit: 3000, changeCount: 2 },
        orderShown: 0,
        shownBecause: 'order',
        suggestionId: null,
        ...change,
      },
      testCall,
    ),
  )
}

/** Rates all that is left and returns the pairs in the order in which they were shown. */
async function walk(raterId: string): Promise<string[]> {
  const shown: string[] = []
  let { next: task }: { next: AnnotateTask | null } = await next(raterId)
  while (task !== null) {
    shown.push(task.pair.id)
    ;({ next: task } = await commit(raterId, task.pair.id, 0.5, { orderShown: task.orderShown }))
  }
  return shown
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const thrown: unknown = await promise.then(
    () => null,
    (error: unknown) => error,
  )
  return thrown instanceof GradusError ? thrown.code : String(thrown)
}

/** A finished run that predicts 0.25 everywhere and suggests these pairs in this order. */
function addRun(suggested: readonly string[]): { runId: string; suggestionIds: string[] } {
  const runId = newId()
  const at = new Date().toISOString()
  store.runs.start({
    id: runId,
    configuration: trainingConfiguration.parse({}),
    encoderDigest: 'e',
    snapshotDigest: 's',
    labelledPairs: 1,
    libraries: {},
    createdAt: at,
  })
  store.database.prepare(`UPDATE run SET status = 'finished', finished_at = ? WHERE id = ?`).run(at, runId)
  store.predictions.write(
    runId,
    pairIds.map((pairId) => ({
      pairId,
      score: 0.25,
      variance: 0.01,
      low: 0.1,
      high: 0.4,
      spread: null,
      doubt: null,
      abstained: false,
    })),
  )
  const suggestions = suggested.map((pairId, index) => ({
    id: newId(),
    runId,
    pairId,
    strategy: 'ensemble-variance' as const,
    ask: 'new-pair' as const,
    rank: index + 1,
    reason: 'The members differ.',
  }))
  store.suggestions.write(suggestions)
  return { runId, suggestionIds: suggestions.map(({ id }) => id) }
}

test('the first pair of a rater: nothing of anybody’s answer in it', async () => {
  const first = (await next(ada)).next!
  await commit(ben, first.pair.id, 0.9, { note: 'surely' })
  addRun([first.pair.id])
  expect(await next(ada)).toEqual({
    next: {
      pair: {
        id: first.pair.id,
        externalId: first.pair.externalId,
        premise: `Premise of ${first.pair.externalId!}`,
        hypothesis: `Hypothesis of ${first.pair.externalId!}`,
      },
      orderShown: 0,
      shownBecause: 'order',
      suggestionId: null,
      retests: null,
      pairVersion: 1,
      previous: null,
    },
    progress: {
      done: 0,
      total: 6,
      calibration: null,
      skipped: 0,
      pairsPerMinute: null,
      canUndo: false,
      canRedo: false,
    },
    revealed: null,
  })
})

test('each rater has an own order of all pairs, which pairs added later do not disturb', async () => {
  const before = createAnnotateHandlers(backend.context)
  const first = (await before['annotate.next']({ raterId: ada, queue: 'order' }, testCall)).next!.pair.id
  const added = addTestPairs(store, 30, 'later ')
  const [ofAda, ofBen] = [await walk(ada), await walk(ben)]
  expect([...ofAda].sort()).toEqual([...pairIds, ...added].sort())
  expect(ofAda).not.toEqual(ofBen)
  expect(ofAda.filter((id) => pairIds.includes(id))[0]).toBe(first)
})

test('the order is that of the project’s seed', async () => {
  const order = async (seed: number): Promise<string[]> => {
    store.project.writeSettings({ ...store.project.read().settings, seed })
    const shown = await walk(ada)
    store.database.exec('DELETE FROM annotation_step; DELETE FROM rating')
    annotate = createAnnotateHandlers(backend.context)
    return shown
  }
  const [one, two, again] = [await order(1), await order(2), await order(1)]
  expect(one).toEqual(again)
  expect(one).not.toEqual(two)
})

test('a commit stores all that was measured, and the next pair comes with it', async () => {
  const { pair } = (await next(ada)).next!
  const committed = await commit(
    ada,
    pair.id,
    { kind: 'score', value: 0.37, rawPosition: 0.371 },
    { note: 'why', orderShown: 5, shownBecause: 'chosen' },
  )
  const { id, createdAt, ...rest } = store.ratings.current(pair.id, ada)!
  expect(rest).toEqual({
    pairId: pair.id,
    label: null,
    labelScored: false,
    raterId: ada,
    answer: { kind: 'score', value: 0.37, rawPosition: 0.371 },
    score: 0.37,
    note: 'why',
    scaleKind: 'linear',
    timing: { timeToFirstTouch: 400, timeToCommit: 3000, changeCount: 2 },
    orderShown: 5,
    shownBecause: 'chosen',
    suggestionId: null,
    guidelineVersion: 1,
    passNumber: 1,
    source: 'annotate',
    supersedes: null,
    restates: null,
    retests: null,
    pairVersion: 1,
    confidence: null,
  })
  expect(committed.ratingId).toBe(id)
  expect(Date.parse(createdAt)).toBeGreaterThan(0)
  expect(committed.progress).toMatchObject({ done: 1, total: 6, canUndo: true })
  expect(committed.next?.pair.id).not.toBe(pair.id)
})

test('skipped pairs come back at the end, in the order of skipping', async () => {
  const order: string[] = []
  for (let count = 0; count < 2; count++) {
    const { pair } = (await next(ada)).next!
    order.push(pair.id)
    await skip(ada, pair.id)
  }
  expect((await next(ada)).progress).toMatchObject({ done: 0, skipped: 2, canUndo: true })
  expect((await walk(ada)).slice(-2)).toEqual(order)
  annotate = createAnnotateHandlers(backend.context)
  expect(await next(ada)).toMatchObject({ next: null, progress: { done: 6, total: 6, skipped: 0 } })
})

test('undo shows the pair again with what was answered, also after a restart; redo goes on behind it', async () => {
  const one = (await next(ada)).next!.pair.id
  const after = await commit(ada, one, 0.8, { note: 'hm', orderShown: 0 })
  const undone = await step('annotate.undo', ada)
  const previous = {
    ratingId: after.ratingId,
    answer: { kind: 'score', value: 0.8, rawPosition: 0.8 },
    note: 'hm',
  }
  expect(undone).toMatchObject({
    next: { pair: { id: one }, orderShown: 0, shownBecause: 'order', previous },
    progress: { done: 0, canUndo: false, canRedo: true },
    revealed: null,
  })
  annotate = createAnnotateHandlers(backend.context)
  expect((await next(ada)).next).toEqual(undone.next)
  const redone = await step('annotate.redo', ada)
  expect(redone.next).toEqual(after.next)
  expect(redone.progress).toEqual(after.progress)
  expect(redone.revealed?.own.score).toBe(0.8)
})

test('undo of a skip brings the pair back to the front; a fresh answer ends redo', async () => {
  const { pair } = (await next(ada)).next!
  await skip(ada, pair.id)
  const undone = await step('annotate.undo', ada)
  expect([undone.next?.pair.id, undone.progress.skipped, undone.progress.canRedo]).toEqual([pair.id, 0, true])
  await commit(ada, pair.id, 0.1)
  expect(await refusal(step('annotate.redo', ada))).toBe('nothing-to-do')
  await step('annotate.undo', ada)
  expect(await refusal(step('annotate.undo', ada))).toBe('nothing-to-do')
})

test('undoing a revision leaves the earlier answer standing', async () => {
  const pairId = pairIds[2]!
  await commit(ada, pairId, 0.2)
  const opened = await annotate['annotate.open']({ raterId: ada, queue: 'order', pairId }, testCall)
  expect(opened.next).toMatchObject({ shownBecause: 'revision', previous: { answer: { value: 0.2 } } })
  await commit(ada, pairId, 0.9, { shownBecause: 'revision' })
  const undone = await step('annotate.undo', ada)
  expect(undone).toMatchObject({
    next: { pair: { id: pairId }, previous: { answer: { value: 0.9 } } },
    progress: { done: 1 },
  })
  expect(store.ratings.current(pairId, ada)?.score).toBe(0.2)
})

test('the pace is that of the last twenty commits, from the fifth on', async () => {
  addTestPairs(store, 30, 'more ')
  const paces: (number | null)[] = []
  for (let count = 0; count < 24; count++) {
    const { pair } = (await next(ada)).next!
    const { progress } = await commit(ada, pair.id, 0.5, {
      timing: { timeToFirstTouch: null, timeToCommit: count < 4 ? 60_000 : 3000, changeCount: 0 },
    })
    paces.push(progress.pairsPerMinute)
  }
  expect([paces[3], paces[4]?.toFixed(3), paces[23]]).toEqual([null, (5 / (243 / 60)).toFixed(3), 20])
})

test('others’ scores and the prediction are revealed after the own commit, as the project allows', async () => {
  const pairId = pairIds[0]!
  const { ratingId } = await commit(ben, pairId, 0.6, { note: 'perhaps' })
  const { runId } = addRun([])
  const open = (): Promise<AnnotateStep> =>
    Promise.resolve(annotate['annotate.open']({ raterId: ada, queue: 'order', pairId }, testCall))
  expect((await open()).revealed).toBeNull()
  const committed = await commit(ada, pairId, 0.3)
  const own = { ratingId: committed.ratingId, score: 0.3 }
  const others = [{ ratingId, raterName: 'Ben', score: 0.6, note: 'perhaps', disputed: false }]
  const prediction = {
    ...{ score: 0.25, variance: 0.01, low: 0.1, high: 0.4, spread: null, doubt: null, abstained: false },
    ...{ runId, disputed: false, outOfFold: false },
  }
  const consensus = { score: expect.closeTo(0.45, 12) as number, adjudicated: false, disputed: false }
  expect(committed.revealed).toEqual({ pairId, own, others, prediction, consensus, gold: null })
  const { settings } = store.project.read()
  store.project.writeSettings({ ...settings, showOthersAfterCommit: false, showPredictionAfterCommit: false })
  expect((await open()).revealed).toEqual({
    ...{ pairId, own, others: [], prediction: null },
    ...{ consensus: null, gold: null },
  })
  await step('annotate.undo', ada)
  store.project.writeSettings(settings)
  expect((await open()).revealed).toBeNull()
})

test('a dispute needs an own rating and a revealed score, and is kept with both', async () => {
  const pairId = pairIds[0]!
  const { ratingId } = await commit(ben, pairId, 0.6)
  const { runId } = addRun([])
  const dispute = (target: Parameters<AnnotateHandlers['dispute.create']>[0]['target']): Promise<unknown> =>
    Promise.resolve(
      annotate['dispute.create']({ raterId: ada, pairId, target, reason: 'Too high.' }, testCall),
    )
  const against = { kind: 'rating' as const, ratingId }
  expect(await refusal(dispute(against))).toBe('bad-request')
  const own = await commit(ada, pairId, 0.1)
  expect(await dispute(against)).toMatchObject({
    pairId,
    raterId: ada,
    target: against,
    disputedScore: 0.6,
    ownRatingId: own.ratingId,
    reason: 'Too high.',
  })
  await dispute({ kind: 'prediction', runId })
  expect(await refusal(dispute(against))).toBe('already-exists')
  expect(await refusal(dispute({ kind: 'rating', ratingId: own.ratingId }))).toBe('bad-request')
  expect(await refusal(dispute({ kind: 'prediction', runId: newId() }))).toBe('bad-request')
  expect(
    store.disagreements.disputes([pairId]).map(({ against: whom, ownScore }) => [whom, ownScore]),
  ).toEqual([
    ['Ben', 0.1],
    ['model', 0.1],
  ])
  const revealed = (await annotate['annotate.open']({ raterId: ada, queue: 'order', pairId }, testCall))
    .revealed
  expect([revealed?.others[0]?.disputed, revealed?.prediction?.disputed]).toEqual([true, true])
})

test('the review queue walks the latest run’s suggestions by rank, skipped ones last', async () => {
  const [one, two, three] = pairIds as [string, string, string]
  const { suggestionIds } = addRun([three, one, two])
  const inReview = { queue: 'review' as const, shownBecause: 'suggestion' as const }
  const first = await annotate['annotate.next']({ raterId: ada, queue: 'review' }, testCall)
  expect(first).toMatchObject({
    next: { pair: { id: three }, shownBecause: 'suggestion', suggestionId: suggestionIds[0], previous: null },
    progress: { done: 0, total: 3, skipped: 0 },
  })
  expect((await skip(ada, three, 'review')).next?.pair.id).toBe(one)
  const third = await commit(ada, one, 0.4, { ...inReview, suggestionId: suggestionIds[1]! })
  expect(third).toMatchObject({
    next: { pair: { id: two } },
    progress: { done: 1, total: 3, skipped: 1 },
  })
  expect(await refusal(commit(ada, two, 0.4, { ...inReview, suggestionId: suggestionIds[1]! }))).toBe(
    'bad-request',
  )
  const last = await commit(ada, two, 0.6, { ...inReview, suggestionId: suggestionIds[2]! })
  expect(last.next?.pair.id).toBe(three)
  const end = await commit(ada, three, 0.7, { ...inReview, suggestionId: suggestionIds[0]! })
  expect(end).toMatchObject({ next: null, progress: { done: 3, total: 3, skipped: 0 } })
  expect(projectOverview(store)).toMatchObject({
    counts: { ratings: 3, labelledPairs: 3, suggestions: 0 },
    model: { newRatings: 3, retrainOffered: false },
  })
  const undone = await step('annotate.undo', ada, 'review')
  expect(undone.next).toMatchObject({ pair: { id: three }, suggestionId: suggestionIds[0] })
  expect(projectOverview(store).counts.suggestions).toBe(1)
})

test('another rating is asked of whoever has not rated the pair, blind, in the same way as a new pair', async () => {
  const [one, two, three] = pairIds as [string, string, string]
  await commit(ada, one, 0.9)
  const { suggestionIds } = addRun([one, two, three])
  store.database
    .prepare(`UPDATE suggestion SET ask = 'another-rating', reason = 'In doubt.' WHERE id = ?`)
    .run(suggestionIds[0])
  store.database
    .prepare(`UPDATE suggestion SET strategy = 'random', reason = 'Drawn at random.' WHERE id = ?`)
    .run(suggestionIds[1])
  const inReview = { queue: 'review' as const, shownBecause: 'suggestion' as const }
  const nextOf = async (raterId: string): Promise<AnnotateStep> =>
    annotate['annotate.next']({ raterId, queue: 'review' }, testCall)

  // Ada has rated it: it is not hers to answer, and does not count as left for her.
  const adas = await nextOf(ada)
  expect(adas).toMatchObject({ next: { pair: { id: two } }, progress: { done: 0, total: 2, skipped: 0 } })
  const bens = await nextOf(ben)
  expect(bens).toMatchObject({
    next: { pair: { id: one }, shownBecause: 'suggestion', suggestionId: suggestionIds[0], previous: null },
    progress: { done: 0, total: 3, skipped: 0 },
    revealed: null,
  })
  const shapeOf = (step: AnnotateStep): unknown => [
    Object.keys(step.next!).toSorted(),
    Object.keys(step.next!.pair).toSorted(),
    step.next!.shownBecause,
    step.next!.previous,
  ]
  expect(shapeOf(bens)).toEqual(shapeOf(adas))
  expect(JSON.stringify([adas, bens])).not.toMatch(/reason|strategy|doubt|another|random|0\.9/)

  // Her own second thoughts are no other rating.
  const opened = await annotate['annotate.open']({ raterId: ada, queue: 'review', pairId: one }, testCall)
  expect(opened.next).toMatchObject({ shownBecause: 'revision', suggestionId: null })
  await commit(ada, one, 0.8)
  expect(store.tally.read()).toMatchObject({ suggestions: 3, allSuggestions: 3 })
  expect((await nextOf(ben)).next?.pair.id).toBe(one)
  await commit(ben, one, 0.3, { ...inReview, suggestionId: suggestionIds[0]! })
  expect(store.tally.read()).toMatchObject({ suggestions: 2, allSuggestions: 3 })
  expect(await nextOf(ben)).toMatchObject({
    next: { pair: { id: two } },
    progress: { done: 1, total: 3, skipped: 0 },
  })
  expect((await nextOf(ada)).progress).toMatchObject({ done: 1, total: 3 })
  store.tally.recount()
  expect(store.tally.read()).toMatchObject({ suggestions: 2, allSuggestions: 3 })
  await step('annotate.undo', ben, 'review')
  expect(store.tally.read()).toMatchObject({ suggestions: 3 })
})

test('retraining is offered from the twentieth new rating on', async () => {
  addRun([])
  const more = addTestPairs(store, 20, 'more ')
  for (const pairId of more.slice(0, 19)) await commit(ada, pairId, 0.5)
  expect(projectOverview(store).model).toMatchObject({ newRatings: 19, retrainOffered: false })
  await commit(ada, more[19]!, { kind: 'cannot-judge', reason: 'other' })
  expect(projectOverview(store).model).toMatchObject({ newRatings: 19, retrainOffered: false })
  await commit(ben, more[19]!, 0.5)
  expect(projectOverview(store).model).toMatchObject({ newRatings: 20, retrainOffered: true })
})

test('what is sent twice is stored once; unknown raters and pairs are refused', async () => {
  const once = await commit(ada, pairIds[0]!, 0.5)
  expect((await commit(ada, pairIds[0]!, 0.5)).ratingId).toBe(once.ratingId)
  expect(backend.changes()).toBe(1)
  expect([
    await refusal(commit(newId(), pairIds[0]!, 0.5)),
    await refusal(commit(ada, newId(), 0.5)),
    await refusal(
      Promise.resolve(annotate['annotate.open']({ raterId: ada, queue: 'order', pairId: newId() }, testCall)),
    ),
  ]).toEqual(['not-found', 'not-found', 'not-found'])
  expect(store.ratings.history(pairIds[0]!)).toHaveLength(1)
})

test('what another process has rated meanwhile is not asked for again, and counts', async () => {
  const path = join(folder.path, 'shared.gradus')
  const made = createTestProject({ pairs: 3, raters: ['Ada'], path })
  backend.context.session.set({ store: made.store, path })
  ;[ada] = made.raterIds as [string]
  const first = (await next(ada)).next!
  const other = createTestContext(join(folder.path, 'other'), 'command-line')
  other.context.session.set({ store: openProjectStore(path, { create: false }), path })
  const elsewhere = createAnnotateHandlers(other.context)
  const { next: second } = await elsewhere['annotate.commit'](
    {
      raterId: ada,
      queue: 'order',
      pairId: first.pair.id,
      answer: { kind: 'score', value: 0.5, rawPosition: 0.5 },
      note: null,
      timing: null,
      orderShown: 0,
      shownBecause: 'order',
      suggestionId: null,
    },
    testCall,
  )
  expect(await next(ada)).toMatchObject({ next: second, progress: { done: 1, canUndo: true } })
  expect(projectOverview(made.store).counts).toMatchObject({ ratings: 1, labelledPairs: 1 })
  await other.close()
})

test('ratings of the command line say so', async () => {
  const cli = createTestContext(folder.path, 'command-line')
  cli.context.session.set({ store, path: ':memory:' })
  annotate = createAnnotateHandlers(cli.context)
  await commit(ada, pairIds[0]!, 0.5, { timing: null })
  expect(store.ratings.current(pairIds[0]!, ada)).toMatchObject({ source: 'command-line', timing: null })
})
