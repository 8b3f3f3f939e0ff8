import { afterAll, beforeEach, expect, test } from 'vitest'
import type { AppContract } from '#shared/contract/index.ts'
import type { Job } from '#shared/contract/jobs.ts'
import { trainingConfiguration } from '#shared/domain/run.ts'
import type { ParsedInputOf } from '#shared/rpc/contract.ts'
import type { StartWorker, Worker } from '../../jobs/worker.ts'
import { createForkWorker } from '../../jobs/forkWorker.ts'
import { builtEntries } from '../../programRoot.ts'
import { newId } from '../../store/newId.ts'
import { effectiveSplit } from '../../store/splits.ts'
import { pearson } from '../../learning/metrics/correlation.ts'
import { failInterruptedRuns } from './interruptedRuns.ts'
import { createSuggestionHandlers } from '../review/suggestions.ts'
import { createRunsHandlers } from './runs.ts'
import { createTrainHandlers } from './train.ts'
import { createTestFolders, openTestBackend, type TestBackend } from '../testing/trainingProject.ts'

const folders = createTestFolders()
afterAll(() => folders.remove())

const forkWorker = createForkWorker(builtEntries)
let trainers: Worker[]
const startWorker: StartWorker = (name) => {
  const worker = forkWorker(name)
  if (name === 'train') trainers.push(worker)
  return worker
}
let backend: TestBackend
beforeEach(() => {
  trainers = []
  backend = openTestBackend(folders, { startWorker })
  return () => backend.close()
})

const call = { signal: new AbortController().signal }
const small = trainingConfiguration.parse({
  ensembleSize: 2,
  hiddenWidth: 16,
  maximumEpochs: 3,
  interactionWidth: 8,
  interactionEpochs: 2,
})

async function start(
  configuration: ParsedInputOf<AppContract, 'train.start'>['configuration'],
): Promise<string> {
  return (await createTrainHandlers(backend.context)['train.start']({ configuration }, call)).jobId
}

/** Waits until a state of the job holds. */
async function until(holds: (job: Job) => boolean): Promise<void> {
  while (!backend.jobStates.some(holds)) await new Promise((resolve) => setTimeout(resolve, 5))
}

const countOf = (table: string): unknown =>
  backend.store.database.prepare(`SELECT COUNT(*) FROM ${table}`).pluck().get()

test('a back end that is asked for and does not work leaves no run behind', async () => {
  const { context } = backend
  const handlers = createTrainHandlers(context)
  await expect(
    handlers['train.start']({ configuration: small, backend: 'tfjs-node-gpu' }, call),
  ).rejects.toMatchObject({
    code: 'bad-options',
    message: expect.stringMatching(
      /^TensorFlow cuda \(tfjs-node-gpu\) cannot train here: .*gpu:install/,
    ) as string,
  })
  expect([countOf('run'), trainers]).toEqual([0, []])
})

