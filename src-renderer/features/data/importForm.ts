import type {
  ColumnMapping,
  ColumnRole,
  FileEncoding,
  FileLayout,
  ImportOptions,
  ImportPreview,
} from '#shared/contract/imports.ts'
import type { Split } from '#shared/domain/pair.ts'
import { lacksScore, toldLabels, type LabelChoices } from './fileLabels.ts'

/** What the person has said, or left as guessed, about a file. */
export interface ImportForm {
  readonly layout: FileLayout
  readonly columns: ColumnMapping
  readonly low: number | null
  readonly high: number | null
  readonly labels: LabelChoices
  readonly rater: string
  readonly split: Split | null
  readonly onBadRow: ImportOptions['onBadRow']
}

/** What `imports.preview` is asked with: only what was said, so that the rest is guessed anew. */
export interface PreviewQuestion {
  readonly layout?: FileLayout
  readonly columns?: ColumnMapping
  readonly scoreRange?: { low: number; high: number }
  readonly labelMeanings?: ImportOptions['labelMeanings']
  readonly newClasses?: ImportOptions['newClasses']
}

/** A file with more further columns than this is taken for a table of its own: what to keep of it is then a choice. */
const mostFurtherColumns = 12

/**
 * The guessed columns, with those that have no role kept as metadata, so that an import loses nothing unasked. Not where the
 * file names no columns: numbers say nothing, and rows of such files often lack the last ones.
 */
export function withFurtherColumns({ columns, columnNames, layout }: ImportPreview): ColumnMapping {
  const further = columnNames.filter((name) => name !== '' && roleOf(columns, name) === null)
  const isNamed = layout.format === 'jsonl' || layout.header
  return !isNamed || further.length === 0 || further.length > mostFurtherColumns
    ? columns
    : { ...columns, metadata: [...columns.metadata, ...further] }
}

/** The form as first shown: all guesses taken; scores without a rater column are those of "imported". */
export function formOf(preview: ImportPreview): ImportForm {
  return {
    layout: preview.layout,
    columns: withFurtherColumns(preview),
    low: preview.scoreRange.low,
    high: preview.scoreRange.high,
    labels: {},
    rater: 'imported',
    split: null,
    onBadRow: 'report',
  }
}

/** The form after a new preview came: layout, columns and range as the backend now reads the file. */
export function refreshed(form: ImportForm, preview: ImportPreview): ImportForm {
  const { low, high } = preview.scoreRange
  const rangeIsMistaken = form.low !== null && form.high !== null && form.low >= form.high
  const open = form.low === null || form.high === null || rangeIsMistaken
  return {
    ...form,
    layout: preview.layout,
    columns: preview.columns,
    low: open ? form.low : low,
    high: open ? form.high : high,
  }
}

/** The question for a form in which the columns (and range) still hold. */
export function questionOf(form: ImportForm): PreviewQuestion {
  const scoreRange = rangeOf(form)
  return {
    layout: form.layout,
    columns: form.columns,
    ...(scoreRange === null ? {} : { scoreRange }),
    ...toldOf(form),
  }
}

/** What the form says of labels; nothing where no column holds any. */
function toldOf({ columns, labels }: ImportForm): ReturnType<typeof toldLabels> {
  return columns.label === undefined ? {} : toldLabels(labels)
}

/** The question after a change that may rename the columns: they and the range are guessed anew. */
export function questionOfLayout(layout: FileLayout): PreviewQuestion {
  return { layout }
}

function rangeOf({ low, high }: ImportForm): { low: number; high: number } | null {
  return low === null || high === null || low >= high ? null : { low, high }
}

/** The layout with another format; a delimited file starts as CSV with a header. */
export function withFormat(layout: FileLayout, format: FileLayout['format']): FileLayout {
  if (format === layout.format) return layout
  return format === 'jsonl'
    ? { format, encoding: layout.encoding }
    : { format, encoding: layout.encoding, separator: ',', quoting: 'double', header: true }
}

