import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { defaultClassScores, type ClassScore } from '#shared/domain/classes.ts'
import { newId } from '../../store/newId.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { createImportHandlers } from '../imports/imports.ts'
import { createReviewHandlers } from '../review/review.ts'
import { openEmptyProject, type EmptyProject } from '../testing/emptyTestProject.ts'
import { testCall } from '../testing/testContext.ts'
import { createTestFolders } from '../testing/trainingProject.ts'
import { createProjectHandlers, openProjectFile } from './projects.ts'

const folders = createTestFolders()
afterAll(() => folders.remove())
let project: EmptyProject
let store: ProjectStore
beforeEach(() => {
  project = openEmptyProject(folders)
  store = project.store
})
afterEach(() => project.close())

/** Imports rows of premise, label, score and rater. */
async function importLabels(rows: readonly string[]): Promise<void> {
  const path = join(folders.projects, `${newId()}.csv`)
  writeFileSync(path, `premise,hypothesis,label,score,rater\n${rows.join('\n')}\n`)
  const { jobId } = await createImportHandlers(project.context)['imports.start'](
    {
      fileToken: project.context.files.allow(path),
      options: {
        layout: { format: 'delimited', encoding: 'utf-8', separator: ',', quoting: 'double', header: true },
        columns: {
          premise: 'premise',
          hypothesis: 'hypothesis',
          label: 'label',
          score: 'score',
          rater: 'rater',
          metadata: [],
        },
        scoreRange: { low: 0, high: 1 },
        rater: 'gold',
        split: null,
        onBadRow: 'stop',
      },
    },
    testCall,
  )
  expect((await project.context.jobs.ended(jobId)).outcome).toEqual({ status: 'finished' })
}

async function configure(classScores: ClassScore[]): Promise<void> {
  await createProjectHandlers(project.context)['project.configure']({ settings: { classScores } }, testCall)
}

const refusalOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (thrown: unknown) => thrown,
  )

const present = (): unknown[] =>
  store.database
    .prepare(
      `SELECT premise, name, score, label, label_scored FROM current_rating AS rating
       JOIN pair ON pair.id = rating.pair_id JOIN rater ON rater.id = rating.rater_id ORDER BY premise, name`,
    )
    .raw()
    .all()
const pairId = (premise: string): string =>
  String(store.database.prepare('SELECT id FROM pair WHERE premise = ?').pluck().get(premise))

test('a change of scores and names reaches the labels that stand, in new rows that the history shows', async () => {
  await importLabels([
    'A,x,entailment,,Ada',
    'A,x,neutral,,Ben',
    'B,x,neutral,0.9,Ada',
    'C,x,,0.4,Ada',
    'D,x,e,,Ben',
  ])
  const rows = (): unknown[] => store.database.prepare('SELECT * FROM rating ORDER BY id').all()
  const before = rows()
  await configure([
    { name: 'implied', score: 0.9, formerly: ['entailment'] },
    { name: 'neutral', score: 0.6 },
    { name: 'contradiction', score: 0 },
  ])
  expect(present()).toEqual([
    ['A', 'Ada', 0.9, 'implied', 1],
    ['A', 'Ben', 0.6, 'neutral', 1],
    ['B', 'Ada', 0.9, 'neutral', null],
    ['C', 'Ada', 0.4, null, null],
    ['D', 'Ben', 0.9, 'implied', 1],
  ])
  // Nothing of what was there has changed.
  expect(rows().slice(0, before.length)).toEqual(before)
  const history = await createReviewHandlers(project.context)['data.history'](
    { pairId: pairId('A') },
    testCall,
  )
  expect(history.map(({ raterName, text, score, current }) => [raterName, text, score, current])).toEqual([
    ['Ben', 'Label neutral, since its class was changed', 0.6, true],
    ['Ada', 'Label implied, since its class was changed', 0.9, true],
    ['Ben', 'Label neutral', 0.5, false],
    ['Ada', 'Label entailment', 1, false],
  ])
  const [withScore] = await createReviewHandlers(project.context)['data.history'](
    { pairId: pairId('B') },
    testCall,
  )
  expect(withScore?.text).toBe('0.90, label neutral')
  // The same classes again, and another order of them, add nothing.
  const after = rows()
  await configure([...store.project.read().settings.classScores].reverse())
  expect(rows()).toEqual(after)
  expect(await createProjectHandlers(project.context)['project.labels']({}, testCall)).toEqual([
    { label: 'implied', ratings: 2, scored: 2 },
    { label: 'neutral', ratings: 2, scored: 1 },
  ])
})

