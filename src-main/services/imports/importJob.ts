import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { GradusError } from '#shared/contract/errors.ts'
import type { ImportOptions, RejectedRow } from '#shared/contract/imports.ts'
import type { ImportCounts } from '#shared/contract/jobs.ts'
import { classScores } from '#shared/domain/classes.ts'
import { readable, type CheckedRow, type ImportRow } from '../../formats/checkRow.ts'
import { readRows } from '../../formats/readRows.ts'
import { throwIfCancelled, type RunningJob } from '../../jobs/jobs.ts'
import { explainDatabaseError } from '../../store/databaseErrors.ts'
import type { StagingOutcome } from '../../store/importStaging.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { noCounts, type OpenImport } from '../../store/repositories/imports.ts'
import { writing } from '../../store/writing.ts'

/** One import, decided on. */
export interface PlannedImport {
  readonly importId: string
  readonly path: string
  readonly fileName: string
  readonly options: ImportOptions
}

/** Rows per transaction: few enough that a rating committed meanwhile hardly waits. */
const chunkRows = 1_000

/**
 * Reads a file into the project. Nothing of it shows before the end; cancelled, broken off by a bad row (where the
 * options say so) or failed, it takes back what it has stored and leaves the project as it was.
 * @param log is told when taking back fails; the rest is then taken back when the project is opened next.
 */
export async function runImport(
  store: ProjectStore,
  planned: PlannedImport,
  running: RunningJob,
  log: (thrown: unknown, where: string) => void,
): Promise<void> {
  const { importId, path, fileName, options } = planned
  while (store.imports.removeLeft()) {
    running.update({ phase: 'Taking back an import that was broken off' })
    throwIfCancelled(running.signal)
    await yieldToOthers()
  }
  running.update({ phase: `Importing ${fileName}` })
  const opened = store.imports.begin({ id: importId, fileName, options, startedAt: new Date().toISOString() })
  const counts: ImportCounts = { ...noCounts }
  const tell = (share?: number): void =>
    running.update({
      detail: { kind: 'import', importId, fileName, counts: { ...counts } },
      ...(share === undefined ? {} : { share }),
    })

  try {
    // From here to the end of the import nobody changes the classes.
    const { settings } = store.project.read()
    const newClasses = options.newClasses ?? []
    const classes = [...settings.classScores, ...newClasses]
    for await (const { rows, bytesRead, bytes } of readRows(path, fileName, options, classes)) {
      for (let start = 0; start < rows.length; start += chunkRows) {
        throwIfCancelled(running.signal)
        stageChunk(opened, rows.slice(start, start + chunkRows), options, counts)
        await yieldToOthers()
      }
      tell(bytes === 0 ? 1 : Math.min(1, bytesRead / bytes))
    }
    throwIfCancelled(running.signal)
    if (counts.rows === 0) throw new GradusError('bad-file', `${fileName} holds no rows to import.`)
    counts.ratings -= writing(store.database, () => {
      if (newClasses.length > 0) {
        // Other settings may have changed while the file was read.
        const present = store.project.read().settings
        store.project.writeSettings({ ...present, classScores: classScores.parse(classes) })
      }
      return opened.finish(counts, new Date().toISOString())
    })()
    tell()
  } catch (thrown) {
    running.update({ phase: 'Taking back what was read' })
    try {
      while (store.imports.removeChunk(importId)) await yieldToOthers()
    } catch (alsoThrown) {
      log(alsoThrown, 'taking back an import')
    }
    throw explainDatabaseError(thrown, store.path)
  }
}

/** Stores one chunk and adds what became of it to `counts`. @throws GradusError `bad-file` at a bad row, in `stop` mode. */
function stageChunk(
  opened: OpenImport,
  rows: readonly CheckedRow[],
  options: ImportOptions,
  counts: ImportCounts,
): void {
  const good = rows.flatMap((checked) => (checked.kind === 'good' ? [checked.row] : []))
  const bad = rows.flatMap((checked) => (checked.kind === 'bad' ? [checked.row] : []))
  const refuse = (row: RejectedRow): void => {
    if (options.onBadRow === 'stop')
      throw new GradusError('bad-file', `Row ${row.rowNumber}: ${row.message} Nothing was imported.`, {
        rowNumber: row.rowNumber,
        reason: row.reason,
      })
  }
  const [firstBad] = bad
  opened.stage(good, (outcomes) => {
    const report = [...bad]
    for (const [index, outcome] of outcomes.entries()) {
      const row = good[index]
      const reported = row === undefined ? null : count(outcome, row, options, counts)
      if (reported === null) continue
      report.push(reported)
      if (outcome.kind !== 'duplicate' || !outcome.ratingAdded) refuse(earlier(reported, firstBad))
    }
    if (firstBad !== undefined) refuse(firstBad)
    counts.rows += rows.length
    counts.rejected += bad.length
    return report
  })
}

function earlier(row: RejectedRow, other: RejectedRow | undefined): RejectedRow {
  return other !== undefined && other.rowNumber < row.rowNumber ? other : row
}

/** Counts one outcome; returns its line in the report where it needs one. */
function count(
  outcome: StagingOutcome,
  row: ImportRow,
  options: ImportOptions,
  counts: ImportCounts,
): RejectedRow | null {
  const report = (reason: 'duplicate-pair' | 'duplicate-id', message: string): RejectedRow => ({
    rowNumber: row.rowNumber,
    reason,
    message,
    text: readable(row.raw, options.layout),
  })
  switch (outcome.kind) {
    case 'pair':
      counts.pairs += 1
      counts.ratings += outcome.rated ? 1 : 0
      return null
    case 'rating':
      counts.ratings += 1
      return null
    case 'duplicate':
      counts.duplicates += 1
      counts.ratings += outcome.ratingAdded ? 1 : 0
      return report('duplicate-pair', outcome.message)
    case 'duplicate-id':
      counts.rejected += 1
      return report('duplicate-id', outcome.message)
  }
}
