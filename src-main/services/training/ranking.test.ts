import { hash } from 'node:crypto'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Job } from '#shared/contract/jobs.ts'
import type { SuggestionRow } from '#shared/contract/review.ts'
import { trainingConfiguration, type Run } from '#shared/domain/run.ts'
import type { ProjectSettings } from '#shared/domain/project.ts'
import type { Ranking } from '#shared/domain/suggestion.ts'
import { readWeights, writeWeights, type ModelWeights } from '../../learning/weights.ts'
import { effectiveSplit } from '../../store/splits.ts'
import { addTestPairs } from '../../store/testStore.ts'
import { embeddingCachePath } from '../model/encoderAccess.ts'
import { openEmptyProject } from '../testing/emptyTestProject.ts'
import { createReviewHandlers } from '../review/review.ts'
import { createSuggestionHandlers, type SuggestionHandlers } from '../review/suggestions.ts'
import { createTestFolders, openTestBackend, type TestBackend } from '../testing/trainingProject.ts'
import { rankWithRun } from './refreshRanking.ts'
import { createTrainHandlers } from './train.ts'

const call = { signal: new AbortController().signal }
const folders = createTestFolders()
let backend: TestBackend
let handlers: SuggestionHandlers
let run: Run

/** One finished run on the sample project; the tests go on from one another. */
beforeAll(async () => {
  backend = openTestBackend(folders)
  handlers = createSuggestionHandlers(backend.context)
  const configuration = trainingConfiguration.parse({
    ensembleSize: 2,
    hiddenWidth: 16,
    maximumEpochs: 3,
    interactionWidth: 8,
    interactionEpochs: 1,
  })
  const { jobId } = await createTrainHandlers(backend.context)['train.start']({ configuration }, call)
  expect((await backend.context.jobs.ended(jobId)).outcome).toEqual({ status: 'finished' })
  run = backend.store.runs.inUse()!
}, 120_000)
afterAll(async () => {
  await backend.close()
  folders.remove()
})

interface Listed {
  readonly total: number
  readonly ranking: Ranking | null
  readonly rows: SuggestionRow[]
}
const list = async (asked: { includeRated?: boolean; history?: boolean } = {}): Promise<Listed> =>
  handlers['review.suggestions']({ offset: 0, limit: 500, includeRated: true, ...asked }, call)

async function refresh(change: Partial<ProjectSettings> = {}): Promise<Job> {
  const { settings } = backend.store.project.read()
  backend.store.project.writeSettings({ ...settings, ...change })
  const { jobId } = await handlers['review.refresh']({}, call)
  return backend.context.jobs.ended(jobId)
}

