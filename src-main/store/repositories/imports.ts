import type Database from 'better-sqlite3'
import { z } from 'zod'
import { GradusError } from '#shared/contract/errors.ts'
import { rejectedRow, type ImportOptions, type RejectedRow } from '#shared/contract/imports.ts'
import { importCounts, type ImportCounts } from '#shared/contract/jobs.ts'
import { ulid } from '#shared/domain/ids.ts'
import { createImportStaging, type StagedRow, type StagingOutcome } from '../importStaging.ts'

/** One finished import. */
const listedImport = z.object({
  importId: ulid,
  fileName: z.string(),
  finishedAt: z.iso.datetime(),
  counts: importCounts,
})
type ListedImport = z.infer<typeof listedImport>

/** A running import: what it is, and who gave scores that no column assigns to anybody. */
interface NewImport {
  readonly id: string
  readonly fileName: string
  readonly options: ImportOptions
  readonly startedAt: string
}

/** Rows of one chunk, to be stored together with what was refused among them. */
export interface OpenImport {
  /**
   * Stores rows in one transaction and says of each what became of it; `refuse` turns what was not (wholly) taken into
   * report rows, which are stored in the same transaction, as far as the report still has room.
   */
  stage(
    rows: readonly StagedRow[],
    refuse: (outcomes: readonly StagingOutcome[]) => readonly RejectedRow[],
  ): void
  /** Makes everything visible at once. Returns how many of its ratings gave way to answers made in the meantime. */
  finish(counts: ImportCounts, finishedAt: string): number
}

export interface ImportsRepository {
  /** @throws GradusError `job-running` where another process is importing into this project. */
  begin(started: NewImport): OpenImport
  /** Newest first. */
  list(): ListedImport[]
  byId(importId: string): ListedImport | null
  rejected(importId: string, offset: number, limit: number): { total: number; rows: RejectedRow[] }
  /** Up to `limit` rejected rows after row `after`, in the order of the file. */
  rejectedAfter(importId: string, after: number, limit: number): RejectedRow[]
  /**
   * Takes back up to a thousand rows of an unfinished import, at last the import itself.
   * @returns true while something is left. @throws Error for a finished import.
   */
  removeChunk(importId: string): boolean
  /** The same for what a killed process had left when the project was opened. Returns true while something is left. */
  removeLeft(): boolean
}

/** At most so many rejected rows are kept per import; the rest is only counted. */
const keptRejectedRows = 100_000
const removedAtOnce = 1_000
export const noCounts: ImportCounts = { rows: 0, pairs: 0, ratings: 0, duplicates: 0, rejected: 0 }

const rejectedColumns = 'row_number AS rowNumber, reason, message, text'

/**
 * Digests come in random order, so every chunk touches pages all over their index. Keeping more of them in memory and
 * writing them back to the file less often halves what goes to the disk.
 */
function useImportSettings(database: Database.Database): void {
  database.pragma('cache_size = -32000')
  database.pragma('wal_autocheckpoint = 4000')
}

/** Back to SQLite's defaults; the log is written back here, not at somebody's next rating. */
function useUsualSettings(database: Database.Database): void {
  database.pragma('cache_size = -2000')
  database.pragma('wal_autocheckpoint = 1000')
  // Within somebody's transaction there is nothing to write back yet, and asking would fail.
  if (!database.inTransaction) database.pragma('wal_checkpoint(PASSIVE)')
}

/**
 * Imports: their rows as they come in, what was refused, and taking an unfinished one back.
 * @param leftImports what `removeUnfinishedImports` has not finished with.
 */