test('the sample project trains, is judged, and its doubts come back as suggestions', async () => {
  const { store, context } = backend
  const handlers = createTrainHandlers(context)
  const outlook = await handlers['train.outlook']({}, call)
  expect(outlook).toMatchObject({ labelledPairs: 119, obstacle: null })

  const jobId = await start(small)
  const job = await context.jobs.ended(jobId)
  expect(backend.logged).toEqual([])
  expect(job.outcome).toEqual({ status: 'finished' })

  const run = store.runs.inUse()
  expect(await createRunsHandlers(context)['train.runs']({}, call)).toEqual([run])
  expect(run).toMatchObject({
    number: 1,
    status: 'finished',
    configuration: small,
    labelledPairs: 119,
    libraries: { gradus: '0.0.0', node: process.versions.node },
    inUse: true,
    resumable: false,
    failure: null,
    report: {
      rows: { train: outlook.train, validation: outlook.validation, holdout: outlook.holdout },
      ceiling: { pairs: 111 },
    },
  })
  const curves = run!.report!.curves.map(({ head, epochs, maximumEpochs }) => ({
    head,
    epochs,
    maximumEpochs,
  }))
  expect(curves.map(({ head }) => head)).toEqual(
    expect.arrayContaining(['regression', 'interaction', 'spread', 'abstention']),
  )
  expect(job.detail).toMatchObject({ kind: 'train', runId: run?.id })
  const live = job.detail.kind === 'train' ? job.detail.curves : []
  expect(live.map(({ head }) => head).toSorted()).toEqual(curves.map(({ head }) => head).toSorted())
  expect(live).toEqual(expect.arrayContaining(curves))
  expect(run?.report?.holdout?.used.n).toBe(outlook.holdout)

  const { total, runNumber, ranking, rows } = await createSuggestionHandlers(context)['review.suggestions'](
    { offset: 0, limit: 500, includeRated: true },
    call,
  )
  const newPairs = rows.filter(({ ask }) => ask === 'new-pair')
  expect([total, runNumber, newPairs.length]).toEqual([rows.length, 1, outlook.pool])
  expect(ranking).toMatchObject({
    strategy: 'hybrid',
    batchSize: 20,
    randomShare: 0.2,
    waiting: outlook.pool,
    considered: outlook.pool,
    remark: null,
  })
  expect(rows.map(({ rank }) => rank)).toEqual(rows.map((_, index) => index + 1))
  const firstBatch = rows.slice(0, 20)
  const fresh = firstBatch.filter(({ ask }) => ask === 'new-pair')
  const drawn = fresh.filter(({ strategy }) => strategy === 'random')
  expect(drawn.length).toBe(Math.round(0.2 * fresh.length))
  expect(drawn.every(({ reason }) => reason === 'Drawn at random.')).toBe(true)
  const byHeads = fresh.filter(({ strategy }) => strategy === 'hybrid')
  for (const { reason } of byHeads)
    expect(reason).toMatch(/^The 2 heads range from [01]\.\d\d to [01]\.\d\d\.$/)
  const repeated = rows.filter(({ ask }) => ask === 'another-rating')
  expect(repeated.length).toBeGreaterThan(0)
  for (const { pairId, reason, strategy, prediction } of repeated) {
    expect(reason).toMatch(
      /^With (1 rater|\d+ raters) its consensus is (known to ±0\.\d\d only|hardly known)/,
    )
    expect([strategy, prediction.outOfFold]).toEqual(['hybrid', true])
    expect(store.labels.consensus(pairId)).not.toBeNull()
  }
  const { holdoutShare } = store.project.read().settings
  const suggested = new Set(newPairs.map((row) => row.pairId))
  const learntFrom = new Set<string>()
  for (const { pairId, label, ...place } of store.labels.page('', 1000)) {
    const inHoldout = effectiveSplit(place, holdoutShare) === 'holdout'
    expect(suggested.has(pairId)).toBe(label === null && !inHoldout)
    const prediction = store.predictions.ofPair(run!.id, pairId)
    if (prediction?.outOfFold === true) learntFrom.add(pairId)
    else expect(prediction !== null).toBe(label === null || inHoldout)
    if (inHoldout || label === null) expect(prediction?.outOfFold).toBe(false)
  }
  const { train, validation } = run!.report!.rows
  expect(learntFrom.size).toBe(train + validation)

  // What people are compared with, and what Data shows, is what the run says without having seen the label.
  const compared = [...learntFrom].map((pairId) => ({
    said: store.predictions.ofPair(run!.id, pairId)!,
    label: store.labels.consensus(pairId)!.score,
  }))
  const correlation = pearson(
    compared.map(({ said }) => said.score),
    compared.map(({ label }) => label),
  )!
  const { outOfFoldPearson, used } = run!.report!
  expect(Math.abs(correlation - outOfFoldPearson[used]!)).toBeLessThan(0.1)
  expect(compared.every(({ said }) => said.low <= said.score && said.score <= said.high)).toBe(true)

  // A second run takes the place of the first, whose predictions go; it ranks by what settings say now.
  store.project.writeSettings({
    ...store.project.read().settings,
    strategy: 'ensemble-variance',
    batchSize: 10,
    randomShare: 0,
  })
  const again = await context.jobs.ended(await start(small))
  expect(again.outcome).toEqual({ status: 'finished' })
  const second = store.runs.inUse()
  expect([second?.number, second?.snapshotDigest]).toEqual([2, run?.snapshotDigest])
  expect(second?.report?.curves).toEqual(run?.report?.curves)
  const ranked = await createSuggestionHandlers(context)['review.suggestions'](
    { offset: 0, limit: 500, includeRated: true },
    call,
  )
  expect(ranked.ranking).toMatchObject({ strategy: 'ensemble-variance', batchSize: 10, randomShare: 0 })
  const byVariance = ranked.rows.filter(({ ask }) => ask === 'new-pair')
  const batch = ranked.rows.slice(0, 10).filter(({ ask }) => ask === 'new-pair')
  const variances = (of: typeof byVariance): number[] =>
    of.map(({ prediction }) => prediction.variance).sort((one, other) => other - one)
  expect(variances(batch)).toEqual(variances(byVariance).slice(0, batch.length))
  expect(countOf('prediction')).toBe(
    store.database.prepare('SELECT COUNT(*) FROM prediction WHERE run_id = ?').pluck().get(second?.id),
  )
  expect(Buffer.from(store.runs.weights(second!.id)!).equals(Buffer.from(store.runs.weights(run!.id)!))).toBe(
    true,
  )
})

