import type Database from 'better-sqlite3'
import { waitsForAnswer } from './suggestionAnswers.ts'

/** A suggestion that waits for an answer. */
export interface WaitingSuggestion {
  readonly suggestionId: string
  readonly pairId: string
}

export interface ReviewQueueRepository {
  /**
   * The suggestion of a run that this rater should see now: by rank among those that nobody has answered since they were
   * made, and that are of pairs of which no answer of this rater stands, since another rating is another rater's; what the
   * rater has skipped since comes last, in the order of skipping. Null where none is left.
   */
  next(runId: string, raterId: string): WaitingSuggestion | null
  /** How many of those there are, skipped ones included. */
  countLeft(runId: string, raterId: string): number
  /** Those of them that this rater has skipped since they were made. */
  countSkipped(runId: string, raterId: string): number
  /** The suggestion of a run for a pair, answered or not. */
  ofPair(runId: string, pairId: string): string | null
  /** Whether a suggestion is about this pair. */
  isAbout(suggestionId: string, pairId: string): boolean
}

/** Suggestions as one rater walks through them. */
export function createReviewQueueRepository(database: Database.Database): ReviewQueueRepository {
  const columns = 'suggestion.id AS suggestionId, suggestion.pair_id AS pairId'
  const waiting = `${waitsForAnswer} AND NOT EXISTS (
    SELECT 1 FROM current_rating AS own WHERE own.pair_id = suggestion.pair_id AND own.rater_id = @raterId
  )`
  // Ids sort by the time they were made: a step with a greater id than the suggestion's came after it.
  const skip = `
    step.pair_id = suggestion.pair_id AND step.rater_id = @raterId AND step.rating_id IS NULL
    AND step.state = 'done' AND step.id > suggestion.id`
  const selectNext = database.prepare<{ runId: string; raterId: string }, WaitingSuggestion>(`
    SELECT ${columns} FROM current_suggestion AS suggestion
    WHERE suggestion.run_id = @runId AND ${waiting} AND NOT EXISTS (
      SELECT 1 FROM annotation_step AS step INDEXED BY annotation_step_skipped WHERE ${skip}
    )
    ORDER BY suggestion.rank LIMIT 1
  `)
  const skipped = `
    FROM annotation_step AS step
    JOIN current_suggestion AS suggestion ON suggestion.pair_id = step.pair_id AND suggestion.run_id = @runId
    WHERE ${skip} AND ${waiting}`
  const selectSkipped = database.prepare<{ runId: string; raterId: string }, WaitingSuggestion>(
    `SELECT ${columns} ${skipped} GROUP BY suggestion.id ORDER BY MAX(step.id) LIMIT 1`,
  )
  const countSkipped = database
    .prepare<{ runId: string; raterId: string }, number>(`SELECT COUNT(DISTINCT suggestion.id) ${skipped}`)
    .pluck()
  const countLeft = database
    .prepare<{ runId: string; raterId: string }, number>(
      `SELECT COUNT(*) FROM current_suggestion AS suggestion WHERE suggestion.run_id = @runId AND ${waiting}`,
    )
    .pluck()
  const selectOfPair = database
    .prepare<[string, string], string>(
      // The plus keeps SQLite from walking the whole run by rank.
      'SELECT id FROM current_suggestion WHERE pair_id = ? AND run_id = ? ORDER BY +rank LIMIT 1',
    )
    .pluck()
  const selectAbout = database.prepare<[string, string]>(
    'SELECT 1 FROM suggestion WHERE id = ? AND pair_id = ?',
  )

  return {
    next: (runId, raterId) =>
      selectNext.get({ runId, raterId }) ?? selectSkipped.get({ runId, raterId }) ?? null,
    countLeft: (runId, raterId) => countLeft.get({ runId, raterId }) ?? 0,
    countSkipped: (runId, raterId) => countSkipped.get({ runId, raterId }) ?? 0,
    ofPair: (runId, pairId) => selectOfPair.get(pairId, runId) ?? null,
    isAbout: (suggestionId, pairId) => selectAbout.get(suggestionId, pairId) !== undefined,
  }
}
