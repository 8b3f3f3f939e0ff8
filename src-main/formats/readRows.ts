import type { ImportOptions } from '#shared/contract/imports.ts'
import type { ClassScore } from '#shared/domain/classes.ts'
import { createRowCheck, type CheckedRow } from './checkRow.ts'
import { readRecords } from './readRecords.ts'
import type { RawRecord } from './splitRecords.ts'

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
 * @param classes those that labels may name.
 * @throws GradusError `bad-file`, `bad-options` (the mapping names columns that are not there), `file-unreadable`.
 */
export async function* readRows(
  path: string,
  fileName: string,
  options: ImportOptions,
  classes: readonly ClassScore[],
): AsyncGenerator<RowBatch> {
  let check: ((record: RawRecord) => CheckedRow) | undefined
  for await (const { records, names, bytesRead, bytes } of readRecords(path, fileName, options.layout)) {
    // With the first record, or the header, it is known which columns there are.
    if (names !== null || records.length > 0) check ??= createRowCheck(options, names, classes)
    yield { rows: check === undefined ? [] : records.map(check), bytesRead, bytes }
  }
}