/** The columns with `role` given to `column` (null: to none). A column has one role: it loses any other, and is no metadata. */
export function withRole(columns: ColumnMapping, role: ColumnRole, column: string | null): ColumnMapping {
  const next: Record<string, string | string[]> = {
    premise: columns.premise,
    hypothesis: columns.hypothesis,
    metadata: columns.metadata.filter((name) => name !== column),
  }
  for (const optional of ['id', 'score', 'label', 'rater', 'split'] as const) {
    const known = columns[optional]
    if (known !== undefined) next[optional] = known
  }
  for (const other of columnRoles) {
    if (other.role !== role && column !== null && next[other.role] === column) {
      if (other.required) next[other.role] = ''
      else Reflect.deleteProperty(next, other.role)
    }
  }
  if (column !== null) next[role] = column
  else if (role === 'premise' || role === 'hypothesis') next[role] = ''
  else Reflect.deleteProperty(next, role)
  return next as ColumnMapping
}

/** The role of a column, or null; "metadata" where it is kept as that. */
export function roleOf(columns: ColumnMapping, column: string): ColumnRole | 'metadata' | null {
  const role = columnRoles.find((candidate) => columns[candidate.role] === column && column !== '')
  if (role !== undefined) return role.role
  return columns.metadata.includes(column) ? 'metadata' : null
}

export const columnRoles: readonly { role: ColumnRole; label: string; required: boolean }[] = [
  { role: 'premise', label: 'Premise', required: true },
  { role: 'hypothesis', label: 'Hypothesis', required: true },
  { role: 'score', label: 'Score', required: false },
  { role: 'label', label: 'Class label', required: false },
  { role: 'id', label: 'Id', required: false },
  { role: 'rater', label: 'Rater', required: false },
  { role: 'split', label: 'Split', required: false },
]

export const encodings: readonly { value: FileEncoding; label: string }[] = [
  { value: 'utf-8', label: 'UTF-8' },
  { value: 'utf-16le', label: 'UTF-16 LE' },
  { value: 'utf-16be', label: 'UTF-16 BE' },
  { value: 'windows-1252', label: 'Windows-1252' },
]

export const separators = [
  { value: ',', label: 'Comma' },
  { value: '\t', label: 'Tab' },
  { value: ';', label: 'Semicolon' },
  { value: '|', label: 'Bar |' },
] as const

export type FormProblems = Readonly<
  Partial<Record<'premise' | 'hypothesis' | 'range' | 'rater' | 'labels', string>>
>

/** What keeps the import from starting, by field. */
export function problemsOf(form: ImportForm): FormProblems {
  const { premise, hypothesis, score, label, rater } = form.columns
  const needsRater = (score !== undefined || label !== undefined) && rater === undefined
  return {
    ...(premise === '' ? { premise: 'Choose the column with the premises' } : {}),
    ...(hypothesis === '' ? { hypothesis: 'Choose the column with the hypotheses' } : {}),
    ...(score !== undefined && rangeOf(form) === null
      ? { range: 'The upper end must be above the lower' }
      : {}),
    ...(needsRater && form.rater.trim() === '' ? { rater: 'Name who gave the scores' } : {}),
    ...(label !== undefined && lacksScore(form.labels)
      ? { labels: 'Give each new class a score from 0 to 1' }
      : {}),
  }
}

/** The options of the import, or null while something keeps it from starting. */
export function optionsOf(form: ImportForm): ImportOptions | null {
  if (Object.keys(problemsOf(form)).length > 0) return null
  return {
    layout: form.layout,
    columns: form.columns,
    scoreRange: rangeOf(form) ?? { low: 0, high: 1 },
    ...toldOf(form),
    rater: form.rater.trim() === '' ? 'imported' : form.rater.trim(),
    split: form.split,
    onBadRow: form.onBadRow,
  }
}
