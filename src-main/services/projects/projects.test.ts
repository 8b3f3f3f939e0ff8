import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { GradusError } from '#shared/contract/errors.ts'
import type { ProjectOverview } from '#shared/contract/project.ts'
import { defaultProjectSettings, type WorkedExample } from '#shared/domain/project.ts'
import { newId } from '../../store/newId.ts'
import { addTestPairs, createTestFolder } from '../../store/testStore.ts'
import { safeFileName } from './projectFileName.ts'
import { listPlaces } from '../review/pairList.ts'
import { createProjectFile, createProjectHandlers, firstGuideline, type ProjectHandlers } from './projects.ts'
import { createTestContext, testCall, type TestContext } from '../testing/testContext.ts'

let folder: ReturnType<typeof createTestFolder>
let backend: TestContext
let projects: ProjectHandlers
beforeEach(() => {
  folder = createTestFolder()
  backend = createTestContext(folder.path)
  projects = createProjectHandlers(backend.context)
})
afterEach(async () => {
  await backend.close()
  folder.remove()
})

const create = (title: string): Promise<ProjectOverview> =>
  Promise.resolve(projects['project.create']({ title, folderToken: null }, testCall))
const openFile = (path: string): Promise<ProjectOverview> =>
  Promise.resolve(
    projects['project.open']({ by: 'file', fileToken: backend.context.files.allow(path) }, testCall),
  )
const configure = (
  settings: Parameters<ProjectHandlers['project.configure']>[0]['settings'],
): Promise<ProjectOverview> => Promise.resolve(projects['project.configure']({ settings }, testCall))
const inProjects = (): string[] =>
  readdirSync(backend.context.folders.projects).filter((name) => name.endsWith('.gradus'))

async function refusal(work: () => unknown): Promise<string> {
  try {
    await work()
  } catch (thrown) {
    return thrown instanceof GradusError ? thrown.code : String(thrown)
  }
  return 'nothing refused'
}

test('a new project lies in the projects folder and is open', async () => {
  const overview = await create('Café: how much?')
  expect(overview).toEqual({
    id: overview.id,
    title: 'Café: how much?',
    fileName: 'Café how much.gradus',
    fileKey: expect.stringMatching(/^[\w-]{16}$/) as string,
    settings: defaultProjectSettings,
    guideline: { version: 1, text: firstGuideline, examples: [] },
    raters: [],
    counts: { pairs: 0, labelledPairs: 0, ratings: 0, disputes: 0, suggestions: 0 },
    isWorkFile: false,
    model: null,
  })
  expect(await projects['project.current']({}, testCall)).toEqual(overview)
  expect(await projects['project.recent']({}, testCall)).toMatchObject([
    { title: 'Café: how much?', fileName: 'Café how much.gradus', missing: false },
  ])
})

test.each([
  ['../../etc/passwd', 'etc passwd'],
  ['CON', 'CON project'],
  ['lpt1.txt', 'lpt1.txt project'],
  ['...', 'Project'],
  ['a\u0000b\u202Ec', 'a b c'],
  [' tidy. ', 'tidy'],
  ['ä'.repeat(120), 'ä'.repeat(90)],
])('the title %j makes the file name %j', (title, name) => {
  expect(safeFileName(title)).toBe(name)
})

test('equal titles make different files', async () => {
  for (let count = 0; count < 3; count++) await create('Same')
  expect(inProjects().sort()).toEqual(['Same 2.gradus', 'Same 3.gradus', 'Same.gradus'])
})

test('the recent list survives a restart, puts the last one first and tells what is missing', async () => {
  for (const title of ['One', 'Two', 'One more']) await create(title)
  await openFile(join(backend.context.folders.projects, 'One.gradus'))
  await projects['project.close']({}, testCall)
  const { folders } = backend.context
  projects = createProjectHandlers(backend.context)
  const recent = await projects['project.recent']({}, testCall)
  expect(recent.map(({ title }) => title)).toEqual(['One', 'One more', 'Two'])
  expect(new Set(recent.map(({ folder: at }) => at))).toEqual(new Set([folders.projects]))
  expect(JSON.stringify(recent.map(({ recentId }) => recentId))).not.toContain('One')
  const reopened = await projects['project.open']({ by: 'recent', recentId: recent[2]!.recentId }, testCall)
  expect(reopened.title).toBe('Two')
  expect(await refusal(() => projects['project.open']({ by: 'recent', recentId: 'x' }, testCall))).toBe(
    'not-found',
  )
  expect(backend.logged).toEqual([])
})

