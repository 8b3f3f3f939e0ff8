import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'
import { afterAll, beforeEach, expect, test } from 'vitest'
import type { AnnotateQueue, AnnotateStep, AnnotateTask } from '#shared/contract/annotate.ts'
import { contract } from '#shared/contract/index.ts'
import type { Job } from '#shared/contract/jobs.ts'
import type { ProjectSettings } from '#shared/domain/project.ts'
import { trainingConfiguration } from '#shared/domain/run.ts'
import { createClient } from '#shared/rpc/client.ts'
import { createPortPair } from '#shared/rpc/port.ts'
import { createBackend, type Backend, type BackendOptions } from './backend.ts'
import { createForkWorker } from './jobs/forkWorker.ts'
import type { StartWorker, Worker } from './jobs/worker.ts'
import { builtEntries } from './programRoot.ts'
import type { ProjectStore } from './store/projectStore.ts'
import { ensureSampleProject } from './services/projects/sampleProject.ts'
import { testCall as call } from './services/testing/testContext.ts'

const home = mkdtempSync(join(tmpdir(), 'gradus-test-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const small = trainingConfiguration.parse({
  ensembleSize: 2,
  hiddenWidth: 16,
  maximumEpochs: 3,
  interaction: false,
})
/** Long enough to be met in the middle. */
const long = trainingConfiguration.parse({
  hiddenWidth: 256,
  maximumEpochs: 500,
  patience: 100,
  interaction: false,
})

let backend: Backend
let trainers: Worker[]
const forkWorker = createForkWorker(builtEntries)
const startWorker: StartWorker = (name, words) => {
  const worker = forkWorker(name, words)
  if (name === 'train') trainers.push(worker)
  return worker
}
function openBackend(host: BackendOptions['host'] = 'web'): void {
  backend = createBackend({ host, startWorker, offerDownload: null, home })
}
/** Opens a sample project of its own. */
async function openSample(): Promise<string> {
  const path = ensureSampleProject(mkdtempSync(join(home, 'sample-')))
  await open(path)
  return path
}
const open = (path: string): unknown =>
  backend.handlers['project.open']({ by: 'file', fileToken: backend.context.files.allow(path) }, call)

beforeEach(() => {
  trainers = []
  openBackend()
  return () => backend.close()
})

const store = (): ProjectStore => backend.context.session.store()
const trainings = (): Job[] => backend.context.jobs.list().filter(({ detail }) => detail.kind === 'train')
/** Longer than a change waits to be told and looked at, and labels of the sample to be read. */
const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1000))

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}
/** The training that is begun by itself as the one of this number in this program. */
async function begun(number: number): Promise<Job> {
  await until(() => trainings().length >= number)
  const [latest] = trainings()
  return latest!
}

async function train(configuration = small): Promise<Job> {
  const { jobId } = await backend.handlers['train.start']({ configuration }, call)
  return backend.context.jobs.ended(jobId)
}
async function configure(settings: Partial<ProjectSettings>): Promise<void> {
  await backend.handlers['project.configure']({ settings }, call)
}
async function rate(count: number, queue: AnnotateQueue = 'order'): Promise<AnnotateStep> {
  const raterId = store().raters.list()[0]!.id
  let step = await backend.handlers['annotate.next']({ raterId, queue }, call)
  for (let done = 0; done < count; done++) step = await commit(step.next!, raterId, queue)
  return step
}
async function commit(task: AnnotateTask, raterId: string, queue: AnnotateQueue): Promise<AnnotateStep> {
  const { pair, orderShown, shownBecause, suggestionId } = task
  const given = {
    answer: { kind: 'score', value: 0.25, rawPosition: 0.25 },
    note: null,
    timing: { timeToFirstTouch: 1, timeToCommit: 2, changeCount: 1 },
  } as const
  const shown = { pairId: pair.id, orderShown, shownBecause, suggestionId }
  return backend.handlers['annotate.commit']({ raterId, queue, ...shown, ...given }, call)
}

test('after so many ratings a run is trained by itself as the one in use was, and the pair on screen can still be rated', async () => {
  await openSample()
  expect((await train()).detail).toMatchObject({ automatic: false })
  await configure({ retrainAfter: 5 })
  const shown = await rate(4, 'review')
  await later()
  expect(trainings()).toHaveLength(1)

  await rate(1)
  const { id, detail } = await begun(2)
  expect(detail).toMatchObject({ kind: 'train', automatic: true, runNumber: 2 })
  expect((await backend.context.jobs.ended(id)).outcome).toEqual({ status: 'finished' })
  expect(store().runs.inUse()).toMatchObject({ number: 2, configuration: small })
  expect(store().runs.inUse()?.labelledPairs).toBeGreaterThan(119)

  const overview = await backend.handlers['project.current']({}, call)
  expect(overview?.model).toMatchObject({ runNumber: 2, change: { before: { runNumber: 1 } } })

  // The suggestion of the run before is still what the person has on screen.
  const raterId = store().raters.list()[0]!.id
  const next = await commit(shown.next!, raterId, 'review')
  expect(next.next?.suggestionId).not.toBe(shown.next!.suggestionId)
  expect(store().tally.read()).toMatchObject({ newRatings: 1 })
  await later()
  expect(trainings()).toHaveLength(2)
})

