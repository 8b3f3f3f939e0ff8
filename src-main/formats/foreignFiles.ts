import { GradusError } from '#shared/contract/errors.ts'
import type { RawText } from './encoding.ts'

const signatures: readonly {
  readonly bytes: readonly number[]
  readonly what: string
  readonly how: string
}[] = [
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    what: 'a ZIP archive or an Office document',
    how: 'in Excel or Calc, save the sheet as CSV (UTF-8)',
  },
  { bytes: [0xd0, 0xcf, 0x11, 0xe0], what: 'an old Office document', how: 'save the sheet as CSV (UTF-8)' },
  { bytes: [0x1f, 0x8b], what: 'a gzip archive', how: 'unpack it first' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], what: 'a zstd archive', how: 'unpack it first' },
  { bytes: [0x25, 0x50, 0x44, 0x46], what: 'a PDF document', how: 'a CSV, TSV or JSON Lines file is needed' },
  { bytes: [0x50, 0x41, 0x52, 0x31], what: 'a Parquet file', how: 'save it as CSV or JSON Lines' },
  {
    bytes: [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20, 0x66],
    what: 'an SQLite database',
    how: 'a Gradus project is opened, not imported',
  },
]

/**
 * Refuses what is plainly not a text table, with one sentence that says what it is and what to do.
 * @throws GradusError `bad-file`.
 */
export function refuseForeignBytes(fileName: string, head: Buffer): void {
  if (head.length === 0) throw new GradusError('bad-file', `${fileName} is empty.`)
  for (const { bytes, what, how } of signatures)
    if (bytes.every((byte, index) => head[index] === byte))
      throw new GradusError('bad-file', `${fileName} is ${what}, not a text file: ${how}.`)
}

/**
 * Refuses JSON that is not JSON Lines.
 * @param start the first characters of the file as text.
 * @throws GradusError `bad-file`.
 */
export function refuseForeignText(fileName: string, start: string): void {
  const text = start.trimStart()
  const how = 'Gradus reads JSON Lines, one object per line: convert it (for example with jq -c ".[]")'
  if (/^\[\s*\{/.test(text))
    throw new GradusError('bad-file', `${fileName} is one JSON list of objects. ${how}.`)
  if (/^\{\s*\n/.test(text))
    throw new GradusError('bad-file', `${fileName} is JSON spread over several lines. ${how}.`)
  if (
    /^<(?:\?xml|!doctype|html)/i.test(text) ||
    (text.startsWith('<') && /\.(?:xml|x?html?)$/i.test(fileName))
  )
    throw new GradusError('bad-file', `${fileName} is XML or HTML: a CSV, TSV or JSON Lines file is needed.`)
}

/**
 * Refuses a Mechanical Turk batch with several pairs in each row: its columns are numbered, so no column is the premise.
 * @throws GradusError `bad-file`.
 */
export function refuseWideBatch(fileName: string, columnNames: readonly string[]): void {
  if (!columnNames.includes('HITId') || !columnNames.includes('AssignmentId')) return
  const numbered = columnNames.filter((name) => /^Input\..*\D[1-9]\d*$/.test(name))
  if (numbered.length > 1)
    throw new GradusError(
      'bad-file',
      `${fileName} is a Mechanical Turk batch with several pairs in each row; Gradus reads one pair, or one rating, per row: bring it into that form first.`,
    )
}

/**
 * Refuses what is no text: control characters, beyond single NULs, which are for the rows to report.
 * @throws GradusError `bad-file`.
 */
export function refuseBinary(fileName: string, raw: RawText): void {
  let control = 0
  let nul = 0
  for (let index = 0; index < raw.length; index += 1) {
    const code = raw.charCodeAt(index)
    if (code === 0) nul += 1
    else if (code < 0x09 || (code > 0x0d && code < 0x20 && code !== 0x1b)) control += 1
  }
  const seen = raw.length - nul
  if (seen === 0 || control * 20 > seen)
    throw new GradusError(
      'bad-file',
      `${fileName} is not a text file: a CSV, TSV or JSON Lines file is needed.`,
    )
}
