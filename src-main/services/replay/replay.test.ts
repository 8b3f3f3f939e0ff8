import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeEach, expect, test } from 'vitest'
import type { Job } from '#shared/contract/jobs.ts'
import type { KeptReplay } from '#shared/contract/replay.ts'
import type { AskedReplay } from '#shared/domain/replay.ts'
import { trainingConfiguration } from '#shared/domain/run.ts'
import { createFileTokens } from '../fileTokens.ts'
import { openProjectFile } from '../projects/projects.ts'
import { openEmptyProject } from '../testing/emptyTestProject.ts'
import { createTestFolders, openTestBackend, type TestBackend } from '../testing/trainingProject.ts'
import { createTrainHandlers } from '../training/train.ts'
import { createReplayHandlers } from './replay.ts'

const folders = createTestFolders()
afterAll(() => folders.remove())

let backend: TestBackend
beforeEach(() => {
  backend = openTestBackend(folders)
  return () => backend.close()
})

const call = { signal: new AbortController().signal }
const asked: AskedReplay = {
  strategies: ['core-set'],
  seeds: 2,
  start: 10,
  batch: 10,
  to: 40,
  randomShare: 0,
  threshold: 0.5,
}

async function start(change: Partial<AskedReplay> = {}, { context }: TestBackend = backend): Promise<string> {
  return (await createReplayHandlers(context)['replay.start']({ ...asked, ...change }, call)).jobId
}
async function replay(change: Partial<AskedReplay> = {}): Promise<Job> {
  return backend.context.jobs.ended(await start(change))
}
async function read({ context }: TestBackend = backend): Promise<KeptReplay | null> {
  return createReplayHandlers(context)['replay.read']({}, call)
}
/** The cells that are kept, each with the seconds it took: one that was done again would have others. */
function cells({ store }: TestBackend = backend): string[] {
  return (store.replays.last()?.cells ?? []).map(
    ({ strategy, seed, seconds }) => `${strategy} ${seed} ${seconds}`,
  )
}

test('a replay adds random, keeps its curves in the project, and a wider one takes over what is known', async () => {
  expect(await read()).toBeNull()
  const job = await replay()
  expect(backend.logged).toEqual([])
  expect(job).toMatchObject({
    outcome: { status: 'finished' },
    detail: { kind: 'replay', done: 4, count: 4 },
  })
  const shares = backend.jobStates.map(({ share }) => share ?? 0)
  expect(shares).toEqual(shares.toSorted((left, right) => left - right))
  expect(backend.jobStates.map(({ detail }) => (detail.kind === 'replay' ? detail.done : 0))).toEqual(
    expect.arrayContaining([0, 4]),
  )

  const outlook = await createTrainHandlers(backend.context)['train.outlook']({}, call)
  const kept = await read()
  expect(kept).toMatchObject({
    asked: { ...asked, strategies: ['random', 'core-set'] },
    pairs: { pool: outlook.train + outlook.validation, holdout: outlook.holdout },
    done: 4,
    count: 4,
    labelsChanged: false,
  })
  expect(kept?.reference?.pearson).toBeGreaterThan(0.3)
  expect(kept?.summaries.map(({ strategy, seeds }) => [strategy, seeds])).toEqual([
    ['random', 2],
    ['core-set', 2],
  ])
  expect(kept?.summaries[1]?.curve.map(({ labels }) => labels)).toEqual([10, 20, 30, 40])

  // Another strategy and seed: the four cells stay as they are, to the digits of their seconds.
  const before = cells()
  await replay({ strategies: ['random', 'igs', 'core-set'], seeds: 3 })
  expect(await read()).toMatchObject({ done: 9, count: 9 })
  expect(cells()).toEqual(expect.arrayContaining(before))
  // Fewer show fewer, and nothing is lost or done again.
  const all = cells()
  await replay()
  expect(await read()).toMatchObject({ done: 4, count: 4 })
  expect(cells()).toEqual(all)
  // Other settings are another replay.
  await replay({ batch: 15 })
  const other = await read()
  expect(other?.summaries[0]?.curve.map(({ labels }) => labels)).toEqual([10, 25, 40])
  expect(cells()).toHaveLength(4)
}, 120_000)

