import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { GradusError } from '#shared/contract/errors.ts'
import type { Job } from '#shared/contract/jobs.ts'
import { trainingConfiguration, type Prediction, type Run } from '#shared/domain/run.ts'
import { createForkWorker } from '../../jobs/forkWorker.ts'
import type { StartWorker, Worker } from '../../jobs/worker.ts'
import { builtEntries } from '../../programRoot.ts'
import { createAnnotateHandlers } from '../annotation/annotate.ts'
import { projectOverview } from '../projects/overview.ts'
import { createSuggestionHandlers } from '../review/suggestions.ts'
import { createTestFolders, openTestBackend, type TestBackend } from '../testing/trainingProject.ts'
import { createRunsHandlers, type RunsHandlers } from './runs.ts'
import { createTrainHandlers } from './train.ts'

const folders = createTestFolders()
const forkWorker = createForkWorker(builtEntries)
let trainers: Worker[] = []
const startWorker: StartWorker = (name) => {
  const worker = forkWorker(name)
  if (name === 'train') trainers.push(worker)
  return worker
}
const call = { signal: new AbortController().signal }
let backend: TestBackend
let handlers: RunsHandlers

/** Two finished runs on the sample project, the second in use. */
beforeAll(async () => {
  backend = openTestBackend(folders, { startWorker })
  handlers = createRunsHandlers(backend.context)
  for (const seed of [1, 2]) {
    const configuration = trainingConfiguration.parse({
      seed,
      ensembleSize: 2,
      hiddenWidth: 16,
      maximumEpochs: 2,
    })
    const { jobId } = await createTrainHandlers(backend.context)['train.start']({ configuration }, call)
    expect((await backend.context.jobs.ended(jobId)).outcome).toEqual({ status: 'finished' })
    if (seed === 1) firstPredictions = predictionsOf(runNumbered(1).id)
  }
}, 120_000)
afterAll(async () => {
  await backend.close()
  folders.remove()
})
beforeEach(() => void (trainers = []))

let firstPredictions: Map<string, Prediction>
const runNumbered = (number: number): Run => backend.store.runs.list().find((run) => run.number === number)!

function predictionsOf(runId: string): Map<string, Prediction> {
  const found = backend.store.labels.page('', 1000).flatMap(({ pairId }) => {
    const prediction = backend.store.predictions.ofPair(runId, pairId)
    return prediction === null ? [] : [[pairId, prediction] as const]
  })
  return new Map(found)
}

async function refusal(answer: unknown): Promise<string> {
  try {
    await answer
  } catch (thrown) {
    if (thrown instanceof GradusError) return thrown.message
    throw thrown
  }
  return ''
}

async function restore(number: number): Promise<Job> {
  const { jobId } = await handlers['train.restore']({ runId: runNumbered(number).id }, call)
  return backend.context.jobs.ended(jobId)
}

const waiting = () =>
  createSuggestionHandlers(backend.context)['review.suggestions'](
    { offset: 0, limit: 500, includeRated: false },
    call,
  )

test('a restore that is killed or cancelled leaves the present run in use', async () => {
  const before = predictionsOf(runNumbered(2).id)
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2))
  }
  const { jobId } = await handlers['train.restore']({ runId: runNumbered(1).id }, call)
  await until(() => trainers.length > 0)
  trainers[0]?.kill()
  expect((await backend.context.jobs.ended(jobId)).outcome).toMatchObject({
    status: 'failed',
    error: { code: 'worker-died' },
  })

  const again = await handlers['train.restore']({ runId: runNumbered(1).id }, call)
  expect(await refusal(handlers['train.restore']({ runId: runNumbered(1).id }, call))).toBe(
    'Another restore is running: wait for its end or cancel it.',
  )
  const configuration = trainingConfiguration.parse({})
  expect(await refusal(createTrainHandlers(backend.context)['train.start']({ configuration }, call))).toBe(
    'Another restore is running: wait for its end or cancel it.',
  )
  backend.context.jobs.cancel(again.jobId)
  expect((await backend.context.jobs.ended(again.jobId)).outcome).toEqual({ status: 'cancelled' })

  expect(backend.store.runs.inUse()?.number).toBe(2)
  expect([predictionsOf(runNumbered(2).id), predictionsOf(runNumbered(1).id).size]).toEqual([before, 0])
  expect((await waiting()).runNumber).toBe(2)
})

test('a run is not restored beside other work on labels', async () => {
  const { jobs } = backend.context
  const others: Job['detail'][] = [
    { kind: 'rescore', labels: 1, rescored: 0 },
    { kind: 'train', runId: runNumbered(2).id, runNumber: 2, automatic: false, curves: [] },
  ]
  for (const detail of others) {
    let end = (): void => undefined
    const jobId = jobs.start(detail, 'Working', () => new Promise<void>((resolve) => (end = resolve)))
    expect(await refusal(handlers['train.restore']({ runId: runNumbered(1).id }, call))).toBe(
      `Another ${detail.kind} is running: wait for its end or cancel it.`,
    )
    end()
    await jobs.ended(jobId)
  }
  expect(backend.store.runs.inUse()?.number).toBe(2)
})

