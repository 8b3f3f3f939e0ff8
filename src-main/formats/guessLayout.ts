import type { ColumnMapping, FileEncoding, FileLayout } from '#shared/contract/imports.ts'
import { headerNames } from './columns.ts'
import { createRawTextReader, decodeForReading, type RawText } from './encoding.ts'
import { isKnownColumnName } from './guessColumns.ts'
import { parseJsonObject } from './jsonObject.ts'
import { parseScore } from './parseCells.ts'
import type { FileSample } from './sample.ts'
import { createRecordSplitter, type RawRecord } from './splitRecords.ts'

type Delimited = Extract<FileLayout, { format: 'delimited' }>

const separators = ['\t', ',', ';', '|'] as const
const examined = 500

/** The rows at the beginning of a file, as `layout` has them. A row cut off by the end of the sample is left out. */
export function sampleRecords(sample: FileSample, layout: FileLayout, atMost: number): RawRecord[] {
  const raw = headText(sample, layout.encoding)
  const splitter = createRecordSplitter(layout, lineEndOf(raw))
  const records = splitter.push(raw)
  return (sample.whole ? [...records, ...splitter.end()] : records).slice(0, atMost)
}

/** The beginning of the file as raw text, without byte order mark. */
export function headText(sample: FileSample, encoding: FileEncoding): RawText {
  const reader = createRawTextReader(encoding)
  const raw = reader.push(sample.head)
  return sample.whole ? raw + reader.end() : raw
}

/** How lines end: with a line feed, unless there is none and there are carriage returns. */
export function lineEndOf(raw: RawText): '\n' | '\r' {
  return !raw.includes('\n') && raw.includes('\r') ? '\r' : '\n'
}

/**
 * Guesses format, separator, quoting and header from the beginning of a file.
 * @param columns a mapping that is given already: names that stand in the first row make it a header, numbers do not.
 */
export function guessLayout(
  sample: FileSample,
  fileName: string,
  encoding: FileEncoding,
  columns: ColumnMapping | undefined,
): FileLayout {
  const raw = headText(sample, encoding)
  const lines = raw
    .slice(0, 200_000)
    .split(/\r?\n|\r/)
    .filter((line) => line.trim() !== '')
  const objects = lines
    .slice(0, 20)
    .filter((line) => parseJsonObject(decodeForReading(line, encoding)) !== null)
  const named = /\.(?:jsonl|ndjson|json)$/i.test(fileName)
  if (
    objects.length * 2 > Math.min(lines.length, 20) ||
    (named && (objects.length > 0 || lines[0]?.startsWith('{') === true))
  )
    return { format: 'jsonl', encoding }
  const shape = guessSeparator(sample, fileName, encoding)
  const records = sampleRecords(sample, { ...shape, header: false }, examined)
  return { ...shape, header: guessHeader(records, encoding, columns) }
}

/** The separator, with its quoting, that gives most rows the same number of fields, more than one. */
function guessSeparator(
  sample: FileSample,
  fileName: string,
  encoding: FileEncoding,
): Omit<Delimited, 'header'> {
  const usual = /\.(?:tsv|tab)$/i.test(fileName) ? '\t' : ','
  let best: { shape: Omit<Delimited, 'header'>; merit: number } | undefined
  for (const separator of separators) {
    const literal: Delimited = { format: 'delimited', encoding, separator, quoting: 'none', header: false }
    const quoted: Delimited = { ...literal, quoting: 'double' }
    const quoting = guessQuoting(sampleRecords(sample, quoted, examined), separator)
    const shape = quoting === 'double' ? quoted : literal
    const counts = new Map<number, number>()
    const records = sampleRecords(sample, shape, examined)
    for (const { fields } of records) counts.set(fields.length, (counts.get(fields.length) ?? 0) + 1)
    const [width, rows] = [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most), [1, 0])
    if (width < 2) continue
    const merit = rows / records.length + (separator === usual ? 0.2 : separator === '\t' ? 0.1 : 0)
    if (best === undefined || merit > best.merit)
      best = { shape: { format: 'delimited', encoding, separator, quoting }, merit }
  }
  return best?.shape ?? { format: 'delimited', encoding, separator: usual, quoting: 'double' }
}

/**
 * Whether quotation marks enclose fields or are text. A writer that encloses fields also encloses every field that
 * holds a quotation mark, so marks inside open fields, and enclosures that break, say that they are text.
 */
function guessQuoting(records: readonly RawRecord[], separator: string): 'double' | 'none' {
  let enclosed = 0
  let enclosedWithNeed = 0
  let literal = 0
  let broken = 0
  for (const { raw, fields, problem } of records) {
    if (!raw.includes('"')) continue
    if (problem !== null) {
      broken += 1
      continue
    }
    let place = 0
    for (const field of fields) {
      const isEnclosed = raw.charAt(place) === '"'
      const doubled = isEnclosed ? field.replaceAll('"', '""') : field
      place += doubled.length + (isEnclosed ? 2 : 0) + 1
      if (!isEnclosed) literal += field.includes('"') ? 1 : 0
      else if (field.includes('"') || field.includes(separator) || field.includes('\n')) enclosedWithNeed += 1
      else enclosed += 1
    }
  }
  // Without a tab the enclosures are what keeps commas in texts apart: only broken ones speak against them.
  if (separator !== '\t') return broken > enclosed + enclosedWithNeed ? 'none' : 'double'
  const against = literal + broken
  return enclosedWithNeed > against || enclosed > 10 * against ? 'double' : 'none'
}

function guessHeader(
  records: readonly RawRecord[],
  encoding: FileEncoding,
  columns: ColumnMapping | undefined,
): boolean {
  const [first, ...rest] = records
  if (first === undefined || first.problem !== null) return false
  const names = headerNames(first.fields.map((field) => decodeForReading(field, encoding)))
  if (columns !== undefined) {
    const given = [columns.premise, columns.hypothesis, columns.score, columns.id].filter(
      (name) => name !== undefined && name !== '',
    )
    if (given.length > 0 && given.every((name) => names.includes(name ?? ''))) return true
    if (given.length > 0 && given.every((name) => /^\d+$/.test(name ?? ''))) return false
  }
  if (names.some((name) => parseScore(name) !== null)) return false
  if (names.filter(isKnownColumnName).length >= 1 && names.every((name) => name.length <= 60)) return true
  if (rest.length === 0 || names.some((name) => name.length > 40 || name.startsWith('column '))) return false
  const numeric = names.some((_, place) => {
    const cells = rest
      .slice(0, 50)
      .map(({ fields }) => fields[place]?.trim() ?? '')
      .filter((cell) => cell !== '')
    return cells.length > 0 && cells.every((cell) => parseScore(cell) !== null)
  })
  const spaceless = names.every((name) => !name.includes(' '))
  const spaced =
    rest.slice(0, 50).filter(({ raw }) => raw.includes(' ')).length * 2 > Math.min(50, rest.length)
  return numeric || (spaceless && spaced)
}
