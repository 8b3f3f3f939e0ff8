import { afterAll, beforeEach, expect, test } from 'vitest'
import { trainingConfiguration } from '#shared/domain/run.ts'
import { createTestFolders, openTestBackend, type TestBackend } from '../testing/trainingProject.ts'
import { createSearchHandlers } from './search.ts'
import { createTrainHandlers } from './train.ts'

const folders = createTestFolders()
afterAll(() => folders.remove())

let backend: TestBackend
beforeEach(() => {
  backend = openTestBackend(folders)
  return () => backend.close()
})

const call = { signal: new AbortController().signal }
const configuration = trainingConfiguration.parse({ hiddenWidth: 16, maximumEpochs: 2 })
const count = 3

async function start(epochs = 2): Promise<string> {
  const handlers = createSearchHandlers(backend.context)
  const wanted = {
    count,
    method: 'sobol' as const,
    configuration: { ...configuration, maximumEpochs: epochs },
  }
  return (await handlers['train.search'](wanted, call)).jobId
}

async function lastSearch() {
  return createSearchHandlers(backend.context)['train.lastSearch']({}, call)
}

test('a search tries settings on all labelled pairs outside the holdout, keeps its report and makes no run', async () => {
  const { context, store } = backend
  const outlook = await createTrainHandlers(context)['train.outlook']({}, call)
  expect(await lastSearch()).toBeNull()
  const job = await context.jobs.ended(await start())
  expect(backend.logged).toEqual([])
  expect(job.outcome).toEqual({ status: 'finished' })

  const kept = await lastSearch()
  expect(kept?.report).toMatchObject({
    method: 'sobol',
    seed: 42,
    rows: outlook.train + outlook.validation,
    folds: 5,
  })
  expect(kept?.report.tried.map(({ number }) => number)).toEqual([0, 1, 2])
  expect(kept?.report.tried[0]?.settings.hiddenWidth).toBe(16)
  expect(job.detail).toMatchObject({ kind: 'search', done: count, count })
  const live = job.detail.kind === 'search' ? job.detail.tried : []
  expect(live.toSorted((left, right) => left.number - right.number)).toEqual(kept?.report.tried)
  const shares = backend.jobStates.map(({ share }) => share ?? 0)
  expect(shares).toEqual(shares.toSorted((left, right) => left - right))
  expect(store.runs.list()).toEqual([])

  // The next one takes its place.
  await context.jobs.ended(await start(1))
  const again = await lastSearch()
  expect(again?.report.tried).toHaveLength(count)
  expect(again?.report).not.toEqual(kept?.report)
}, 120_000)

test('a search that is cancelled keeps nothing; meanwhile no training starts', async () => {
  const { context } = backend
  const jobId = await start(500)
  await expect(createTrainHandlers(context)['train.start']({ configuration }, call)).rejects.toMatchObject({
    code: 'job-running',
  })
  await expect(start()).rejects.toMatchObject({ code: 'job-running' })
  while (!backend.jobStates.some(({ phase }) => phase.startsWith('Trying settings')))
    await new Promise((resolve) => setTimeout(resolve, 5))
  context.jobs.cancel(jobId)
  expect((await context.jobs.ended(jobId)).outcome).toEqual({ status: 'cancelled' })
  expect(await lastSearch()).toBeNull()
}, 120_000)