test('without any run the first one is trained once there are so many ratings, and labels enough', async () => {
  await openSample()
  store().database.exec('DELETE FROM rating WHERE pair_id NOT IN (SELECT id FROM pair ORDER BY id LIMIT 12)')
  store().tally.recount()
  await configure({ retrainAfter: 5 })
  await later()
  expect([trainings(), store().runs.list()]).toEqual([[], []])
  for (let rated = 0; trainings().length === 0; rated += 6) {
    expect(rated).toBeLessThan(60)
    await rate(6)
    await later()
  }
  const { id, detail } = await begun(1)
  expect(detail).toMatchObject({ automatic: true, runNumber: 1 })
  expect(store().tally.read().labelledPairs).toBeGreaterThan(25)
  backend.context.jobs.cancel(id)
  await backend.context.jobs.ended(id)
})

test('what was cancelled or has failed waits for as many ratings again', async () => {
  await openSample()
  await train()
  await configure({ retrainAfter: 5 })
  await rate(5)
  const { id: cancelled } = await begun(2)
  backend.context.jobs.cancel(cancelled)
  await backend.context.jobs.ended(cancelled)
  await rate(4)
  await later()
  expect(trainings()).toHaveLength(2)

  await rate(1)
  const { id } = await begun(3)
  const before = trainers.length
  await until(() => trainers.length > before)
  trainers.at(-1)!.kill()
  const failed = await backend.context.jobs.ended(id)
  expect(failed.outcome).toMatchObject({ status: 'failed', error: { code: 'worker-died' } })
  await rate(4)
  await later()
  expect(trainings()).toHaveLength(3)
  await rate(1)
  expect((await backend.context.jobs.ended((await begun(4)).id)).outcome).toEqual({ status: 'finished' })
  expect(
    store()
      .runs.list()
      .map(({ number, status }) => `${number} ${status}`),
  ).toEqual(['4 finished', '3 failed', '2 cancelled', '1 finished'])
})

test('it waits for other work to end, and gives way to it', async () => {
  await openSample()
  await train()
  await configure({ retrainAfter: 5 })
  const { jobs } = backend.context
  let end = (): void => undefined
  const other = jobs.start(
    { kind: 'export', folder: null, files: [] },
    'Writing',
    () => new Promise<void>((resolve) => (end = resolve)),
  )
  await rate(5)
  await later()
  expect(trainings()).toHaveLength(1)
  end()
  await jobs.ended(other)
  await begun(2)

  // A person's own training does not wait for it.
  const own = await train()
  expect(own).toMatchObject({ outcome: { status: 'finished' }, detail: { automatic: false, runNumber: 3 } })
  expect(store().runs.list()).toMatchObject([
    { number: 3, status: 'finished' },
    { number: 2, status: 'cancelled', failure: 'It was started by itself and gave way to other work.' },
    { number: 1 },
  ])
})

test('a project that is closed meanwhile ends it, and it begins anew when that is opened', async () => {
  const path = await openSample()
  await train()
  store().database.prepare('UPDATE run SET configuration = ?').run(JSON.stringify(long))
  await configure({ retrainAfter: 5 })
  await rate(5)
  await begun(2)
  await until(() => trainers.length === 2)
  await backend.handlers['project.close']({}, call)
  await open(path)
  expect(store().runs.list()[0]).toMatchObject({
    number: 2,
    status: 'cancelled',
    failure: 'The program or the project was closed meanwhile.',
  })
  // The list of jobs begins anew with the project.
  expect((await begun(1)).detail).toMatchObject({ automatic: true, runNumber: 3 })

  // The same with the program.
  await backend.close()
  openBackend('command-line')
  await open(path)
  await later()
  expect(trainings()).toEqual([])
  await backend.close()
  openBackend('electron')
  await open(path)
  expect((await begun(1)).detail).toMatchObject({ automatic: true, runNumber: 4 })
})

