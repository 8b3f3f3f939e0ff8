import { GradusError } from '#shared/contract/errors.ts'
import type { FileLayout } from '#shared/contract/imports.ts'
import { createRawTextReader, decodeForReading } from './encoding.ts'
import { refuseBinary, refuseForeignBytes, refuseForeignText } from './foreignFiles.ts'
import { lineEndOf } from './guessLayout.ts'
import { readHeader } from './preview.ts'
import { openForReading, unreadable } from './sample.ts'
import { createRecordSplitter, type RawRecord, type RecordSplitter } from './splitRecords.ts'

const chunkBytes = 131_072

/** Records in the order of the file, without its header, with how far into it they reach. */
export interface RecordBatch {
  readonly records: readonly RawRecord[]
  /** The header's names; null in files without header and in JSON Lines. */
  readonly names: readonly string[] | null
  /** Bytes read so far, and in all. */
  readonly bytesRead: number
  readonly bytes: number
}

/**
 * Reads a file record by record, a piece at a time; memory does not grow with the file.
 * @throws GradusError `bad-file`, `file-unreadable`.
 */
export async function* readRecords(
  path: string,
  fileName: string,
  layout: FileLayout,
): AsyncGenerator<RecordBatch> {
  const handle = await openForReading(path, fileName)
  try {
    const { size } = await handle.stat()
    const decoder = createRawTextReader(layout.encoding)
    let splitter: RecordSplitter | undefined
    let names: string[] | null = null
    let atStart = true
    let bytesRead = 0

    const batch = (all: readonly RawRecord[]): RecordBatch => {
      let records = all
      const [first] = all
      if (atStart && first !== undefined) {
        atStart = false
        if (layout.format === 'delimited' && layout.header) {
          names = readHeader(first, layout, fileName)
          records = all.slice(1)
        }
      }
      return { records, names, bytesRead, bytes: size }
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
      yield batch(splitter.push(raw))
    }
    if (splitter === undefined) throw new GradusError('bad-file', `${fileName} is empty.`)
    const rest = decoder.end()
    yield batch([...splitter.push(rest), ...splitter.end()])
  } finally {
    await handle.close()
  }
}
