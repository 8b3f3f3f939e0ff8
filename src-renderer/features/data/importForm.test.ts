import { expect, test } from 'vitest'
import type { ImportPreview } from '#shared/contract/imports.ts'
import {
  formOf,
  optionsOf,
  problemsOf,
  questionOf,
  refreshed,
  roleOf,
  withFormat,
  withFurtherColumns,
  withRole,
} from './importForm.ts'

const preview: ImportPreview = {
  fileName: 'train.tsv',
  bytes: 1200,
  columnNames: ['genre', 'sentence1', 'sentence2', 'score'],
  layout: { format: 'delimited', encoding: 'utf-8', separator: '\t', quoting: 'none', header: true },
  columns: { premise: 'sentence1', hypothesis: '', score: 'score', metadata: ['genre'] },
  scoreRange: { low: 0, high: 5 },
  labels: null,
  rows: [],
}

test('guesses are taken; what could not be guessed keeps the import from starting', () => {
  const form = formOf(preview)
  expect([problemsOf(form), optionsOf(form)]).toEqual([
    { hypothesis: 'Choose the column with the hypotheses' },
    null,
  ])
  expect(optionsOf({ ...form, columns: withRole(form.columns, 'hypothesis', 'sentence2') })).toEqual({
    layout: preview.layout,
    columns: { premise: 'sentence1', hypothesis: 'sentence2', score: 'score', metadata: ['genre'] },
    scoreRange: { low: 0, high: 5 },
    rater: 'imported',
    split: null,
    onBadRow: 'report',
  })
})

test('columns without a role are kept as metadata, where the file names them and they are few', () => {
  const named: ImportPreview = { ...preview, columnNames: ['genre', 'sentence1', 'year', '', 'score'] }
  const many = { ...named, columnNames: Array.from({ length: 20 }, (_, index) => `field ${index}`) }
  const unnamed: ImportPreview = {
    ...named,
    layout: { ...preview.layout, format: 'delimited', separator: '\t', quoting: 'none', header: false },
  }
  expect([named, many, unnamed].map((given) => withFurtherColumns(given).metadata)).toEqual([
    ['genre', 'year'],
    ['genre'],
    ['genre'],
  ])
})

test('a column has one role', () => {
  const { columns } = preview
  const moved = withRole(columns, 'hypothesis', 'sentence1')
  const fromMetadata = withRole(columns, 'id', 'genre')
  const stolen = withRole(columns, 'rater', 'score')
  expect([moved, fromMetadata, stolen, withRole(columns, 'score', null)]).toEqual([
    { premise: '', hypothesis: 'sentence1', score: 'score', metadata: ['genre'] },
    { premise: 'sentence1', hypothesis: '', score: 'score', id: 'genre', metadata: [] },
    { premise: 'sentence1', hypothesis: '', rater: 'score', metadata: ['genre'] },
    { premise: 'sentence1', hypothesis: '', metadata: ['genre'] },
  ])
  expect(['genre', 'sentence1', 'sentence2'].map((name) => roleOf(columns, name))).toEqual([
    'metadata',
    'premise',
    null,
  ])
})

test('scores need a range and a rater, but only where there are scores', () => {
  const form = { ...formOf(preview), low: 5, high: 5, rater: ' ' }
  const withoutScores = { ...form, columns: withRole(form.columns, 'score', null) }
  const withRaters = { ...form, columns: withRole(form.columns, 'rater', 'genre') }
  expect([problemsOf(form), problemsOf(withoutScores), problemsOf(withRaters)]).toEqual([
    {
      hypothesis: 'Choose the column with the hypotheses',
      range: 'The upper end must be above the lower',
      rater: 'Name who gave the scores',
    },
    { hypothesis: 'Choose the column with the hypotheses' },
    { hypothesis: 'Choose the column with the hypotheses', range: 'The upper end must be above the lower' },
  ])
})

test('a range that is being typed is neither asked with nor overwritten', () => {
  const form = { ...formOf(preview), low: 1, high: null }
  const asked = questionOf(form)
  const answered = refreshed(form, { ...preview, scoreRange: { low: 0, high: 1 } })
  expect([asked, answered.low, answered.high]).toEqual([
    { layout: preview.layout, columns: form.columns },
    1,
    null,
  ])
})

test('changing the format keeps the encoding', () => {
  const jsonl = withFormat({ ...preview.layout, encoding: 'windows-1252' }, 'jsonl')
  expect([jsonl, withFormat(jsonl, 'delimited')]).toEqual([
    { format: 'jsonl', encoding: 'windows-1252' },
    { format: 'delimited', encoding: 'windows-1252', separator: ',', quoting: 'double', header: true },
  ])
})