test('an earlier run is restored: its own predictions, suggestions ranked by them as labels stand now', async () => {
  const { store } = backend
  // A pair that run 1 suggested is rated after it.
  const pairId = store.database
    .prepare<[string], string>('SELECT pair_id FROM suggestion WHERE run_id = ? AND rank = 1')
    .pluck()
    .get(runNumbered(1).id)!
  await createAnnotateHandlers(backend.context)['annotate.commit'](
    {
      raterId: store.raters.list()[0]!.id,
      pairId,
      queue: 'order',
      answer: { kind: 'score', value: 0.5, rawPosition: 0.5 },
      note: null,
      timing: null,
      orderShown: 1,
      shownBecause: 'chosen',
      suggestionId: null,
    },
    call,
  )

  // As a program killed in the middle of a restore would leave it.
  const left = [...firstPredictions.keys()].slice(0, 3)
  store.predictions.write(
    runNumbered(1).id,
    left.map((id) => ({
      pairId: id,
      score: 0.123,
      variance: 0.9,
      low: 0,
      high: 1,
      spread: null,
      doubt: null,
      abstained: false,
    })),
  )
  expect((await restore(1)).outcome).toEqual({ status: 'finished' })
  expect(store.runs.inUse()).toMatchObject({ number: 1, inUse: true })
  expect(store.runs.list().map(({ number, inUse }) => [number, inUse])).toEqual([
    [2, false],
    [1, true],
  ])
  const now = predictionsOf(runNumbered(1).id)
  expect(predictionsOf(runNumbered(2).id).size).toBe(0)
  firstPredictions.delete(pairId)
  // What the run said of pairs it learnt from without having seen them is not kept: then there is nothing honest to say.
  for (const [id, { outOfFold }] of firstPredictions) if (outOfFold) firstPredictions.delete(id)
  expect(firstPredictions.size).toBeGreaterThan(100)
  expect([...now.keys()]).toEqual([...firstPredictions.keys()])
  for (const [id, { score, variance }] of firstPredictions) {
    expect(now.get(id)!.score).toBeCloseTo(score, 6)
    expect(now.get(id)!.variance).toBeCloseTo(variance, 6)
  }

  const { total, runNumber, rows } = await waiting()
  expect([runNumber, rows.length]).toEqual([1, total])
  expect(rows.some((row) => row.pairId === pairId)).toBe(false)
  const { ranking } = await waiting()
  expect(ranking).toMatchObject({
    strategy: 'hybrid',
    waiting: total,
    considered: total,
    remark:
      'No rated pair is asked about again: what this run says of them without having seen them is not known.',
  })
  expect(rows.every(({ ask }) => ask === 'new-pair')).toBe(true)
  const overview = projectOverview(store)
  expect([overview.model?.runNumber, overview.counts.suggestions]).toEqual([1, total])
  expect(backend.logged).toEqual([])
})

test('what may not be restored is said', async () => {
  expect(await refusal(handlers['train.restore']({ runId: runNumbered(1).id }, call))).toBe(
    "Run 1 is the project's model already.",
  )
  const { id } = runNumbered(2)
  const set = backend.store.database.prepare<[string, string]>(
    'UPDATE run SET encoder_digest = ? WHERE id = ?',
  )
  const { encoderDigest } = runNumbered(2)
  set.run('another', id)
  expect(await refusal(handlers['train.restore']({ runId: id }, call))).toBe(
    'Run 2 was trained on another encoder, which this program does not have: train again.',
  )
  set.run(encoderDigest, id)
})

test('the bin takes what is neither in use nor pinned, and is emptied only with the title', async () => {
  const { id } = runNumbered(2)
  const bin = (number: number): Promise<string> =>
    refusal(handlers['train.bin']({ runId: runNumbered(number).id }, call))
  await handlers['train.pin']({ runId: id, pinned: true }, call)
  expect([await bin(1), await bin(2)]).toEqual([
    "Run 1 is the project's model: use another run first.",
    'Run 2 is pinned: unpin it first.',
  ])
  await handlers['train.pin']({ runId: id, pinned: false }, call)
  await handlers['train.rename']({ runId: id, name: 'wide' }, call)
  expect(await bin(2)).toBe('')
  expect(await handlers['train.runs']({}, call)).toMatchObject([
    { number: 2, name: 'wide', binnedAt: expect.any(String) as string },
    { number: 1, binnedAt: null },
  ])
  expect(await refusal(handlers['train.restore']({ runId: id }, call))).toBe(
    'Run 2 is in the bin: take it back first.',
  )
  await handlers['train.takeFromBin']({ runId: id }, call)
  expect(runNumbered(2).binnedAt).toBeNull()
  await bin(2)

  expect(await refusal(handlers['train.emptyBin']({ typed: 'sample' }, call))).toBe(
    'What was typed is not the project\'s title, "Sample": nothing was deleted.',
  )
  expect(backend.store.runs.weights(id)).not.toBeNull()
  expect(await handlers['train.emptyBin']({ typed: 'Sample' }, call)).toEqual({ deleted: 1 })
  expect([backend.store.runs.weights(id), backend.store.runs.list().length]).toEqual([null, 1])
  expect(await refusal(handlers['train.takeFromBin']({ runId: id }, call))).toBe(
    'This run is not in the project any more: list its runs again.',
  )
})
