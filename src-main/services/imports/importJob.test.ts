import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import type { ImportCounts } from '#shared/contract/jobs.ts'
import { defaultProjectSettings } from '#shared/domain/project.ts'
import { newId } from '../../store/newId.ts'
import { openProjectStore, type ProjectStore } from '../../store/projectStore.ts'
import {
  createImportTesting,
  dump,
  many,
  manyColumns,
  options,
  pair,
  type ImportTesting,
} from './importTesting.ts'
import { createTestFolders } from '../testing/trainingProject.ts'

const folders = createTestFolders()
afterAll(() => folders.remove())
let testing: ImportTesting
beforeEach(() => (testing = createImportTesting(folders)))
afterEach(() => testing.project.close())

test('duplicates: never stored twice, the message says what became of the score', async () => {
  const first = testing.write('first.csv', 'premise,hypothesis,score\nA,B,5\nC,D,\n A ,B,0\nC,D,\nC,D,2.5\n')
  const again = await testing.run(first)
  const other = await testing.run(
    testing.write('second.csv', 'premise,hypothesis,score\nA,B,2.5\nE,F,1\nA,B,\n'),
    {
      rater: 'other',
    },
  )
  expect({
    again: [again.counts, again.report],
    other: [other.counts, other.report],
    contents: testing.contents(),
  }).toEqual({
    again: [
      { rows: 5, pairs: 2, ratings: 2, duplicates: 3, rejected: 0 },
      [
        [
          4,
          'duplicate-pair',
          'The pair is in the project already, from row 2 of this file, and gold has answered it already; the score was not taken.',
        ],
        [
          5,
          'duplicate-pair',
          'The pair is in the project already, from row 3 of this file; the row brings no score and was not taken.',
        ],
        [
          6,
          'duplicate-pair',
          "The pair is in the project already, from row 3 of this file; the score was added to it as gold's rating.",
        ],
      ],
    ],
    other: [
      { rows: 3, pairs: 1, ratings: 2, duplicates: 2, rejected: 0 },
      [
        [
          2,
          'duplicate-pair',
          "The pair is in the project already, from row 2 of first.csv; the score was added to it as other's rating.",
        ],
        [
          4,
          'duplicate-pair',
          'The pair is in the project already, from row 2 of first.csv; the row brings no score and was not taken.',
        ],
      ],
    ],
    contents: [
      pair('A', 'B', [
        ['gold', 1],
        ['other', 0.5],
      ]),
      pair('C', 'D', [['gold', 0.5]]),
      pair('E', 'F', [['other', 0.2]]),
    ],
  })
})

test('a file with a row per rater is ordinary; only an id with other texts and a second answer are reported', async () => {
  const content = [
    'id,premise,hypothesis,score,rater',
    '1,A,B,5,Ada',
    '1,A,B,0,Bo',
    '2,C,D,1,Ada',
    '1,A,B,2.5,',
    '1,A,B,3,ada',
    '2,X,Y,3,Bo',
    '3,C,D,3,Bo',
  ]
  const { counts, report } = await testing.run(testing.write('long.csv', content.join('\n')), {
    columns: {
      premise: 'premise',
      hypothesis: 'hypothesis',
      id: 'id',
      score: 'score',
      rater: 'rater',
      metadata: [],
    },
  })
  expect({ counts, report, contents: testing.contents() }).toEqual({
    counts: { rows: 7, pairs: 2, ratings: 5, duplicates: 2, rejected: 1 },
    report: [
      [
        6,
        'duplicate-pair',
        'The pair is in the project already, from row 2 of this file, and ada has answered it already; the score was not taken.',
      ],
      [
        7,
        'duplicate-id',
        'The id "2" belongs to other texts, from row 4 of this file; the row was not taken.',
      ],
      [
        8,
        'duplicate-pair',
        "The pair is in the project already, from row 4 of this file; the score was added to it as Bo's rating.",
      ],
    ],
    contents: [
      pair(
        'A',
        'B',
        [
          ['Ada', 1],
          ['Bo', 0],
          ['gold', 0.5],
        ],
        { id: '1' },
      ),
      pair(
        'C',
        'D',
        [
          ['Ada', 0.2],
          ['Bo', 0.6],
        ],
        { id: '2' },
      ),
    ],
  })
})