test('while a person is active its process waits and the job says so; it can be cancelled then', async () => {
  await openSample()
  await train()
  store().database.prepare('UPDATE run SET configuration = ?').run(JSON.stringify(long))
  await configure({ retrainAfter: 5 })
  await rate(5)
  const { id } = await begun(2)
  const now = (): Job => trainings()[0]!
  const epochs = (): number => {
    const { detail } = now()
    return detail.kind === 'train' ? detail.curves.reduce((sum, curve) => sum + curve.epochs.length, 0) : 0
  }
  await until(() => epochs() > 2)
  const phase = now().phase

  let activity = setInterval(() => void backend.handlers['jobs.personActive']({}, call), 100)
  await new Promise((resolve) => setTimeout(resolve, 600))
  const held = epochs()
  await new Promise((resolve) => setTimeout(resolve, 1500))
  expect([epochs(), now().phase]).toEqual([held, 'Waiting while you rate'])
  clearInterval(activity)
  await until(() => epochs() > held)
  expect(now().phase).toBe(phase)

  activity = setInterval(() => void backend.handlers['jobs.personActive']({}, call), 100)
  await until(() => now().phase === 'Waiting while you rate')
  const since = performance.now()
  backend.context.jobs.cancel(id)
  expect((await backend.context.jobs.ended(id)).outcome).toEqual({ status: 'cancelled' })
  clearInterval(activity)
  // Politely, not by the end of its grace of five seconds: where it stood is kept.
  expect(performance.now() - since).toBeLessThan(4000)
  expect(store().runs.list()[0]).toMatchObject({ number: 2, resumable: true })
})

test('two windows see the same training, of which there is one', async () => {
  await openSample()
  await train()
  const windows = [0, 1].map(() => {
    const [near, far] = createPortPair()
    backend.connect(far)
    const client = createClient(contract, near)
    const seen = new Set<string>()
    client.on('job', ({ id, detail }) => {
      if (detail.kind === 'train' && detail.automatic) seen.add(id)
    })
    return { client, seen }
  })
  await configure({ retrainAfter: 5 })
  const raterId = store().raters.list()[0]!.id
  for (let turn = 0; turn < 6; turn++) {
    const { client } = windows[turn % 2]!
    const { next } = await client.call('annotate.next', { raterId, queue: 'order' })
    await commit(next!, raterId, 'order')
    await client.call('jobs.personActive', {})
  }
  const { id } = await begun(2)
  expect((await backend.context.jobs.ended(id)).outcome).toEqual({ status: 'finished' })
  await later()
  expect(windows.map(({ seen }) => [...seen])).toEqual([[id], [id]])
  expect(trainings()).toHaveLength(2)
})

test('a training in the middle of which the program was killed is begun anew, once', async () => {
  const path = await openSample()
  await configure({ retrainAfter: 5 })
  backend.context.jobs.cancel((await begun(1)).id)
  await backend.close()
  // What was cancelled is not tried again at once; where nothing was, it is.
  const database = new Database(path)
  database.exec('DELETE FROM run_checkpoint; DELETE FROM run')
  database.close()

  const program = `
    import { createBackend } from '${new URL('backend.ts', import.meta.url).href}'
    import { createForkWorker } from '${new URL('jobs/forkWorker.ts', import.meta.url).href}'
    const [home, path] = process.argv.slice(2)
    const startWorker = createForkWorker(new URL('file:///nowhere/'))
    const backend = createBackend({ host: 'web', startWorker, offerDownload: null, home })
    const fileToken = backend.context.files.allow(path)
    await backend.handlers['project.open']({ by: 'file', fileToken }, { signal: new AbortController().signal })
    setInterval(() => {
      for (const { detail } of backend.context.jobs.list())
        if (detail.kind === 'train' && detail.curves.length > 0) console.log('training')
    }, 20)`
  // A file: what a process is given as text on its command line, its workers would be given, too.
  const file = join(home, 'program.mjs')
  writeFileSync(file, program)
  const killInTheMiddle = async (): Promise<void> => {
    const child = spawn(process.execPath, [file, home, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    await once(createInterface(child.stdout), 'line')
    child.kill('SIGKILL')
    await exited
  }
  await killInTheMiddle()
  openBackend('command-line')
  await open(path)
  const [interrupted] = store().runs.list()
  expect(interrupted).toMatchObject({ number: 1, status: 'failed' })
  expect(interrupted?.failure).toMatch(/^The program ended while this training ran/)
  await backend.close()

  // The one that is begun anew ends in the same way: now it waits for further ratings.
  await killInTheMiddle()
  openBackend()
  await open(path)
  await later()
  expect(trainings()).toEqual([])
  expect(
    store()
      .runs.list()
      .map(({ number, status }) => `${number} ${status}`),
  ).toEqual(['2 failed', '1 failed'])
})