test('a killed training process leaves the project whole and says what happened', async () => {
  const jobId = await start(
    trainingConfiguration.parse({ maximumEpochs: 500, patience: 100, hiddenWidth: 256 }),
  )
  await until((job) => job.detail.kind === 'train' && job.detail.curves.length > 0)
  trainers[0]?.kill()
  const job = await backend.context.jobs.ended(jobId)
  const message = expect.stringMatching(
    /^The training process was ended by SIGKILL\. The project is as it was before/,
  ) as string
  expect(job.outcome).toMatchObject({ status: 'failed', error: { code: 'worker-died', message } })
  expect(backend.store.runs.list()).toMatchObject([
    { number: 1, status: 'failed', failure: message, report: null },
  ])
  expect([countOf('prediction'), countOf('suggestion'), countOf('run_weights')]).toEqual([0, 0, 0])
  expect(backend.store.labels.page('', 1000).filter((row) => row.label !== null)).toHaveLength(119)
})

test('a cancelled training leaves the earlier model in use', async () => {
  await backend.context.jobs.ended(await start(small))
  const first = backend.store.runs.inUse()
  const predictions = countOf('prediction')
  const jobId = await start(
    trainingConfiguration.parse({ maximumEpochs: 500, patience: 100, hiddenWidth: 256 }),
  )
  await expect(start(small)).rejects.toMatchObject({ code: 'job-running' })
  await until((job) => job.id === jobId && job.detail.kind === 'train' && job.detail.curves.length > 0)
  backend.context.jobs.cancel(jobId)
  expect((await backend.context.jobs.ended(jobId)).outcome).toEqual({ status: 'cancelled' })
  expect(backend.store.runs.list()).toMatchObject([
    { number: 2, status: 'cancelled', failure: 'Cancelled.', report: null },
    { number: 1, status: 'finished' },
  ])
  expect(backend.store.runs.inUse()).toEqual(first)
  expect(countOf('prediction')).toBe(predictions)
})

