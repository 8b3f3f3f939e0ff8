import type { ColumnMapping, FileLayout, ImportOptions, ImportPreview } from '#shared/contract/imports.ts'
import { defaultClassScores, type ClassScore, type LabelMeaning } from '#shared/domain/classes.ts'
import type { ScoreRange } from '#shared/domain/score.ts'
import { GradusError } from '#shared/contract/errors.ts'
import { createRowCheck } from './checkRow.ts'
import { headerNames, numberNames } from './columns.ts'
import { decodeForReading, guessEncoding } from './encoding.ts'
import { refuseBinary, refuseForeignBytes, refuseForeignText, refuseWideBatch } from './foreignFiles.ts'
import { guessColumns, guessScoreRange, type SampleColumn } from './guessColumns.ts'
import { guessLayout, headText, lineEndOf, sampleRecords } from './guessLayout.ts'
import { parseJsonObject } from './jsonObject.ts'
import { limits } from './limits.ts'
import { readSample, type FileSample } from './sample.ts'
import { createRecordSplitter, type RawRecord } from './splitRecords.ts'

const sampleRows = 1_000
const previewRows = 50
const cellLength = 1_000

/** What is known of a file already; everything else is guessed. */
export interface Given {
  readonly layout?: FileLayout | undefined
  readonly columns?: ColumnMapping | undefined
  readonly scoreRange?: ScoreRange | undefined
  readonly labelMeanings?: LabelMeaning[] | undefined
  /** The classes that labels may name; the default ones where none are given. */
  readonly classes?: readonly ClassScore[] | undefined
}

/** What the beginning of a file shows; its labels are counted by themselves. */
export type FilePreview = Omit<ImportPreview, 'labels'>

/**
 * Reads the beginning of a file, and a little from further on, and guesses how it is to be read.
 * @throws GradusError `bad-file` for what is no text table, `file-unreadable` for what cannot be read.
 */
export async function previewFile(path: string, fileName: string, given: Given): Promise<FilePreview> {
  const { classes = defaultClassScores } = given
  const sample = await readSample(path, fileName)
  refuseForeignBytes(fileName, sample.head)
  const encoding = given.layout?.encoding ?? guessEncoding([sample.head, ...sample.windows])
  const start = headText(sample, encoding)
  refuseBinary(fileName, start)
  refuseForeignText(fileName, decodeForReading(start.slice(0, 2_000), encoding))
  const layout = given.layout ?? guessLayout(sample, fileName, encoding, given.columns)
  const records = sampleRecords(sample, layout, sampleRows)
  const hasHeader = layout.format === 'delimited' && layout.header
  const rows = hasHeader ? records.slice(1) : records
  const names = columnNames(records, layout, fileName)
  refuseWideBatch(fileName, names)
  const table = rows.map((record) => cellsOf(record, names, layout))
  const sampled = columnsOf(names, table)
  const columns = given.columns ?? guessColumns(sampled, layout.format === 'jsonl' || hasHeader, classes)
  const scoreRange = given.scoreRange ?? guessRange(columns, names, layout, table, sample)
  const problemOf = createProblemFinder(
    { layout, columns, scoreRange, labelMeanings: given.labelMeanings },
    hasHeader ? names : null,
    classes,
  )
  return {
    fileName,
    bytes: sample.bytes,
    columnNames: names,
    layout,
    columns,
    scoreRange,
    rows: rows.slice(0, previewRows).map((record, index) => ({
      rowNumber: record.line,
      cells: (table[index] ?? [])
        .slice(0, limits.columns)
        .map((cell) => (cell.length > cellLength ? `${cell.slice(0, cellLength)}…` : cell)),
      problem: problemOf(record),
    })),
  }
}

/**
 * The names of the columns: the header's, or the numbers of the widest sampled row, or every key of the sampled objects.
 * @throws GradusError `bad-file` where the header cannot be read.
 */
