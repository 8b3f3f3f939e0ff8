import type Database from 'better-sqlite3'
import { z } from 'zod'
import { prediction, type Prediction } from '#shared/domain/run.ts'
import { writingAhead } from '../writing.ts'

/** What a run says of one pair, by the pair's id. */
interface PairPrediction extends Omit<Prediction, 'outOfFold'> {
  readonly pairId: string
  /** False unless given. */
  readonly outOfFold?: boolean
}

export interface PredictionsRepository {
  /**
   * Writes predictions of one run in one transaction, on disk once the run is finished. Meant for some hundreds at a
   * time, between which others get their turn.
   */
  write(runId: string, rows: readonly PairPrediction[]): void
  ofPair(runId: string, pairId: string): Prediction | null
  /**
   * Removes the predictions of every run but `keepRunId` (null: of all) among the next `limit` rows whose pair sorts
   * after `after`; returns where to go on, or null at the end.
   */
  removeOthers(keepRunId: string | null, after: string, limit: number): string | null
  /** The same for one run: removes what a run that did not finish has left. */
  removeOf(runId: string, after: string, limit: number): string | null
}

/** The columns of a prediction, for `predictionRow`. */
export const predictionColumns =
  'score, variance, low, high, spread, doubt, abstained, out_of_fold AS outOfFold'

const flag = z.number().transform((value) => value === 1)

/** A prediction as SQLite gives it. */
export const predictionRow = prediction.extend({
  abstained: flag,
  outOfFold: flag,
})

/** Predictions of the run in use; those of earlier runs are cleared away in chunks. */
export function createPredictionsRepository(database: Database.Database): PredictionsRepository {
  // A pair may be scored twice: first by what needs no token vectors, then in full.
  const insert = database.prepare<
    Omit<PairPrediction, 'abstained' | 'outOfFold'> & { runId: string; abstained: number; outOfFold: number }
  >(`
    INSERT OR REPLACE INTO prediction
      (run_id, pair_id, score, variance, low, high, spread, doubt, abstained, out_of_fold)
    VALUES (@runId, @pairId, @score, @variance, @low, @high, @spread, @doubt, @abstained, @outOfFold)
  `)
  const select = database.prepare<[string, string]>(
    `SELECT ${predictionColumns} FROM prediction WHERE pair_id = ? AND run_id = ?`,
  )
  const selectLast = database.prepare<[string, number], { last: string | null }>(
    'SELECT MAX(pair_id) AS last FROM (SELECT pair_id FROM prediction WHERE pair_id > ? ORDER BY pair_id LIMIT ?)',
  )
  const remove = database.prepare<{ after: string; last: string; keep: string | null; only: string | null }>(`
    DELETE FROM prediction
    WHERE pair_id > @after AND pair_id <= @last
      AND (@keep IS NULL OR run_id <> @keep) AND (@only IS NULL OR run_id = @only)
  `)
  const removeSpan = writingAhead(
    database,
    (which: { keep: string | null; only: string | null }, after: string, limit: number): string | null => {
      const last = selectLast.get(after, limit)?.last ?? null
      if (last !== null) remove.run({ after, last, ...which })
      return last
    },
  )

  return {
    write: writingAhead(database, (runId: string, rows: readonly PairPrediction[]) => {
      for (const { pairId, score, variance, low, high, spread, doubt, abstained, outOfFold = false } of rows)
        insert.run({
          runId,
          pairId,
          score,
          variance,
          low,
          high,
          spread,
          doubt,
          abstained: Number(abstained),
          outOfFold: Number(outOfFold),
        })
    }),
    ofPair(runId, pairId) {
      const raw = select.get(pairId, runId)
      return raw === undefined ? null : predictionRow.parse(raw)
    },
    removeOthers: (keep, after, limit) => removeSpan({ keep, only: null }, after, limit),
    removeOf: (only, after, limit) => removeSpan({ keep: null, only }, after, limit),
  }
}
