import type Database from 'better-sqlite3'
import { z } from 'zod'
import { run, runReport, trainingConfiguration, type Run, type RunReport } from '#shared/domain/run.ts'
import { writing, writingAhead } from '../writing.ts'

/** What is known of a run when it starts. */
type StartedRun = Pick<
  Run,
  'id' | 'configuration' | 'encoderDigest' | 'snapshotDigest' | 'labelledPairs' | 'libraries' | 'createdAt'
>

/** Where an unfinished run can be taken up. */
export interface RunCheckpoint {
  /** The last epoch that was whole. */
  readonly epoch: number
  /** What the training process wrote; known to it alone. */
  readonly state: Uint8Array
  readonly writtenAt: string
}

export interface RunsRepository {
  /** Writes a run as running and returns its number, counted from 1 within the project. */
  start(started: StartedRun): number
  /** Marks a run as finished and as the one in use, keeps its weights, and drops its checkpoint. */
  finish(runId: string, end: { report: RunReport; weights: Uint8Array; finishedAt: string }): void
  /** Marks a run that did not finish. */
  end(
    runId: string,
    end: { status: 'cancelled' | 'failed'; failure: string | null; finishedAt: string },
  ): void
  /** Marks an unfinished run as running again; returns false where it has no checkpoint or is in the bin. */
  resume(runId: string): boolean
  /** Marks every run still called running as failed; returns how many there were. */
  failRunning(failure: string, finishedAt: string): number
  /** Newest first; those in the bin, too. */
  list(): Run[]
  /** The latest few, newest first, deleted ones among them: how each stands, and why one did not finish. */
  latest(): { readonly id: string; readonly failure: string | null }[]
  byId(runId: string): Run | null
  /** The run whose model is in use: the one last taken up, else the latest finished one. */
  inUse(): Run | null
  /** Makes a finished run the one in use, until another finishes; returns false where it is in the bin or gone. */
  use(runId: string): boolean
  rename(runId: string, name: string | null): void
  setPinned(runId: string, pinned: boolean): void
  /** Puts a run into the bin; returns false where it is running, pinned, in use or there already. */
  bin(runId: string, at: string): boolean
  takeFromBin(runId: string): void
  /**
   * Deletes a run in the bin for good: weights, checkpoint, what it found, and the suggestions
   * that no rating names. Its number is never given again, and disputes of its predictions keep it as their target.
   * Returns false where it is not in the bin.
   */
  remove(runId: string, at: string): boolean
  weights(runId: string): Uint8Array | null
  checkpoint(runId: string): RunCheckpoint | null
  /** Keeps where a run stands, in place of what was kept before; a power cut may take it. `epoch` counts from 1. */
  writeCheckpoint(runId: string, epoch: number, state: Uint8Array): void
  removeCheckpoint(runId: string): void
}

const flag = z.number().transform((value) => value === 1)
const row = z.object({
  ...run.shape,
  pinned: flag,
  inUse: flag,
  resumable: flag,
  configuration: z.string(),
  libraries: z.string(),
  report: z.string().nullable(),
})

function toRun(raw: unknown): Run {
  const { configuration, libraries, report, ...rest } = row.parse(raw)
  return {
    ...rest,
    configuration: trainingConfiguration.parse(JSON.parse(configuration)),
    libraries: run.shape.libraries.parse(JSON.parse(libraries)),
    report: report === null ? null : runReport.parse(JSON.parse(report)),
  }
}