test('labels of a class that is taken away stay, and follow it when it comes back', async () => {
  await importLabels(['A,x,neutral,,Ada'])
  const [entailment, neutral, contradiction] = defaultClassScores as [ClassScore, ClassScore, ClassScore]
  await configure([entailment, contradiction])
  const without = present()
  await configure([entailment, contradiction, { ...neutral, score: 0.4 }])
  expect([without, present()]).toEqual([[['A', 'Ada', 0.5, 'neutral', 1]], [['A', 'Ada', 0.4, 'neutral', 1]]])
})

test('undo and redo go on over a change of the classes; a label comes back as its class stands now', async () => {
  await importLabels(['A,x,entailment,,Ada', 'B,x,entailment,,Ada'])
  const raterId = store.raters.byName('Ada')!.id
  const commit = (premise: string, value: number): void =>
    void store.annotation.commit({
      pairId: pairId(premise),
      raterId,
      answer: { kind: 'score', value, rawPosition: value },
      note: null,
      scaleKind: 'linear',
      timing: null,
      orderShown: null,
      shownBecause: 'chosen',
      suggestionId: null,
      guidelineVersion: 1,
      source: 'annotate',
    })
  commit('A', 0.2)
  commit('B', 0.3)
  // B is an undone answer over its label, A an answer over its label: the change comes in between.
  store.annotation.undo(raterId)
  await configure([{ name: 'implied', score: 0.8, formerly: ['entailment'] }, ...defaultClassScores.slice(1)])
  const steps = [present()]
  store.annotation.redo(raterId)
  steps.push(present())
  store.annotation.undo(raterId)
  store.annotation.undo(raterId)
  steps.push(present())
  expect([steps, store.annotation.state(raterId).canUndo]).toEqual([
    [
      [
        ['A', 'Ada', 0.2, null, null],
        ['B', 'Ada', 0.8, 'implied', 1],
      ],
      [
        ['A', 'Ada', 0.2, null, null],
        ['B', 'Ada', 0.3, null, null],
      ],
      [
        ['A', 'Ada', 0.8, 'implied', 1],
        ['B', 'Ada', 0.8, 'implied', 1],
      ],
    ],
    false,
  ])
})

test('a name does not pass from one class to another in one step', async () => {
  const swapped = [
    { name: 'neutral', score: 1, formerly: ['entailment'] },
    { name: 'entailment', score: 0.5, formerly: ['neutral'] },
  ]
  expect(await refusalOf(configure(swapped))).toMatchObject({
    code: 'bad-options',
    message: '"neutral" was the name of another class until now: save that class under its new name first.',
  })
  expect(store.project.read().settings.classScores).toEqual(defaultClassScores)
})

const manyRows = Array.from(
  { length: 2_500 },
  (_, row) => `P ${row},x,${row % 2 === 0 ? 'entailment' : 'neutral'},,Ada`,
)
const softer: ClassScore[] = [
  { name: 'entailment', score: 0.9 },
  { name: 'neutral', score: 0.4 },
  { name: 'contradiction', score: 0 },
]
const scores = (): unknown =>
  store.database
    .prepare('SELECT score, COUNT(*) FROM current_rating GROUP BY score ORDER BY score')
    .raw()
    .all()
const rescoringJob = (): string =>
  project.context.jobs.list().find(({ detail }) => detail.kind === 'rescore')!.id