test('a replay that is cancelled keeps what it has done and goes on; meanwhile no training starts', async () => {
  const { context } = backend
  const jobId = await start({ seeds: 50 })
  const configuration = trainingConfiguration.parse({})
  for (const refused of [
    () => createTrainHandlers(context)['train.start']({ configuration }, call),
    () => start(),
  ])
    await expect(refused()).rejects.toMatchObject({ code: 'job-running' })
  while (((await read())?.done ?? 0) < 3) await new Promise((resolve) => setTimeout(resolve, 5))
  context.jobs.cancel(jobId)
  expect((await context.jobs.ended(jobId)).outcome).toEqual({ status: 'cancelled' })
  const kept = await read()
  expect(kept?.done).toBeGreaterThanOrEqual(3)
  expect(kept?.done).toBeLessThan(100)
  const before = cells()
  await replay({ seeds: 2 })
  expect(await read()).toMatchObject({ done: 4, count: 4 })
  expect(cells()).toEqual(expect.arrayContaining(before))
}, 120_000)

test('what is done outlives a process that is killed, and is gone on with', async () => {
  const root = mkdtempSync(join(folders.projects, 'killed-'))
  const { path } = backend.store
  backend.context.session.set(null)
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('replayStream.ts', import.meta.url)), path, root],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let told = 0
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told = Math.max(told, ...text.trim().split('\n').map(Number))
    if (told >= 3) child.kill('SIGKILL')
  })
  const [code, signal] = (await once(child, 'close')) as unknown[]
  expect([code, signal]).toEqual([null, 'SIGKILL'])

  const store = openProjectFile(path)
  backend.context.session.set({ store, path })
  const again = { ...backend, store }
  expect((await read())?.done).toBeGreaterThanOrEqual(told)
  const before = cells(again)
  await replay({ to: 60 })
  expect(await read()).toMatchObject({ done: 4, count: 4 })
  expect(cells(again)).toEqual(expect.arrayContaining(before))
}, 120_000)

test('new ratings are noticed; an end beyond the labels is cut and told', async () => {
  const { store } = backend
  await replay({ seeds: 1, start: 60, batch: 20, to: 20_000 })
  const kept = await read()
  const pool = kept?.pairs.pool ?? 0
  expect(kept?.asked.to).toBe(pool)
  expect(kept?.remarks[0]).toBe(
    `There are ${pool} rated pairs outside the holdout: the replay ends there, not at 20,000.`,
  )
  expect(kept?.summaries[0]?.curve.at(-1)?.labels).toBe(pool)
  const { settings } = store.project.read()
  store.project.writeSettings({ ...settings, consensus: 'median' })
  expect(await read()).toMatchObject({ labelsChanged: true })
  store.project.writeSettings(settings)
  expect(await read()).toMatchObject({ labelsChanged: false })
  store.annotation.commit({
    pairId: store.database.prepare('SELECT id FROM current_pair').pluck().get() as string,
    raterId: store.raters.list()[0]!.id,
    answer: { kind: 'score', value: 0.5, rawPosition: 0.5 },
    note: null,
    scaleKind: 'linear',
    timing: null,
    orderShown: 0,
    shownBecause: 'order',
    suggestionId: null,
    guidelineVersion: 1,
    source: 'annotate',
  })
  expect(await read()).toMatchObject({ labelsChanged: true })
}, 120_000)

test('the curves are written as CSV and SVG, into a folder or as downloads', async () => {
  const { context } = backend
  const handlers = createReplayHandlers(context)
  const folder = join(folders.projects, 'curves')
  mkdirSync(folder)
  const folderToken = context.files.allow(folder)
  await expect(handlers['replay.files']({ folderToken }, call)).rejects.toMatchObject({
    code: 'nothing-to-do',
  })
  await replay()
  const written = await handlers['replay.files']({ folderToken }, call)
  expect(written).toMatchObject({ folder, files: [{ name: 'curves.csv' }, { name: 'curves.svg' }] })
  expect(readFileSync(join(folder, 'curves.csv'), 'utf8').trim().split('\n')).toHaveLength(1 + 4 * 4)
  expect(readFileSync(join(folder, 'curves.svg'), 'utf8')).toMatch(/^<svg [^]*<\/svg>\n$/)

  const offered: string[] = []
  const files = createFileTokens((path) => `/downloads/${offered.push(path)}`)
  const offering = createReplayHandlers({ ...context, files })
  const { folder: none, files: downloads } = await offering['replay.files']({ folderToken: null }, call)
  expect([none, downloads.map(({ download }) => download)]).toEqual([null, ['/downloads/1', '/downloads/2']])
  expect(readFileSync(offered[0]!, 'utf8')).toBe(readFileSync(join(folder, 'curves.csv'), 'utf8'))
}, 120_000)

test('a project without labels is told what it lacks', async () => {
  const empty = openEmptyProject(folders)
  await expect(createReplayHandlers(empty.context)['replay.start'](asked, call)).rejects.toMatchObject({
    code: 'not-enough-labels',
    message: 'No pair of the holdout is rated, so nothing could be judged. Rate pairs of the holdout first.',
  })
  await empty.close()
})
