import type Database from 'better-sqlite3'
import { answersSuggestion } from './suggestionAnswers.ts'

/** How the suggestions of a run differ from those of the run before it that still waited then. */
export interface QueueChange {
  /** The run that was in use before. */
  readonly before: string
  /** Pairs that waited for an answer and are suggested no more, and pairs that did not. */
  readonly left: number
  readonly entered: number
}

export interface QueueChangesRepository {
  /**
   * What a run has changed by taking over; null where it was the first, or is in use because somebody went back to it.
   * Kept in memory, so that it costs nothing after every rating.
   */
  of(runId: string): QueueChange | null
}

export function createQueueChangesRepository(database: Database.Database): QueueChangesRepository {
  const selectLater = database.prepare<[string]>(
    `SELECT 1 FROM run WHERE status = 'finished' AND number > (SELECT number FROM run WHERE id = ?) LIMIT 1`,
  )
  const selectBefore = database
    .prepare<[string], string>(
      `SELECT id FROM run
       WHERE status = 'finished' AND deleted_at IS NULL AND number < (SELECT number FROM run WHERE id = ?)
       ORDER BY number DESC LIMIT 1`,
    )
    .pluck()
  const selectPairs = database
    .prepare<[string], string>('SELECT pair_id FROM current_suggestion WHERE run_id = ?')
    .pluck()
  // Ids sort by the time they were made: until the first of its suggestions, answers were given to those before.
  const selectRanked = database
    .prepare<[string], string | null>('SELECT MIN(id) FROM suggestion WHERE run_id = ? AND rank > 0')
    .pluck()
  const selectWaiting = database
    .prepare<{ before: string; ranked: string }, string>(
      `SELECT pair_id FROM current_suggestion AS suggestion
       WHERE run_id = @before AND NOT EXISTS (
         SELECT 1 FROM counted_rating AS rating
         WHERE ${answersSuggestion} AND rating.id < @ranked
       )`,
    )
    .pluck()

  const measure = (runId: string): QueueChange | null => {
    const before = selectBefore.get(runId)
    if (before === undefined || selectLater.get(runId) !== undefined) return null
    const now = new Set(selectPairs.all(runId))
    const waiting = new Set(selectWaiting.all({ before, ranked: selectRanked.get(runId) ?? runId }))
    return {
      before,
      left: [...waiting].filter((pairId) => !now.has(pairId)).length,
      entered: [...now].filter((pairId) => !waiting.has(pairId)).length,
    }
  }

  let kept: { readonly runId: string; readonly change: QueueChange | null } | null = null
  return {
    of(runId) {
      if (kept?.runId !== runId) kept = { runId, change: measure(runId) }
      return kept.change
    },
  }
}