test('a cancelled training goes on from its last epoch with the result of one that was not', async () => {
  const { store, context } = backend
  const handlers = createTrainHandlers(context)
  const long = { ...small, hiddenWidth: 128, maximumEpochs: 400, patience: 100 }
  const jobId = await start(long)
  await until((job) => job.id === jobId && job.detail.kind === 'train' && job.detail.curves.length > 1)
  context.jobs.cancel(jobId)
  expect((await context.jobs.ended(jobId)).outcome).toEqual({ status: 'cancelled' })
  const [stopped] = store.runs.list()
  expect(stopped).toMatchObject({ number: 1, status: 'cancelled', resumable: true })

  const again = await handlers['train.resume']({ runId: stopped!.id }, call)
  expect((await context.jobs.ended(again.jobId)).outcome).toEqual({ status: 'finished' })
  expect(store.runs.list()).toMatchObject([{ number: 1, status: 'finished', resumable: false, inUse: true }])
  await context.jobs.ended(await start(long))
  const [whole, resumed] = store.runs.list()
  expect(resumed!.report!.curves).toEqual(whole!.report!.curves)
  expect(Buffer.from(store.runs.weights(resumed!.id)!).equals(store.runs.weights(whole!.id)!)).toBe(true)

  await expect(handlers['train.resume']({ runId: whole!.id }, call)).rejects.toMatchObject({
    code: 'not-found',
  })
})

test('a training is not gone on with once what it read has changed, or the encoder', async () => {
  const { store, context } = backend
  const jobId = await start({ ...small, hiddenWidth: 128, maximumEpochs: 400, patience: 100 })
  await until((job) => job.id === jobId && job.detail.kind === 'train' && job.detail.curves.length > 1)
  context.jobs.cancel(jobId)
  await context.jobs.ended(jobId)
  const [stopped] = store.runs.list()
  /** How going on is refused after some statements, which are taken back. */
  const refusedAfter = async (...statements: string[]): Promise<unknown> => {
    const resume = createTrainHandlers(context)['train.resume']
    store.database.exec(`SAVEPOINT changed; ${statements.join(';')}`)
    const refusal = await Promise.resolve(resume({ runId: stopped!.id }, call)).catch(
      (thrown: unknown) => thrown,
    )
    store.database.exec('ROLLBACK TO changed; RELEASE changed')
    return refusal
  }
  const changed = {
    code: 'bad-options',
    message:
      'Ratings, classes or splits have changed since run 1 was begun, so it cannot be gone on with: train again.',
  }
  const rating = '(SELECT MIN(id) FROM rating WHERE score IS NOT NULL)'
  expect(await refusedAfter(`UPDATE rating SET score = 0.123 WHERE id = ${rating}`)).toMatchObject(changed)
  // The label alone, not the score.
  const labelled = `UPDATE rating SET label = 'neutral' WHERE id = ${rating}`
  expect(await refusedAfter(labelled)).toMatchObject(changed)
  expect(await refusedAfter("UPDATE run SET encoder_digest = 'another'")).toMatchObject({
    code: 'bad-options',
    message: 'Run 1 was begun with another encoder, so it cannot be gone on with: train again.',
  })
  expect(store.runs.list()).toMatchObject([{ status: 'cancelled', resumable: true }])
})

test('too few labels are told with how many there are and how many are needed', async () => {
  const { store } = backend
  store.database.exec('DELETE FROM rating WHERE pair_id NOT IN (SELECT id FROM pair ORDER BY id LIMIT 12)')
  const outlook = await createTrainHandlers(backend.context)['train.outlook']({}, call)
  expect(outlook.obstacle).toMatch(
    /^Training needs at least 25 rated pairs outside the holdout, and there are \d+.*: rate \d+ more\.$/,
  )
  await expect(start(small)).rejects.toMatchObject({ code: 'not-enough-labels', message: outlook.obstacle })
  expect(store.runs.list()).toEqual([])
})

test('a run that a killed program has left running is marked when the project is opened', () => {
  const { store } = backend
  store.runs.start({
    id: newId(),
    configuration: small,
    encoderDigest: '',
    snapshotDigest: '',
    labelledPairs: 1,
    libraries: {},
    createdAt: '2026-01-01T00:00:00.000Z',
  })
  failInterruptedRuns(store)
  expect(store.runs.list()).toMatchObject([
    {
      status: 'failed',
      failure:
        'The program ended while this training ran. The project is as it was before: go on with the run, or train again.',
    },
  ])
})