test('cancelled in the middle, an import leaves the project as it was', async () => {
  await testing.run(
    testing.write('before.csv', 'premise,hypothesis,score,rater\nText 3,Other 3,1,old\nKept,Pair,2,old\n'),
    {
      columns: manyColumns,
    },
  )
  const before = dump(testing.project.store)
  const jobId = await testing.start(testing.write('many.csv', many), { columns: manyColumns })
  while (Number(testing.project.store.database.prepare('SELECT COUNT(*) FROM pair').pluck().get()) < 2_000)
    await new Promise(setImmediate)
  const visible = testing.contents().length
  testing.project.context.jobs.cancel(jobId)
  const job = await testing.project.context.jobs.ended(jobId)
  expect({ outcome: job.outcome, visible, same: dump(testing.project.store) === before }).toEqual({
    outcome: { status: 'cancelled' },
    visible: 2,
    same: true,
  })
})

test('stopped by a bad row, an import names it and leaves the project as it was', async () => {
  const before = dump(testing.project.store)
  const path = testing.write('stop.csv', `${many}Bad,Row,9,nobody\nAnother,One,x,nobody\n`)
  const job = await testing.project.context.jobs.ended(
    await testing.start(path, { columns: manyColumns, onBadRow: 'stop' }),
  )
  expect({ outcome: job.outcome, same: dump(testing.project.store) === before }).toEqual({
    outcome: {
      status: 'failed',
      error: {
        code: 'bad-file',
        message: 'Row 6002: The field "score" is 9, outside 0 to 5. Nothing was imported.',
        details: { rowNumber: 6002, reason: 'score-out-of-range' },
      },
    },
    same: true,
  })
})

test('what a killed process leaves is taken back when the project is opened next', () => {
  const path = join(folders.projects, 'killed.gradus')
  const first = openProjectStore(path, { create: true })
  first.project.create('Killed', defaultProjectSettings)
  first.guidelines.write('')
  const before = dump(first)
  const importing = first.imports.begin({
    id: newId(),
    fileName: 'x.csv',
    options,
    startedAt: new Date().toISOString(),
  })
  const rows = Array.from({ length: 2_500 }, (_, row) => ({
    rowNumber: row + 2,
    externalId: null,
    premise: `Premise ${row}`,
    hypothesis: 'Hypothesis',
    score: 0.5,
    rater: `rater ${row % 3}`,
    declaredSplit: null,
    metadata: {},
    superseded: false,
  }))
  importing.stage(rows, () => [{ rowNumber: 9_999, reason: 'empty-text', message: 'Empty.', text: '' }])
  const during = [dump(first) === before, first.raters.list().length, first.imports.list().length]
  first.close()
  const second = openProjectStore(path, { create: false })
  expect([during, dump(second) === before]).toEqual([[false, 0, 0], true])
  second.close()
})

test('what a rater answers while an import runs stands against the imported score', () => {
  const { store } = testing.project
  const row = {
    externalId: null,
    score: 0.25,
    rater: 'Ada',
    declaredSplit: null,
    metadata: {},
    superseded: false,
  }
  const begin = (): ReturnType<ProjectStore['imports']['begin']> =>
    store.imports.begin({ id: newId(), fileName: 'x.csv', options, startedAt: new Date().toISOString() })
  const none: ImportCounts = { rows: 0, pairs: 0, ratings: 0, duplicates: 0, rejected: 0 }
  const first = begin()
  first.stage([{ ...row, rowNumber: 1, premise: 'A', hypothesis: 'B', score: null }], () => [])
  first.finish(none, new Date().toISOString())
  const ada = store.raters.create('Ada')

  const second = begin()
  second.stage([{ ...row, rowNumber: 1, premise: 'A', hypothesis: 'B' }], () => [])
  const pairId = String(store.database.prepare('SELECT id FROM pair').pluck().get())
  store.ratings.insert({
    pairId,
    raterId: ada.id,
    answer: { kind: 'score', value: 0.75, rawPosition: 0.75 },
    note: null,
    scaleKind: 'linear',
    timing: null,
    orderShown: null,
    shownBecause: null,
    suggestionId: null,
    guidelineVersion: 1,
    passNumber: 1,
    source: 'annotate',
    supersedes: null,
  })
  expect([second.finish({ ...none, ratings: 1 }, new Date().toISOString()), testing.contents()]).toEqual([
    1,
    [pair('A', 'B', [['Ada', 0.75]])],
  ])
})

test('of countless bad rows the first 100,000 are kept', () => {
  const { imports } = testing.project.store
  const importId = newId()
  const importing = imports.begin({
    id: importId,
    fileName: 'x.csv',
    options,
    startedAt: new Date().toISOString(),
  })
  for (const start of [0, 60_000])
    importing.stage([], () =>
      Array.from({ length: 60_000 }, (_, row) => ({
        rowNumber: start + row + 1,
        reason: 'not-json' as const,
        message: 'No.',
        text: '',
      })),
    )
  const { total, rows } = imports.rejected(importId, 99_999, 10)
  expect([total, rows.map(({ rowNumber }) => rowNumber)]).toEqual([100_000, [100_000]])
})
