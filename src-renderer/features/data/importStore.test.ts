import { createPinia, setActivePinia } from 'pinia'
import { expect, test } from 'vitest'
import { GradusError } from '#shared/contract/errors.ts'
import type { ImportOptions, ImportPreview } from '#shared/contract/imports.ts'
import { exampleId, exampleJob, exampleOverview } from '../../testing/examples.ts'
import { connectInMemory } from '../../testing/inMemoryBackend.ts'
import { settled } from '../../testing/mountView.ts'
import { useProjectStore } from '../../stores/project.ts'
import { withRole } from './importForm.ts'
import { useImportStore } from './importStore.ts'

const guessed: ImportPreview = {
  fileName: 'train.tsv',
  bytes: 1200,
  columnNames: ['a', 'b', 'c'],
  layout: { format: 'delimited', encoding: 'utf-8', separator: ',', quoting: 'double', header: true },
  columns: { premise: 'a', hypothesis: '', metadata: [] },
  scoreRange: { low: 0, high: 1 },
  labels: null,
  rows: [{ rowNumber: 2, cells: ['x', 'y', '3'], problem: null }],
}

async function importing() {
  const asked: object[] = []
  const started: ImportOptions[] = []
  const served = await connectInMemory({
    'project.current': () => exampleOverview(),
    'jobs.list': () => [],
    'imports.preview': ({ fileToken, ...question }) => {
      if (fileToken === 'bad') throw new GradusError('bad-file', 'empty.csv is empty.')
      asked.push(question)
      return { ...guessed, ...(JSON.parse(JSON.stringify(question)) as Partial<ImportPreview>) }
    },
    'imports.start': ({ options }) => {
      started.push(options)
      return { jobId: exampleId(70) }
    },
  })
  setActivePinia(createPinia())
  await useProjectStore().load()
  await settled()
  return { served, asked, started, imports: useImportStore() }
}

test('from a file over corrected guesses to the report', async () => {
  const { served, asked, started, imports } = await importing()
  await imports.take(() => Promise.resolve({ fileToken: 'token', name: 'train.tsv' }))
  expect([imports.step.at, imports.problems, imports.options]).toEqual([
    'preview',
    { hypothesis: 'Choose the column with the hypotheses' },
    null,
  ])

  const form = () => {
    if (imports.step.at !== 'preview') throw new Error(`The import is at ${imports.step.at}`)
    return imports.step.form
  }
  imports.changeLayout({
    ...guessed.layout,
    format: 'delimited',
    separator: '\t',
    quoting: 'none',
    header: true,
  })
  await settled()
  imports.change({ ...form(), columns: withRole(form().columns, 'hypothesis', 'b') })
  await settled()
  imports.change({ ...form(), columns: withRole(form().columns, 'score', 'c') })
  await settled()
  imports.change({ ...form(), high: 5 })
  await settled()
  // Who gave the scores cannot show in the preview, so it is not read again.
  const before = asked.length
  imports.change({ ...form(), rater: 'gold' })
  await settled()
  const tabs = { format: 'delimited', encoding: 'utf-8', separator: '\t', quoting: 'none', header: true }
  expect([
    asked.length - before,
    asked.find((question) => !('columns' in question) && 'layout' in question),
    asked.at(-1),
  ]).toEqual([
    0,
    { layout: tabs },
    {
      layout: tabs,
      columns: { premise: 'a', hypothesis: 'b', score: 'c', metadata: [] },
      scoreRange: { low: 0, high: 5 },
    },
  ])

  await imports.start()
  expect(started).toEqual([
    {
      layout: tabs,
      columns: { premise: 'a', hypothesis: 'b', score: 'c', metadata: [] },
      scoreRange: { low: 0, high: 5 },
      rater: 'gold',
      split: null,
      onBadRow: 'report',
    },
  ])
  const counts = { rows: 10, pairs: 9, ratings: 9, duplicates: 0, rejected: 1 }
  served.emit(
    'job',
    exampleJob(
      70,
      { kind: 'import', importId: exampleId(71), fileName: 'train.tsv', counts },
      { status: 'finished' },
    ),
  )
  await settled()
  expect(imports.job?.detail).toMatchObject({ counts })
})

test('a file that cannot be read changes nothing and says why; cancelling the dialog says nothing', async () => {
  const { imports } = await importing()
  await imports.take(() => Promise.resolve({ fileToken: 'bad', name: 'empty.csv' }))
  const failed = [imports.step, imports.failure?.message]
  await imports.take(() => Promise.resolve(null))
  expect([failed, imports.step, imports.failure]).toEqual([
    [{ at: 'choose' }, 'empty.csv is empty.'],
    { at: 'choose' },
    null,
  ])
})
