import type Database from 'better-sqlite3'
import { z } from 'zod'
import { run, runReport, trainingConfiguration, type Run, type RunReport } from '#shared/domain/run.ts'

/** What is known of a run when it starts. */
type StartedRun = Pick<
  Run,
  'id' | 'configuration' | 'encoderDigest' | 'snapshotDigest' | 'labelledPairs' | 'createdAt'
>

export interface RunsRepository {
  /** Writes a run as running and returns its number, counted from 1 within the project. */
  start(started: StartedRun): number
  /** Marks a run as finished and keeps its weights. */
  finish(runId: string, end: { report: RunReport; weights: Uint8Array; finishedAt: string }): void
  /** Marks a run that did not finish. */
  end(
    runId: string,
    end: { status: 'cancelled' | 'failed'; failure: string | null; finishedAt: string },
  ): void
  /** Marks every run still called running as failed; returns how many there were. */
  failRunning(failure: string, finishedAt: string): number
  /** Newest first. */
  list(): Run[]
  /** The latest finished run, whose model is in use. */
  inUse(): Run | null
  weights(runId: string): Uint8Array | null
}

const row = z.object({
  ...run.shape,
  configuration: z.string(),
  report: z.string().nullable(),
})

function toRun(raw: unknown): Run {
  const { configuration, report, ...rest } = row.parse(raw)
  return {
    ...rest,
    configuration: trainingConfiguration.parse(JSON.parse(configuration)),
    report: report === null ? null : runReport.parse(JSON.parse(report)),
  }
}

/** Runs and their weights. */
export function createRunsRepository(database: Database.Database): RunsRepository {
  const columns = `
    id, number, status, configuration, encoder_digest AS encoderDigest, snapshot_digest AS snapshotDigest,
    labelled_pairs AS labelledPairs, created_at AS createdAt, finished_at AS finishedAt, failure, report`
  const insert = database.prepare<Record<string, unknown>, { number: number }>(`
    INSERT INTO run (id, number, status, configuration, encoder_digest, snapshot_digest, labelled_pairs, created_at)
    SELECT @id, COALESCE(MAX(number), 0) + 1, 'running', @configuration, @encoderDigest, @snapshotDigest,
      @labelledPairs, @createdAt
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
  const setFailed = database.prepare<[string, string]>(
    `UPDATE run SET status = 'failed', failure = ?, finished_at = ? WHERE status = 'running'`,
  )
  const selectAll = database.prepare(`SELECT ${columns} FROM run ORDER BY number DESC`)
  const selectInUse = database.prepare(
    `SELECT ${columns} FROM run WHERE status = 'finished' ORDER BY number DESC LIMIT 1`,
  )
  const selectWeights = database.prepare<[string], { safetensors: Buffer }>(
    'SELECT safetensors FROM run_weights WHERE run_id = ?',
  )

  return {
    start(started) {
      const inserted = insert.get({ ...started, configuration: JSON.stringify(started.configuration) })
      if (inserted === undefined) throw new Error('An inserted run returned no row.')
      return inserted.number
    },
    finish: database.transaction<RunsRepository['finish']>((runId, { report, weights, finishedAt }) => {
      insertWeights.run(runId, weights)
      setFinished.run({ runId, finishedAt, report: JSON.stringify(report) })
    }),
    end: (runId, end) => void setEnded.run({ runId, ...end }),
    failRunning: (failure, finishedAt) => setFailed.run(failure, finishedAt).changes,
    list: () => selectAll.all().map(toRun),
    inUse() {
      const raw = selectInUse.get()
      return raw === undefined ? null : toRun(raw)
    },
    weights: (runId) => selectWeights.get(runId)?.safetensors ?? null,
  }
}