test('many labels follow in a job', async () => {
  await importLabels(manyRows)
  await configure(softer)
  const job = await project.context.jobs.ended(rescoringJob())
  expect([
    job.outcome,
    job.detail,
    scores(),
    store.classLabels.isRescoring(),
    store.tally.read().ratings,
  ]).toEqual([
    { status: 'finished' },
    { kind: 'rescore', labels: 2_500, rescored: 2_500 },
    [
      [0.4, 1_250],
      [0.9, 1_250],
    ],
    false,
    2_500,
  ])
})

test('cancelled, classes and scores are as they were', async () => {
  await importLabels(manyRows)
  await configure(softer)
  const jobId = rescoringJob()
  while (store.database.prepare('SELECT COUNT(*) FROM rating').pluck().get() === 2_500)
    await new Promise(setImmediate)
  project.context.jobs.cancel(jobId)
  const { outcome } = await project.context.jobs.ended(jobId)
  expect([
    outcome,
    scores(),
    store.project.read().settings.classScores,
    store.classLabels.isRescoring(),
  ]).toEqual([
    { status: 'cancelled' },
    [
      [0.5, 1_250],
      [1, 1_250],
    ],
    defaultClassScores,
    false,
  ])
})

test('what a killed process has begun is finished when the project is opened next', async () => {
  await importLabels(manyRows)
  // As after the first chunk: new classes, some labels that have followed them.
  store.project.writeSettings({ ...store.project.read().settings, classScores: softer })
  store.classLabels.setRescoring(true)
  store.classLabels.follow(softer).next(1_000)
  const { path } = store
  project.context.session.set(null)
  store = openProjectFile(path)
  project.context.session.set({ store, path })
  expect([scores(), store.classLabels.isRescoring()]).toEqual([
    [
      [0.4, 1_250],
      [0.9, 1_250],
    ],
    false,
  ])
})

const begin = (): ReturnType<ProjectStore['imports']['begin']> =>
  store.imports.begin({
    id: newId(),
    fileName: 'x.csv',
    options: {
      layout: { format: 'jsonl', encoding: 'utf-8' },
      columns: { premise: 'a', hypothesis: 'b', metadata: [] },
      scoreRange: { low: 0, high: 1 },
      rater: 'gold',
      split: null,
      onBadRow: 'report',
    },
    startedAt: new Date().toISOString(),
  })

test('imports and changes of the classes wait for one another, in other processes too', async () => {
  const importing = begin()
  const duringImport = await refusalOf(configure(softer))
  importing.finish({ rows: 0, pairs: 0, ratings: 0, duplicates: 0, rejected: 0 }, new Date().toISOString())
  store.classLabels.setRescoring(true)
  const duringRescoring = [await refusalOf(configure(softer)), await refusalOf(Promise.resolve().then(begin))]
  store.classLabels.setRescoring(false)
  expect([duringImport, ...duringRescoring]).toMatchObject(Array(3).fill({ code: 'job-running' }))
  expect(await refusalOf(configure(softer))).toBeNull()
})

test('classes do not change while a run is restored', async () => {
  const { jobs } = project.context
  let end = (): void => undefined
  const jobId = jobs.start(
    { kind: 'restore', runId: newId(), runNumber: 1 },
    'Reading labels',
    () => new Promise<void>((resolve) => (end = resolve)),
  )
  expect(await refusalOf(configure(softer))).toMatchObject({
    code: 'job-running',
    message: 'Another restore is running: wait for its end or cancel it.',
  })
  expect(store.project.read().settings.classScores).toEqual(defaultClassScores)
  end()
  await jobs.ended(jobId)
  expect(await refusalOf(configure(softer))).toBeNull()
})

test('a project of an earlier version has the default classes', () => {
  const { classScores, ...earlier } = store.project.read().settings
  store.database.prepare('UPDATE project SET settings = ?').run(JSON.stringify(earlier))
  expect([classScores, store.project.read().settings.classScores]).toEqual([
    defaultClassScores,
    defaultClassScores,
  ])
})
