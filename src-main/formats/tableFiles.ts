import { join } from 'node:path'
import { createAtomicFile, type AtomicFile, type WrittenFile } from './atomicFile.ts'
import { csvText } from './csvText.ts'
import type { TableColumn } from './datasetTables.ts'

/** Named texts of a row beside its columns: each a CSV column `prefix.NAME`, and one object `prefix` in JSON Lines. */
export interface OpenFields<Row> {
  readonly prefix: string
  readonly names: readonly string[]
  readonly values: (row: Row) => Readonly<Record<string, string>>
}

/** The same rows as `NAME.jsonl` and `NAME.csv`. */
export interface TableFiles<Row> {
  write(rows: readonly Row[]): Promise<void>
  publish(): Promise<WrittenFile[]>
  /** Leaves no trace of what is not published. */
  abandon(): Promise<void>
}

/**
 * Begins both files of a table. Neither has its name before `publish`.
 * @throws GradusError `disk-full`, `file-unwritable`.
 */
export async function createTableFiles<Row>(
  folder: string,
  name: string,
  columns: readonly TableColumn<Row>[],
  open?: OpenFields<Row>,
): Promise<TableFiles<Row>> {
  const files: AtomicFile[] = []
  const abandon = async (): Promise<void> => {
    for (const file of files) await file.abandon()
  }
  try {
    const lines = await createAtomicFile(join(folder, `${name}.jsonl`))
    files.push(lines)
    const table = await createAtomicFile(join(folder, `${name}.csv`))
    files.push(table)
    const openNames = open?.names ?? []
    const header = [
      ...columns.map((column) => column.name),
      ...openNames.map((key) => `${open?.prefix ?? ''}.${key}`),
    ]
    await table.write(csvText([header]))
    return {
      async write(rows) {
        await lines.write(rows.map((row) => `${JSON.stringify(toObject(row, columns, open))}\n`).join(''))
        await table.write(
          csvText(
            rows.map((row) => {
              const values = open?.values(row) ?? {}
              return [
                ...columns.map(({ value }) => value(row)),
                ...openNames.map((key) => (Object.hasOwn(values, key) ? (values[key] ?? null) : null)),
              ]
            }),
          ),
        )
      },
      publish: async () => [await lines.publish(), await table.publish()],
      abandon,
    }
  } catch (thrown) {
    await abandon()
    throw thrown
  }
}

function toObject<Row>(
  row: Row,
  columns: readonly TableColumn<Row>[],
  open: OpenFields<Row> | undefined,
): unknown {
  const entries: [string, unknown][] = columns.map(({ name, value }) => [name, value(row)])
  if (open !== undefined) entries.push([open.prefix, open.values(row)])
  return Object.fromEntries(entries)
}
