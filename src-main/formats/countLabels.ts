import type { FileLayout, LabelCounts } from '#shared/contract/imports.ts'
import { decodeForReading } from './encoding.ts'
import { parseJsonObject } from './jsonObject.ts'
import { readRecords } from './readRecords.ts'
import type { RawRecord } from './splitRecords.ts'

/** How far into a large file labels are looked for, in bytes: a second or so. */
const examinedBytes = 33_554_432
const listed = 100
/** With more distinct cells than this the column holds no labels, and counting further ones is of no use. */
const mostDistinct = 10_000
const shownLength = 60

/**
 * Counts the distinct cells of a column, white space at the ends aside; empty ones are no labels and not listed.
 * @param column by name, or by number from 1 where the file has no names.
 * @throws GradusError `bad-file`, `file-unreadable`.
 */
export async function countLabels(
  path: string,
  fileName: string,
  layout: FileLayout,
  column: string,
): Promise<LabelCounts> {
  const counts = new Map<string, number>()
  let rows = 0
  let whole = true
  for await (const { records, names, bytesRead, bytes } of readRecords(path, fileName, layout)) {
    const place = names === null ? Number(column) - 1 : names.indexOf(column)
    const cellOf = ({ raw, fields }: RawRecord): string =>
      layout.format === 'jsonl'
        ? (parseJsonObject(decodeForReading(raw, layout.encoding))?.values.get(column) ?? '')
        : decodeForReading(fields[place] ?? '', layout.encoding)
    for (const record of records) {
      const label = cellOf(record).trim()
      rows += 1
      if (label === '') continue
      const known = counts.get(label)
      if (known !== undefined || counts.size < mostDistinct) counts.set(label, (known ?? 0) + 1)
    }
    if (bytesRead >= examinedBytes && bytesRead < bytes) {
      whole = false
      break
    }
  }
  const found = [...counts]
    .sort(([one, many], [other, more]) => more - many || (one < other ? -1 : 1))
    .slice(0, listed)
    .map(([label, count]) => ({ label: label.slice(0, shownLength), rows: count }))
  return { found, further: counts.size - found.length, rows, whole }
}
