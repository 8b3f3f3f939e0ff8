import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import type { ImportOptions } from '#shared/contract/imports.ts'
import { defaultClassScores } from '#shared/domain/classes.ts'
import { call, createImportTesting, dump, many, manyColumns, type ImportTesting } from './importTesting.ts'
import { createTestFolders } from '../testing/trainingProject.ts'

const folders = createTestFolders()
afterAll(() => folders.remove())
let testing: ImportTesting
beforeEach(() => (testing = createImportTesting(folders)))
afterEach(() => testing.project.close())

const columns = {
  premise: 'premise',
  hypothesis: 'hypothesis',
  label: 'gold',
  score: 'score',
  id: 'id',
  metadata: [],
}
const file = [
  'id,premise,hypothesis,gold,score',
  'a,The kettle boils.,Water is hot., Entailment,',
  'b,The kettle boils.,Tea is ready.,n,',
  'c,The kettle boils.,The kettle is cold.,CONTRADICTS,4',
  'd,The lamp is on.,It is bright.,-,',
  'e,The lamp is on.,It is dark.,-,1',
  'f,The lamp is on.,Somebody is home.,maybe,',
  'g,The lamp is on.,Nobody is home.,maybe,2',
  'h,The door shuts.,It was open.,0,',
  'i,The door shuts.,It was wide open.,,',
].join('\n')

/** Id, score, label and whether the score is the label's, of every present rating. */
function labels(): unknown[] {
  return testing.project.store.database
    .prepare(
      `SELECT external_id, score, label, label_scored FROM current_rating AS rating
       JOIN pair ON pair.id = rating.pair_id ORDER BY external_id`,
    )
    .raw()
    .all()
}

test('a label becomes the score of its class; a score of the row wins; what is no class is reported', async () => {
  const { counts, report } = await testing.run(testing.write('labels.csv', file), { columns })
  const problem = (label: string): string =>
    `The field "gold" (label) is "${label}", which is none of the classes: entailment, neutral, contradiction.`
  expect({ counts, report, labels: labels() }).toEqual({
    counts: { rows: 9, pairs: 6, ratings: 4, duplicates: 0, rejected: 3 },
    report: [
      [7, 'unknown-label', problem('maybe')],
      [8, 'unknown-label', problem('maybe')],
      [9, 'unknown-label', problem('0')],
    ],
    labels: [
      ['a', 1, 'entailment', 1],
      ['b', 0.5, 'neutral', 1],
      ['c', 0.8, 'contradiction', null],
      ['e', 0.2, null, null],
    ],
  })
})

test('the preview tells the labels; what the user says of them is imported, and new classes stay', async () => {
  const path = testing.write('told.csv', file)
  const { handlers, project } = testing
  const told: Pick<ImportOptions, 'labelMeanings' | 'newClasses'> = {
    labelMeanings: [{ label: '0', className: 'Entailment' }],
    newClasses: [{ name: 'Maybe', score: 0.3 }],
  }
  const question = { fileToken: project.context.files.allow(path), columns, ...told }
  const { labels: found, rows } = await handlers['imports.preview'](question, call)
  expect(found).toEqual({
    found: [
      { label: '-', rows: 2 },
      { label: 'maybe', rows: 2 },
      { label: '0', rows: 1 },
      { label: 'CONTRADICTS', rows: 1 },
      { label: 'Entailment', rows: 1 },
      { label: 'n', rows: 1 },
    ],
    further: 0,
    rows: 9,
    whole: true,
  })
  expect(rows.filter(({ problem }) => problem !== null)).toEqual([])
  const { counts } = await testing.run(path, { columns, ...told })
  expect([counts.rejected, project.store.project.read().settings.classScores, labels()]).toEqual([
    0,
    [...defaultClassScores, { name: 'Maybe', score: 0.3 }],
    [
      ['a', 1, 'entailment', 1],
      ['b', 0.5, 'neutral', 1],
      ['c', 0.8, 'contradiction', null],
      ['e', 0.2, null, null],
      ['f', 0.3, 'Maybe', 1],
      ['g', 0.4, 'Maybe', null],
      ['h', 1, 'entailment', 1],
    ],
  ])
})

test('without a label column there are no labels to tell', async () => {
  const path = testing.write('none.csv', file)
  const { labels: found } = await testing.handlers['imports.preview'](
    {
      fileToken: testing.project.context.files.allow(path),
      columns: { premise: 'premise', hypothesis: 'hypothesis', metadata: [] },
    },
    call,
  )
  expect(found).toBeNull()
})

test('an import that is cancelled leaves no new class', async () => {
  const before = dump(testing.project.store)
  const jobId = await testing.start(testing.write('many.csv', many), {
    columns: manyColumns,
    newClasses: [{ name: 'maybe', score: 0.3 }],
  })
  testing.project.context.jobs.cancel(jobId)
  await testing.project.context.jobs.ended(jobId)
  expect(dump(testing.project.store) === before).toBe(true)
})

test('classes that do not go with those of the project are refused before anything is read', async () => {
  const path = testing.write('refused.csv', file)
  const refusal = (change: Partial<ImportOptions>): Promise<unknown> =>
    testing.start(path, { columns, ...change }).catch((thrown: unknown) => thrown)
  expect([
    await refusal({ newClasses: [{ name: 'Neutral', score: 0.4 }] }),
    await refusal({ labelMeanings: [{ label: 'maybe', className: 'unsure' }] }),
  ]).toMatchObject([
    {
      code: 'bad-options',
      message:
        'The new classes cannot be taken: Two classes have the same name. The project has entailment, neutral, contradiction.',
    },
    {
      code: 'bad-options',
      message: 'The label "maybe" cannot mean "unsure": the classes are entailment, neutral, contradiction.',
    },
  ])
})