export function createImportsRepository(
  database: Database.Database,
  leftImports: readonly string[] = [],
): ImportsRepository {
  const left = [...leftImports]
  // Takes the write lock at the start: another process may be writing, and is waited for only there.
  const atOnce = <Arguments extends unknown[], Result>(
    work: (...given: Arguments) => Result,
  ): ((...given: Arguments) => Result) => {
    const transaction = database.transaction(work)
    return (...given) => transaction.immediate(...given)
  }
  const insertImport = database.prepare<Record<string, string>>(`
    INSERT INTO import (id, file_name, options, counts, started_at)
    VALUES (@id, @fileName, @options, @counts, @startedAt)
  `)
  const selectUnfinished = database.prepare('SELECT id FROM import WHERE finished_at IS NULL').pluck()
  const selectRescoring = database.prepare('SELECT rescoring FROM project').pluck()
  const insertRejected = database.prepare<RejectedRow & { importId: string }>(`
    INSERT INTO rejected_row (import_id, row_number, reason, message, text)
    VALUES (@importId, @rowNumber, @reason, @message, @text)
    ON CONFLICT DO NOTHING
  `)
  const selectImports = `
    SELECT id AS importId, file_name AS fileName, finished_at AS finishedAt, counts
    FROM import WHERE finished_at IS NOT NULL`
  const selectList = database.prepare(`${selectImports} ORDER BY id DESC`)
  const selectOne = database.prepare<[string]>(`${selectImports} AND id = ?`)
  const countRejected = database
    .prepare<[string]>('SELECT COUNT(*) FROM rejected_row WHERE import_id = ?')
    .pluck()
  const selectRejected = database.prepare<[string, number, number]>(
    `SELECT ${rejectedColumns} FROM rejected_row WHERE import_id = ? ORDER BY row_number LIMIT ? OFFSET ?`,
  )
  const selectRejectedAfter = database.prepare<[string, number, number]>(
    `SELECT ${rejectedColumns} FROM rejected_row WHERE import_id = ? AND row_number > ? ORDER BY row_number LIMIT ?`,
  )
  const finishImport = database.prepare<[string, string, string]>(
    'UPDATE import SET counts = ?, finished_at = ? WHERE id = ?',
  )
  const keepRaters = database.prepare<[string]>('UPDATE rater SET import_id = NULL WHERE import_id = ?')
  const isFinished = database
    .prepare<[string]>('SELECT finished_at IS NOT NULL FROM import WHERE id = ?')
    .pluck()
  const removeSome = ['rating', 'pair', 'rejected_row'].map((table) => {
    const key = table === 'rejected_row' ? 'row_number' : 'rowid'
    const own = table === 'rejected_row' ? 'import_id = @importId AND' : ''
    return database.prepare<{ importId: string; limit: number }>(`
      DELETE FROM ${table} WHERE ${own} ${key} IN (SELECT ${key} FROM ${table} WHERE import_id = @importId LIMIT @limit)
    `)
  })
  const removeRaters = database.prepare<[string]>(`
    DELETE FROM rater WHERE import_id = ?
      AND NOT EXISTS (SELECT 1 FROM rating WHERE rating.rater_id = rater.id)
      AND NOT EXISTS (SELECT 1 FROM annotation_step WHERE annotation_step.rater_id = rater.id)
      AND NOT EXISTS (SELECT 1 FROM dispute WHERE dispute.rater_id = rater.id)
  `)
  const removeImport = database.prepare<[string]>('DELETE FROM import WHERE id = ?')
  const toListed = (raw: unknown): ListedImport => {
    const { counts, ...rest } = z.looseObject({ counts: z.string() }).parse(raw)
    return listedImport.parse({ ...rest, counts: JSON.parse(counts) as unknown })
  }
  const toRejected = (raw: unknown): RejectedRow => rejectedRow.parse(raw)

  const insertAlone = atOnce((started: Record<string, string>): void => {
    if (selectUnfinished.get() !== undefined)
      throw new GradusError(
        'job-running',
        'Another import into this project is running or was broken off: wait for its end, or close the project everywhere and open it again.',
      )
    if (selectRescoring.get() === 1)
      throw new GradusError(
        'job-running',
        'The labels of this project are getting new scores: wait until that is done, then import.',
      )
    insertImport.run(started)
  })

  const makeVisible = atOnce(
    (giveWay: () => number, id: string, counts: ImportCounts, finishedAt: string): number => {
      const givenWay = giveWay()
      keepRaters.run(id)
      finishImport.run(JSON.stringify({ ...counts, ratings: counts.ratings - givenWay }), finishedAt, id)
      return givenWay
    },
  )

  const removeChunk = atOnce((importId: string): boolean => {
    if (isFinished.get(importId) === 1)
      throw new Error(`Import ${importId} is finished and cannot be taken back`)
    for (const statement of removeSome)
      if (statement.run({ importId, limit: removedAtOnce }).changes > 0) return true
    removeRaters.run(importId)
    keepRaters.run(importId)
    removeImport.run(importId)
    return false
  })

  const removeNext = (importId: string): boolean => {
    const more = removeChunk(importId)
    if (!more) useUsualSettings(database)
    return more
  }

  return {
    begin({ id, fileName, options, startedAt }) {
      insertAlone({
        id,
        fileName,
        options: JSON.stringify(options),
        counts: JSON.stringify(noCounts),
        startedAt,
      })
      useImportSettings(database)
      const staging = createImportStaging(database, {
        importId: id,
        namesRaters: options.columns.rater !== undefined,
      })
      let room = keptRejectedRows
      return {
        stage: atOnce(
          (
            rows: readonly StagedRow[],
            refuse: (outcomes: readonly StagingOutcome[]) => readonly RejectedRow[],
          ): void => {
            for (const refused of refuse(rows.map((row) => staging.stage(row))).slice(0, room)) {
              insertRejected.run({ ...refused, importId: id })
              room -= 1
            }
          },
        ),
        finish(counts, finishedAt) {
          const givenWay = makeVisible(staging.giveWay, id, counts, finishedAt)
          useUsualSettings(database)
          return givenWay
        },
      }
    },
    list: () => selectList.all().map(toListed),
    byId(importId) {
      const raw = selectOne.get(importId)
      return raw === undefined ? null : toListed(raw)
    },
    rejected: (importId, offset, limit) => ({
      total: z.number().parse(countRejected.get(importId)),
      rows: selectRejected.all(importId, limit, offset).map(toRejected),
    }),
    rejectedAfter: (importId, after, limit) =>
      selectRejectedAfter.all(importId, after, limit).map(toRejected),
    removeChunk: (importId) => removeNext(importId),
    removeLeft() {
      const [importId] = left
      if (importId === undefined) return false
      useImportSettings(database)
      if (!removeNext(importId)) left.shift()
      return left.length > 0
    },
  }
}

/** How long opening a project may spend on taking back what was left, in milliseconds. */
const openingPatience = 800

/**
 * Takes back what a killed process has left of its imports; to be called when a project is opened that no other process
 * has open. Nothing of it shows in any case; what would take long is left to `removeLeft`.
 * @returns the ids of imports that are not wholly taken back yet.
 */
export function removeUnfinishedImports(database: Database.Database): string[] {
  const left = z
    .array(ulid)
    .parse(database.prepare('SELECT id FROM import WHERE finished_at IS NULL').pluck().all())
  const imports = createImportsRepository(database, left)
  const started = performance.now()
  while (imports.removeLeft() && performance.now() - started < openingPatience);
  return z
    .array(ulid)
    .parse(database.prepare('SELECT id FROM import WHERE finished_at IS NULL').pluck().all())
}
