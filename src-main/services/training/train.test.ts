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

  const { total, runNumber, rows } = await createSuggestionHandlers(context)['review.suggestions'](
    { offset: 0, limit: 500, includeRated: true },
    call,
  )
  expect([total, runNumber, rows.length]).toEqual([outlook.pool, 1, outlook.pool])
  const variances = rows.map((row) => row.prediction.variance)
  expect(variances).toEqual([...variances].sort((one, other) => other - one))
  const { holdoutShare } = store.project.read().settings
  const suggested = new Set(rows.map((row) => row.pairId))
  for (const { pairId, label, ...place } of store.labels.page('', 1000)) {
    const inHoldout = effectiveSplit(place, holdoutShare) === 'holdout'
    expect(suggested.has(pairId)).toBe(label === null && !inHoldout)
    expect(store.predictions.ofPair(run!.id, pairId) !== null).toBe(label === null || inHoldout)
  }
  expect(rows[0]?.reason).toMatch(/^The 2 heads range from [01]\.\d\d to [01]\.\d\d\.$/)

  // A second run takes the place of the first, whose predictions go.
  const again = await context.jobs.ended(await start(small))
  expect(again.outcome).toEqual({ status: 'finished' })
  const second = store.runs.inUse()
  expect([second?.number, second?.snapshotDigest]).toEqual([2, run?.snapshotDigest])
  expect(second?.report?.curves).toEqual(run?.report?.curves)
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