test('a damaged recent list counts as empty and is logged', async () => {
  const path = join(backend.context.folders.data, 'recent-projects.json')
  writeFileSync(path, '[{"recentId": 3')
  expect(await projects['project.recent']({}, testCall)).toEqual([])
  expect(backend.logged).toHaveLength(1)
  await create('New')
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject([{ title: 'New' }])
})

test('a project that is refused leaves the open one open', async () => {
  const overview = await create('Kept')
  const bad = join(folder.path, 'bad.gradus')
  writeFileSync(bad, 'not at all')
  expect(await refusal(() => openFile(bad))).toBe('not-a-project')
  expect(await projects['project.current']({}, testCall)).toEqual(overview)
})

test('the open project opened again, under another name, too, stays the same one', async () => {
  await create('Once')
  const { store } = backend.context.session.open!
  const alias = join(folder.path, 'alias.gradus')
  symlinkSync(join(backend.context.folders.projects, 'Once.gradus'), alias)
  await openFile(alias)
  expect(backend.context.session.open!.store).toBe(store)
  expect(store.database.open).toBe(true)
})

test('a project is neither left nor closed while a job works on it', async () => {
  await create('Busy')
  let end: () => void = () => undefined
  const work = new Promise<void>((resolve) => (end = resolve))
  const jobId = backend.context.jobs.start(
    { kind: 'predict', runId: newId(), scored: 0 },
    'Scoring',
    () => work,
  )
  expect([
    await refusal(() => create('Other')),
    await refusal(() => projects['project.open']({ by: 'sample' }, testCall)),
    await refusal(() => projects['project.close']({}, testCall)),
  ]).toEqual(['job-running', 'job-running', 'job-running'])
  end()
  await backend.context.jobs.ended(jobId)
  await projects['project.close']({}, testCall)
  expect(await projects['project.current']({}, testCall)).toBeNull()
  expect(await refusal(() => projects['rater.create']({ name: 'Ada' }, testCall))).toBe('no-project-open')
})

test('the sample has pairs of three raters who differ, and is not made twice', async () => {
  const sample = await projects['project.open']({ by: 'sample' }, testCall)
  const { pairs, labelledPairs } = sample.counts
  expect(pairs).toBeGreaterThanOrEqual(120)
  expect(labelledPairs / pairs).toBeGreaterThan(0.4)
  expect(labelledPairs / pairs).toBeLessThan(0.6)
  expect(sample.raters.map(({ name }) => name)).toEqual(['Ines', 'Tomas', 'Wren'])
  const { store } = backend.context.session.open!
  const wanted = { search: '', order: 'disagreement', descending: true, runId: null } as const
  const [first] = await listPlaces(store, wanted)
  const [most] = store.pairs.summaries([first!], { holdoutShare: 0.15, runId: null })
  expect(most?.disagreement).toBeGreaterThan(0.2)
  await projects['project.configure']({ title: 'My sample' }, testCall)
  await projects['project.close']({}, testCall)
  expect((await projects['project.open']({ by: 'sample' }, testCall)).title).toBe('My sample')
  expect(inProjects()).toEqual(['Sample.gradus'])
})

test('settings change alone and together with the title', async () => {
  await create('Settings')
  await configure({ lowLabel: 'definitely false', seed: 7, holdoutShare: 0.3 })
  const overview = await projects['project.configure'](
    { title: 'Renamed', settings: { showOthersAfterCommit: false } },
    testCall,
  )
  expect([overview.title, overview.settings]).toEqual([
    'Renamed',
    {
      ...defaultProjectSettings,
      lowLabel: 'definitely false',
      seed: 7,
      holdoutShare: 0.3,
      showOthersAfterCommit: false,
    },
  ])
})