function columnNames(records: readonly RawRecord[], layout: FileLayout, fileName: string): string[] {
  if (layout.format === 'jsonl') {
    const names = new Set<string>()
    for (const { raw } of records)
      for (const name of parseJsonObject(decodeForReading(raw, layout.encoding))?.values.keys() ?? [])
        if (names.size < limits.columns) names.add(name)
    if (names.size === 0)
      throw new GradusError('bad-file', `${fileName} has no JSON object on any of its first lines.`)
    return [...names]
  }
  if (!layout.header) {
    const widest = Math.max(1, ...records.map(({ fields }) => fields.length))
    return numberNames(Math.min(widest, limits.columns))
  }
  const header = records[0]
  if (header === undefined) throw new GradusError('bad-file', `${fileName} has no rows.`)
  return readHeader(header, layout, fileName)
}

/**
 * The names in a header row.
 * @throws GradusError `bad-file` where it cannot be read, or is so wide or long that it is none.
 */
export function readHeader(header: RawRecord, layout: FileLayout, fileName: string): string[] {
  if (header.problem !== null)
    throw new GradusError(
      'bad-file',
      `The header of ${fileName}, row ${header.line}, cannot be read: ${header.problem.message}`,
    )
  if (header.fields.length > limits.columns)
    throw new GradusError(
      'bad-file',
      `The header of ${fileName}, row ${header.line}, names ${header.fields.length.toLocaleString('en')} columns; at most ${limits.columns.toLocaleString('en')} are read. Is the separator right?`,
    )
  const names = headerNames(header.fields.map((field) => decodeForReading(field, layout.encoding)))
  const long = names.findIndex((name) => name.length > limits.columnName)
  if (long >= 0)
    throw new GradusError(
      'bad-file',
      `The header of ${fileName}, row ${header.line}, has a name of ${(names[long] ?? '').length.toLocaleString('en')} characters in column ${long + 1}; at most ${limits.columnName} are read. Is its first row a header?`,
    )
  return names
}

function cellsOf(record: RawRecord, names: readonly string[], layout: FileLayout): string[] {
  if (layout.format === 'delimited')
    return record.fields.map((field) => decodeForReading(field, layout.encoding))
  const line = decodeForReading(record.raw, layout.encoding)
  const fields = parseJsonObject(line)
  return fields === null ? [line] : names.map((name) => fields.values.get(name) ?? '')
}

function columnsOf(names: readonly string[], table: readonly (readonly string[])[]): SampleColumn[] {
  return names.map((name, place) => ({
    name,
    cells: table.map((cells) => cells[place]?.trim() ?? '').filter((cell) => cell !== ''),
  }))
}

/** The score range from the sampled rows and, in large files, from rows further on. */
function guessRange(
  columns: ColumnMapping,
  names: readonly string[],
  layout: FileLayout,
  table: readonly (readonly string[])[],
  sample: FileSample,
): ScoreRange {
  const column = columns.score
  const place = column === undefined ? -1 : names.indexOf(column)
  if (place < 0) return { low: 0, high: 1 }
  const further = sample.windows.flatMap((window) => {
    const raw = window.toString(layout.encoding === 'utf-16le' ? 'utf16le' : 'latin1')
    if (layout.encoding === 'utf-16be') return []
    const splitter = createRecordSplitter(layout, lineEndOf(raw))
    // The first and the last row of a window are cut; a row of another width is not to be trusted.
    return splitter.push(raw.slice(raw.indexOf('\n') + 1)).map((record) => cellsOf(record, names, layout))
  })
  const trusted = further.filter((cells) => cells.length === table[0]?.length)
  const cells = [...table, ...trusted].map((row) => row[place]?.trim() ?? '').filter((cell) => cell !== '')
  return guessScoreRange(column, cells)
}

/** Says what is wrong with a row; without both text columns there is nothing to say yet. */
function createProblemFinder(
  options: Pick<ImportOptions, 'layout' | 'columns' | 'scoreRange' | 'labelMeanings'>,
  names: readonly string[] | null,
  classes: readonly ClassScore[],
): (record: RawRecord) => string | null {
  const { premise, hypothesis } = options.columns
  if (premise === '' || hypothesis === '' || premise === hypothesis)
    return (record) => record.problem?.message ?? null
  const check = createRowCheck(
    { ...options, rater: 'preview', split: null, onBadRow: 'report' },
    names,
    classes,
  )
  return (record) => {
    const checked = check(record)
    return checked.kind === 'bad' ? checked.row.message : null
  }
}
