import { GradusError } from '#shared/contract/errors.ts'
import type { ImportOptions } from '#shared/contract/imports.ts'
import { createRowCheck, type CheckedRow } from './checkRow.ts'
import { createRawTextReader, decodeForReading } from './encoding.ts'
import { refuseBinary, refuseForeignBytes, refuseForeignText } from './foreignFiles.ts'
import { lineEndOf } from './guessLayout.ts'
import { readHeader } from './preview.ts'
import { openForReading, unreadable } from './sample.ts'
import { createRecordSplitter, type RawRecord, type RecordSplitter } from './splitRecords.ts'

const chunkBytes = 131_072

/** Rows in the order of the file, with how far into it they reach. */
export interface RowBatch {
  readonly rows: readonly CheckedRow[]
  /** Bytes read so far, and in all. */
  readonly bytesRead: number
  readonly bytes: number
}

/**
 * Reads and checks a whole file, a piece at a time; memory does not grow with the file. Row numbers are physical lines,
 * counted from 1: the line at which an editor shows the beginning of the row.
 * @throws GradusError `bad-file`, `bad-options` (the mapping names columns that are not there), `file-unreadable`.
 */
export async function* readRows(
  path: string,
  fileName: string,
  options: ImportOptions,
): AsyncGenerator<RowBatch> {
  const { layout } = options
  const handle = await openForReading(path, fileName)
  try {
    const { size } = await handle.stat()
    const decoder = createRawTextReader(layout.encoding)
    let splitter: RecordSplitter | undefined
    let check: ((record: RawRecord) => CheckedRow) | undefined
    let bytesRead = 0

    const checked = (records: readonly RawRecord[]): CheckedRow[] => {
      const [first] = records
      if (first === undefined) return []
      if (check !== undefined) return records.map(check)
      const names =
        layout.format === 'delimited' && layout.header ? readHeader(first, layout, fileName) : null
      check = createRowCheck(options, names)
      return records.slice(names === null ? 0 : 1).map(check)
    }

    const buffer = Buffer.allocUnsafe(chunkBytes)
    for (;;) {
      const read = await handle.read(buffer, 0, chunkBytes, bytesRead).catch((thrown: unknown) => {
        throw unreadable(fileName, thrown)
      })
      if (read.bytesRead === 0) break
      const chunk = buffer.subarray(0, read.bytesRead)
      if (bytesRead === 0) refuseForeignBytes(fileName, chunk)
      bytesRead += read.bytesRead
      const raw = decoder.push(chunk)
      if (splitter === undefined) {
        refuseBinary(fileName, raw)
        refuseForeignText(fileName, decodeForReading(raw.slice(0, 2_000), layout.encoding))
        splitter = createRecordSplitter(layout, lineEndOf(raw))
      }
      yield { rows: checked(splitter.push(raw)), bytesRead, bytes: size }
    }
    if (splitter === undefined) throw new GradusError('bad-file', `${fileName} is empty.`)
    const rest = decoder.end()
    yield { rows: checked([...splitter.push(rest), ...splitter.end()]), bytesRead, bytes: size }
  } finally {
    await handle.close()
  }
}