test('seed and holdout share are fixed once there are ratings', async () => {
  await projects['project.open']({ by: 'sample' }, testCall)
  expect([
    await refusal(() => configure({ seed: 1 })),
    await refusal(() => configure({ holdoutShare: 0.2, lowLabel: 'other' })),
    await refusal(() => configure({ seed: defaultProjectSettings.seed, highLabel: 'same' })),
  ]).toEqual(['bad-options', 'bad-options', 'nothing refused'])
  expect((await projects['project.current']({}, testCall))?.settings).toEqual({
    ...defaultProjectSettings,
    highLabel: 'same',
  })
})

test('other worked examples make a new version, the same or none given do not; every version can be read', async () => {
  await create('Examples')
  const { store } = backend.context.session.open!
  const write = (text: string, examples?: WorkedExample[]): unknown =>
    projects['project.writeGuideline']({ text, ...(examples === undefined ? {} : { examples }) }, testCall)
  const example: WorkedExample = { score: 0.2, premise: 'It rains.', hypothesis: 'It is wet.', note: '' }
  const { text } = store.guidelines.latest()
  expect(await write(text, [])).toMatchObject({ version: 1 })
  expect(await write(text, [example])).toEqual({ version: 2, text, examples: [example] })
  expect(await write(text, [{ ...example }])).toMatchObject({ version: 2 })
  expect(await write('Score.')).toEqual({ version: 3, text: 'Score.', examples: [example] })
  const rater = store.raters.create('Ada')
  const [pairId] = addTestPairs(store, 1)
  const commit = (value: number): unknown =>
    store.annotation.commit({
      pairId: pairId!,
      raterId: rater.id,
      answer: { kind: 'score', value, rawPosition: value },
      note: null,
      scaleKind: 'linear',
      timing: null,
      orderShown: 0,
      shownBecause: 'order',
      suggestionId: null,
      guidelineVersion: 2,
      source: 'annotate',
    })
  commit(0.1)
  commit(0.2)
  const versions = await projects['project.guidelines']({}, testCall)
  expect(versions.map(({ createdAt, ...version }) => [Date.parse(createdAt) > 0, version])).toEqual([
    [true, { version: 3, text: 'Score.', examples: [example], ratings: 0 }],
    [true, { version: 2, text, examples: [example], ratings: 1 }],
    [true, { version: 1, text, examples: [], ratings: 0 }],
  ])
})

test('another scale or the question how sure leaves ratings as they were given', async () => {
  await create('Scale')
  const { store } = backend.context.session.open!
  const rater = store.raters.create('Ada')
  const [pairId] = addTestPairs(store, 1)
  store.annotation.commit({
    pairId: pairId!,
    raterId: rater.id,
    answer: { kind: 'score', value: 0.78, rawPosition: 0.7812 },
    note: null,
    scaleKind: 'linear',
    timing: null,
    orderShown: 0,
    shownBecause: 'order',
    suggestionId: null,
    guidelineVersion: 1,
    source: 'annotate',
  })
  const before = store.ratings.history(pairId!)
  const { settings } = await configure({ scaleKind: 'logit', askConfidence: true })
  expect([settings.scaleKind, settings.askConfidence]).toEqual(['logit', true])
  expect(store.ratings.history(pairId!)).toEqual(before)
})

test('a new guideline text makes a new version, the same text does not', async () => {
  await create('Guided')
  const write = (text: string): unknown => projects['project.writeGuideline']({ text }, testCall)
  expect([await write('B'), await write('B'), await write('C')]).toEqual([
    { version: 2, text: 'B', examples: [] },
    { version: 2, text: 'B', examples: [] },
    { version: 3, text: 'C', examples: [] },
  ])
})

test('raters have different names, whatever the case', async () => {
  await create('People')
  const rater = await projects['rater.create']({ name: 'Ada' }, testCall)
  expect((await projects['project.current']({}, testCall))?.raters).toEqual([
    { ...rater, ratings: 0, cannotJudge: 0, planned: null },
  ])
  expect(await refusal(() => projects['rater.create']({ name: 'ADA' }, testCall))).toBe('duplicate-name')
})

test('a making that fails leaves no file behind', async () => {
  const path = join(folder.path, 'taken.gradus')
  mkdirSync(path)
  expect(await refusal(() => createProjectFile(path, 'Taken'))).toBe('already-exists')
  const missing = join(folder.path, 'no', 'p.gradus')
  expect(await refusal(() => createProjectFile(missing, 'Lost'))).toBe('file-unwritable')
  expect(existsSync(missing)).toBe(false)
})