/** Runs, their weights and checkpoints. */
export function createRunsRepository(database: Database.Database): RunsRepository {
  const columns = `
    id, number, name, pinned, binned_at AS binnedAt, status, configuration, encoder_digest AS encoderDigest,
    snapshot_digest AS snapshotDigest, labelled_pairs AS labelledPairs, libraries, created_at AS createdAt,
    finished_at AS finishedAt, failure, report, id IS (SELECT id FROM run_in_use) AS inUse,
    status IN ('cancelled', 'failed') AND binned_at IS NULL
      AND EXISTS (SELECT 1 FROM run_checkpoint WHERE run_id = run.id) AS resumable`
  const insert = database.prepare<Record<string, unknown>, { number: number }>(`
    INSERT INTO run (id, number, status, configuration, encoder_digest, snapshot_digest, labelled_pairs, libraries,
      created_at)
    SELECT @id, COALESCE(MAX(number), 0) + 1, 'running', @configuration, @encoderDigest, @snapshotDigest,
      @labelledPairs, @libraries, @createdAt
    FROM run
    RETURNING number
  `)
  const setFinished = database.prepare<{ runId: string; finishedAt: string; report: string }>(
    `UPDATE run SET status = 'finished', finished_at = @finishedAt, report = @report WHERE id = @runId`,
  )
  const insertWeights = database.prepare<[string, Uint8Array]>(
    'INSERT INTO run_weights (run_id, safetensors) VALUES (?, ?)',
  )
  const setEnded = database.prepare<Record<string, unknown>>(
    'UPDATE run SET status = @status, failure = @failure, finished_at = @finishedAt WHERE id = @runId',
  )
  const setResumed = database.prepare<[string]>(`
    UPDATE run SET status = 'running', failure = NULL, finished_at = NULL
    WHERE id = ? AND status IN ('cancelled', 'failed') AND binned_at IS NULL AND deleted_at IS NULL
      AND EXISTS (SELECT 1 FROM run_checkpoint WHERE run_id = run.id)
  `)
  const setFailed = database.prepare<[string, string]>(
    `UPDATE run SET status = 'failed', failure = ?, finished_at = ? WHERE status = 'running'`,
  )
  const selectAll = database.prepare(
    `SELECT ${columns} FROM run WHERE deleted_at IS NULL ORDER BY number DESC`,
  )
  const selectLatest = database.prepare<[], { id: string; failure: string | null }>(
    'SELECT id, failure FROM run ORDER BY number DESC LIMIT 20',
  )
  const selectOne = database.prepare<[string]>(
    `SELECT ${columns} FROM run WHERE id = ? AND deleted_at IS NULL`,
  )
  const selectInUse = database.prepare(`SELECT ${columns} FROM run WHERE id = (SELECT id FROM run_in_use)`)
  const setModel = database.prepare<{ runId: string }>(`
    UPDATE project SET model_run_id = @runId
    WHERE EXISTS (
      SELECT 1 FROM run
      WHERE id = @runId AND status = 'finished' AND binned_at IS NULL AND deleted_at IS NULL
    )
  `)
  const setLatestModel = database.prepare('UPDATE project SET model_run_id = NULL')
  const setName = database.prepare<[string | null, string]>('UPDATE run SET name = ? WHERE id = ?')
  const setPinned = database.prepare<[number, string]>('UPDATE run SET pinned = ? WHERE id = ?')
  const setBinned = database.prepare<{ runId: string; at: string }>(`
    UPDATE run SET binned_at = @at
    WHERE id = @runId AND status <> 'running' AND pinned = 0 AND binned_at IS NULL
      AND id IS NOT (SELECT id FROM run_in_use)
  `)
  const setTakenBack = database.prepare<[string]>('UPDATE run SET binned_at = NULL WHERE id = ?')
  const setDeleted = database.prepare<{ runId: string; at: string }>(`
    UPDATE run SET deleted_at = @at, name = NULL, configuration = '{}', libraries = '{}', failure = NULL, report = NULL
    WHERE id = @runId AND binned_at IS NOT NULL AND deleted_at IS NULL
  `)
  const selectWeights = database.prepare<[string], { safetensors: Buffer }>(
    'SELECT safetensors FROM run_weights WHERE run_id = ?',
  )
  const deleteWeights = database.prepare<[string]>('DELETE FROM run_weights WHERE run_id = ?')
  const deleteSuggestions = database.prepare<[string]>(`
    DELETE FROM suggestion
    WHERE run_id = ? AND NOT EXISTS (SELECT 1 FROM rating WHERE rating.suggestion_id = suggestion.id)
  `)
  const deleteRanking = database.prepare<[string]>('DELETE FROM ranking WHERE run_id = ?')
  const selectCheckpoint = database.prepare<[string], RunCheckpoint>(
    'SELECT epoch, state, written_at AS writtenAt FROM run_checkpoint WHERE run_id = ?',
  )
  const upsertCheckpoint = database.prepare<[string, number, Uint8Array, string]>(`
    INSERT INTO run_checkpoint (run_id, epoch, state, written_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (run_id) DO UPDATE SET epoch = excluded.epoch, state = excluded.state, written_at = excluded.written_at
  `)
  const deleteCheckpoint = database.prepare<[string]>('DELETE FROM run_checkpoint WHERE run_id = ?')

  return {
    start(started) {
      const { configuration, libraries } = started
      const inserted = insert.get({
        ...started,
        configuration: JSON.stringify(configuration),
        libraries: JSON.stringify(libraries),
      })
      if (inserted === undefined) throw new Error('An inserted run returned no row.')
      return inserted.number
    },
    finish: database.transaction<RunsRepository['finish']>((runId, { report, weights, finishedAt }) => {
      insertWeights.run(runId, weights)
      setFinished.run({ runId, finishedAt, report: JSON.stringify(report) })
      deleteCheckpoint.run(runId)
      setLatestModel.run()
    }),
    end: (runId, end) => void setEnded.run({ runId, ...end }),
    resume: (runId) => setResumed.run(runId).changes > 0,
    failRunning: (failure, finishedAt) => setFailed.run(failure, finishedAt).changes,
    list: () => selectAll.all().map(toRun),
    latest: () => selectLatest.all(),
    byId(runId) {
      const raw = selectOne.get(runId)
      return raw === undefined ? null : toRun(raw)
    },
    inUse() {
      const raw = selectInUse.get()
      return raw === undefined ? null : toRun(raw)
    },
    use: (runId) => setModel.run({ runId }).changes > 0,
    rename: (runId, name) => void setName.run(name, runId),
    setPinned: (runId, pinned) => void setPinned.run(pinned ? 1 : 0, runId),
    bin: (runId, at) => setBinned.run({ runId, at }).changes > 0,
    takeFromBin: (runId) => void setTakenBack.run(runId),
    remove: writing(database, (runId: string, at: string) => {
      if (setDeleted.run({ runId, at }).changes === 0) return false
      deleteWeights.run(runId)
      deleteCheckpoint.run(runId)
      deleteSuggestions.run(runId)
      deleteRanking.run(runId)
      return true
    }),
    weights: (runId) => selectWeights.get(runId)?.safetensors ?? null,
    checkpoint: (runId) => selectCheckpoint.get(runId) ?? null,
    writeCheckpoint: writingAhead(database, (runId: string, epoch: number, state: Uint8Array) => {
      upsertCheckpoint.run(runId, epoch, state, new Date().toISOString())
    }),
    removeCheckpoint: (runId) => void deleteCheckpoint.run(runId),
  }
}