function rate(pairId: string, rater = 0, value = 0.5): void {
  const { store } = backend
  store.tally.following(pairId, () =>
    store.annotation.commit({
      pairId,
      raterId: store.raters.list()[rater]!.id,
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

/** Pairs that wait outside the holdout, as the project stands. */
function waitingPairs(): string[] {
  const { store } = backend
  const { holdoutShare } = store.project.read().settings
  return store.labels
    .page('', 1000)
    .filter((row) => row.label === null && effectiveSplit(row, holdoutShare) !== 'holdout')
    .map(({ pairId }) => pairId)
}

test('a project without a model has nothing to rank with, and says so', async () => {
  const empty = openEmptyProject(folders)
  await expect(
    (async () => createSuggestionHandlers(empty.context)['review.refresh']({}, call))(),
  ).rejects.toMatchObject({
    code: 'no-model',
    message: 'This project has no trained model yet: train one first.',
  })
  await empty.close()
})

test('what the run says of pairs it learnt from reaches the queue of disagreements', () => {
  const { store } = backend
  const { rows } = store.disagreements.page(run.id, '', 1000)
  const { train, validation, holdout } = run.report!.rows
  expect(rows.filter(({ predicted }) => predicted !== null)).toHaveLength(train + validation + holdout)
})

test('refreshing ranks anew by the present settings and ratings, with pairs that came in since', async () => {
  const { store, context } = backend
  const before = await list()
  const [rated, named] = before.rows.filter(({ ask }) => ask === 'new-pair')
  rate(rated!.pairId)
  const added = addTestPairs(store, 12)
  const job = await refresh({ strategy: 'core-set', batchSize: 10, randomShare: 0.5 })
  expect(job).toMatchObject({
    outcome: { status: 'finished' },
    detail: { kind: 'rank', runId: run.id, runNumber: 1 },
  })

  const now = await list()
  const waiting = waitingPairs()
  expect(waiting.filter((id) => added.includes(id)).length).toBeGreaterThan(0)
  const fresh = now.rows.filter(({ ask }) => ask === 'new-pair')
  expect(fresh.map(({ pairId }) => pairId).toSorted()).toEqual(waiting.toSorted())
  expect(now.ranking).toMatchObject({
    strategy: 'core-set',
    batchSize: 10,
    randomShare: 0.5,
    waiting: waiting.length,
    considered: waiting.length,
    remark: null,
  })
  const inBatch = now.rows.slice(0, 10).filter(({ ask }) => ask === 'new-pair')
  const drawn = inBatch.filter(({ strategy }) => strategy === 'random').length
  expect(drawn).toBe(Math.round(inBatch.length / 2))
  expect(inBatch.find(({ strategy }) => strategy === 'core-set')?.reason).toMatch(
    /^Unlike anything rated so far: nearest rated pair at \d\.\d\d \(half of all pairs: within \d\.\d\d\)\.$/,
  )
  expect(now.rows.every(({ outcome }) => outcome === 'waiting')).toBe(true)
  expect(store.tally.read()).toMatchObject({ suggestions: now.total, allSuggestions: now.total })

  const ever = await list({ history: true })
  expect(ever.total).toBe(now.total + before.total)
  const outcomeOf = (pairId: string, id: string): unknown =>
    ever.rows.find((row) => row.pairId === pairId && row.id === id)?.outcome
  expect([outcomeOf(rated!.pairId, rated!.id), outcomeOf(named!.pairId, named!.id)]).toEqual([
    'scored',
    'replaced',
  ])
  expect(ever.rows.slice(now.total).map(({ id, rank }) => [id, rank])).toEqual(
    before.rows.map(({ id, rank }) => [id, rank]),
  )
  const history = await createReviewHandlers(context)['data.history']({ pairId: named!.pairId }, call)
  const present = now.rows.find(({ pairId }) => pairId === named!.pairId)!
  expect(history.map(({ about, raterName, text, current }) => [about, raterName, text, current])).toEqual(
    [[present, true] as const, [named!, false] as const].map(([{ strategy, rank, reason }, current]) => [
      'suggestion',
      'Run 1',
      `Suggested by run 1 as new pair (${strategy}, rank ${rank}): ${reason}`,
      current,
    ]),
  )
})

test('the same settings and ratings give the same list', async () => {
  const before = await list()
  await refresh()
  const now = await list()
  const facts = ({ rows }: Listed): unknown =>
    rows.map(({ pairId, strategy, ask, rank, reason }) => [pairId, strategy, ask, rank, reason])
  expect(facts(now)).toEqual(facts(before))
  await refresh({ seed: 43 })
  expect(facts(await list())).not.toEqual(facts(before))
})

test('an answer that comes while pairs are ranked is an answer to what is suggested', async () => {
  const { store, context } = backend
  const [pairId] = waitingPairs()
  const { jobId } = await handlers['review.refresh']({}, call)
  while (!backend.jobStates.some((job) => job.id === jobId && job.phase === 'Ranking pairs'))
    await new Promise((resolve) => setTimeout(resolve, 1))
  rate(pairId!)
  expect((await context.jobs.ended(jobId)).outcome).toEqual({ status: 'finished' })
  const own = (await list()).rows.find((row) => row.pairId === pairId)
  expect(own?.outcome).toBe('scored')
  const open = await list({ includeRated: false })
  expect([open.rows.some((row) => row.pairId === pairId), open.total]).toEqual([
    false,
    store.tally.read().suggestions,
  ])
})

test('a refresh that is cancelled, and one beside a training, leave the suggestions as they are', async () => {
  const before = await list()
  const { jobId } = await handlers['review.refresh']({}, call)
  await expect((async () => handlers['review.refresh']({}, call))()).rejects.toMatchObject({
    code: 'job-running',
  })
  backend.context.jobs.cancel(jobId)
  expect((await backend.context.jobs.ended(jobId)).outcome).toEqual({ status: 'cancelled' })
  expect(await list()).toEqual(before)
})

test('where one rater works alone, no pair is asked about again, and nothing is said of it', async () => {
  const { store } = backend
  await refresh({ strategy: 'hybrid', batchSize: 20, randomShare: 0.2 })
  const asked = (await list()).rows.filter(({ ask }) => ask === 'another-rating')
  expect(asked.length).toBeGreaterThan(0)
  const { rows } = store.ratedPairs.page({ runId: run.id, holdoutShare: 0.15 }, '', 1000)
  const stateOf = new Map(rows.map((row) => [row.pairId, row]))
  for (const { pairId } of asked) expect(stateOf.get(pairId)?.mayAsk).toBe(true)
  // Settled pairs and gold ones are left alone.
  const [settled, gold] = asked.map(({ pairId }) => pairId)
  const raters = store.raters.list()
  const decided = { decidedBy: raters[0]!.id, askedRaterId: null, score: null, reason: 'truly open' }
  store.decisions.add({ ...decided, pairId: settled!, kind: 'ambiguous' })
  store.gold.write({ pairId: gold!, score: 0.5, tolerance: 0.1, explanation: '' })
  await refresh()
  const again = (await list()).rows.filter(({ ask }) => ask === 'another-rating')
  expect(again.map(({ pairId }) => pairId)).toEqual(
    expect.not.arrayContaining([settled, gold].filter((id) => id !== undefined)) as unknown,
  )

  for (const { id } of raters.slice(1)) store.raters.setTakesPart(id, false)
  await refresh()
  const alone = await list()
  expect(alone.rows.every(({ ask }) => ask === 'new-pair')).toBe(true)
  expect(alone.ranking?.remark).toBeNull()
})

/** Takes the vector of a text away such that it is not made anew, as a damaged cache would. */
function damageVector(text: string): () => void {
  const database = new Database(embeddingCachePath(folders))
  const key = hash('sha256', text, 'buffer')
  const before = database
    .prepare<[Buffer], Buffer>('SELECT value FROM vector WHERE text_hash = ?')
    .pluck()
    .get(key)!
  const set = database.prepare<[Buffer, Buffer]>('UPDATE vector SET value = ? WHERE text_hash = ?')
  set.run(Buffer.from([1, 2, 3]), key)
  return () => {
    set.run(before, key)
    database.close()
  }
}

test('pairs whose texts have no vectors are left out, and counted', async () => {
  const { store } = backend
  const waiting = waitingPairs()
  const [{ hypothesis }, rated] = [
    store.labels.texts([waiting[0]!])[0]!,
    store.labels.page('', 1000).find(({ label }) => label !== null)!,
  ]
  const sharing = waiting.filter((_, index) =>
    Object.values(store.labels.texts([waiting[index]!])[0]!).includes(hypothesis),
  )
  const repairs = [hypothesis, store.labels.texts([rated.pairId])[0]!.hypothesis].map(damageVector)
  expect((await refresh()).outcome).toEqual({ status: 'finished' })
  const { rows, ranking } = await list()
  expect(sharing).toEqual([waiting[0]])
  expect(rows.map(({ pairId }) => pairId)).not.toContain(waiting[0])
  expect(ranking).toMatchObject({
    waiting: waiting.length,
    considered: waiting.length - 1,
    remark:
      '1 waiting pair is left out: its texts have no vectors. Clear the embedding cache, so that they are encoded again.',
  })
  for (const repair of repairs) repair()
  await refresh()
  expect((await list()).ranking).toMatchObject({ considered: waiting.length, remark: null })
})

/** Ranks with changed weights, apart from the suggestions of the project. */
async function rankWith(
  change: (weights: ModelWeights) => ModelWeights,
  limits?: Parameters<typeof rankWithRun>[4],
): ReturnType<typeof rankWithRun> {
  const { context, store } = backend
  const trained = readWeights(store.runs.weights(run.id)!)
  // The abstention head knows the blend that it was trained beside alone.
  const heads = Object.fromEntries(Object.entries(trained.heads).filter(([name]) => name !== 'abstention'))
  const weights = writeWeights(change({ ...trained, heads, signal: null, pooled: null }))
  const running = { id: run.id, signal: call.signal, update: () => undefined }
  return rankWithRun(context, store, { run, weights }, running, limits)
}

test('heads that differ equally everywhere are told, and pairs unlike the rated ones chosen instead', async () => {
  const alike = (weights: ModelWeights): ModelWeights => ({
    ...weights,
    used: 'ridge',
    heads: Object.fromEntries(
      Object.entries(weights.heads).map(([name, head]) => [
        name,
        {
          ...head,
          parameters: new Map(
            [...head.parameters].map(([parameter, values]) => {
              const half = values.length / 2
              return [parameter, Float32Array.from(values, (_, index) => values[index % half]!)]
            }),
          ),
        },
      ]),
    ),
  })
  const { suggestions, ranking } = await rankWith(alike)
  expect(ranking.remark).toBe(
    'The heads differ equally on every pair, so the pairs least like the rated ones are chosen.',
  )
  expect(suggestions.find(({ strategy }) => strategy === 'hybrid')?.reason).toMatch(/^Unlike anything rated/)
})

test('a large pool is drawn from, ranked by what needs no token vectors, and what is chosen scored in full', async () => {
  const { store } = backend
  const readingTokens = (weights: ModelWeights): ModelWeights => ({
    ...weights,
    used: 'blend',
    blend: { ridge: 0.4, cosine: 0, regression: 0.3, interaction: 0.3 },
  })
  const waiting = waitingPairs()
  const limits = { candidates: 30, rated: 60, withTokens: 40 }
  const { suggestions, ranking } = await rankWith(readingTokens, limits)
  expect(ranking).toMatchObject({ waiting: waiting.length, considered: 30 })
  const rated = store.ratedPairs.page({ runId: run.id, holdoutShare: 0.15 }, '', 1000).rows.length
  expect(ranking.remark).toBe(
    `Compared 30 of ${waiting.length} waiting pairs, drawn at random. Distances are to 60 of ${rated} rated pairs, drawn at random.`,
  )
  expect(suggestions).toHaveLength(30)
  const again = await rankWith(readingTokens, limits)
  expect(again.suggestions.map(({ pairId }) => pairId)).toEqual(suggestions.map(({ pairId }) => pairId))
  const whole = await rankWith(readingTokens)
  const reasonOf = new Map(whole.suggestions.map(({ pairId, reason }) => [pairId, reason]))
  const byHeads = suggestions.filter(
    ({ pairId, reason }) =>
      reason.startsWith('The 2 heads range') && reasonOf.get(pairId)?.startsWith('The 2 heads range'),
  )
  expect(byHeads.length).toBeGreaterThan(5)
  // The reason tells what heads say in full, as does the prediction beside it.
  for (const { pairId, reason } of byHeads) expect(reason).toBe(reasonOf.get(pairId))
  await refresh()
})

test('a pool smaller than a batch is listed whole, an empty one as what it is', async () => {
  const { store } = backend
  const waiting = waitingPairs()
  for (const pairId of waiting.slice(3)) rate(pairId)
  await refresh()
  const few = await list()
  expect([few.total, few.ranking?.waiting, few.ranking?.remark]).toEqual([
    3,
    3,
    'Only 3 pairs wait, fewer than a batch of 20.',
  ])
  for (const pairId of waiting.slice(0, 3)) rate(pairId)
  await refresh()
  const none = await list()
  expect([none.total, none.ranking?.waiting, none.ranking?.remark]).toEqual([
    0,
    0,
    'No pair waits: every pair that could teach the model is rated.',
  ])
  expect(store.tally.read()).toMatchObject({ suggestions: 0, allSuggestions: 0 })
  expect(backend.logged).toEqual([])
})
