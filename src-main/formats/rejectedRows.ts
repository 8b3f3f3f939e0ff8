import type { RejectedRow } from '#shared/contract/imports.ts'
import { createAtomicFile } from './atomicFile.ts'
import { csvText } from './csvText.ts'

const pageRows = 1_000

/**
 * Writes rejected rows as CSV: row, reason, message, text.
 * @param page gives up to `limit` rows with a number above `after`, in order.
 * @throws GradusError `disk-full`, `file-unwritable`.
 */
export async function writeRejectedRows(
  path: string,
  page: (after: number, limit: number) => readonly RejectedRow[],
): Promise<void> {
  const file = await createAtomicFile(path)
  try {
    await file.write(csvText([['row', 'reason', 'message', 'text']]))
    for (let rows = page(0, pageRows); rows.length > 0; rows = page(rows.at(-1)?.rowNumber ?? 0, pageRows))
      await file.write(csvText(rows.map((row) => [row.rowNumber, row.reason, row.message, row.text])))
    await file.publish()
  } finally {
    await file.abandon()
  }
}
