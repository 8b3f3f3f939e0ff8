import type Database from 'better-sqlite3'
import { z } from 'zod'
import { suggestion, suggestionOutcome, type Suggestion } from '#shared/domain/suggestion.ts'
import { predictionColumns, predictionRow } from './predictions.ts'

/** A suggestion as Review shows it: with the texts and what the run says of the pair. */
const listed = z.object({
  ...suggestion.shape,
  ...predictionRow.shape,
  premise: z.string(),
  hypothesis: z.string(),
  outcome: suggestionOutcome,
})
type ListedSuggestion = z.infer<typeof listed>

export interface SuggestionsRepository {
  /** Writes the suggestions of one run. */
  write(suggestions: readonly Suggestion[]): void
  /** Takes a run's present suggestions out of every list; they stay for the ratings that name them. */
  retire(runId: string): void
  /** Suggestions of a run by rank; rated ones only where asked for. */
  page(
    runId: string,
    options: { offset: number; limit: number; includeRated: boolean },
  ): { total: number; rows: ListedSuggestion[] }
}

/** Chosen pairs with their reasons, per run. */
export function createSuggestionsRepository(database: Database.Database): SuggestionsRepository {
  const insert = database.prepare<Suggestion>(`
    INSERT INTO suggestion (id, run_id, pair_id, strategy, ask, rank, reason)
    VALUES (@id, @runId, @pairId, @strategy, @ask, @rank, @reason)
  `)
  // Ids sort by the time they were made: a rating with a greater id than the run's came after its start.
  const rated = `EXISTS (
    SELECT 1 FROM counted_rating AS rating
    WHERE rating.pair_id = suggestion.pair_id AND rating.id > suggestion.run_id
  )`
  // What the latest answer since then was; a skip shows only while there is none.
  const outcome = `COALESCE(
    (SELECT CASE WHEN rating.score IS NULL THEN 'cannot-judge' ELSE 'scored' END FROM counted_rating AS rating
     WHERE rating.pair_id = suggestion.pair_id AND rating.id > suggestion.run_id ORDER BY rating.id DESC LIMIT 1),
    (SELECT 'skipped' FROM annotation_step AS step
     WHERE step.pair_id = suggestion.pair_id AND step.rater_id IN (SELECT id FROM rater) AND step.rating_id IS NULL
       AND step.state = 'done' AND step.id > suggestion.run_id LIMIT 1),
    'waiting'
  )`
  const count = database.prepare<{ runId: string; includeRated: number }, { total: number }>(`
    SELECT COUNT(*) AS total FROM current_suggestion AS suggestion WHERE run_id = @runId AND (@includeRated OR NOT ${rated})
  `)
  const select = database.prepare<{ runId: string; includeRated: number; offset: number; limit: number }>(`
    SELECT suggestion.id, suggestion.run_id AS runId, suggestion.pair_id AS pairId, suggestion.strategy,
      suggestion.ask, suggestion.rank, suggestion.reason, pair.premise, pair.hypothesis,
      ${predictionColumns}, ${outcome} AS outcome
    FROM current_suggestion AS suggestion
    JOIN current_pair AS pair ON pair.id = suggestion.pair_id
    JOIN prediction ON prediction.pair_id = suggestion.pair_id AND prediction.run_id = suggestion.run_id
    WHERE suggestion.run_id = @runId AND (@includeRated OR NOT ${rated})
    ORDER BY suggestion.rank
    LIMIT @limit OFFSET @offset
  `)
  // Below all earlier ones, since a run has each rank once.
  const setRetired = database.prepare<{ runId: string }>(`
    UPDATE suggestion
    SET rank = (SELECT MIN(0, MIN(rank)) FROM suggestion WHERE run_id = @runId) - rank
    WHERE run_id = @runId AND rank > 0
  `)

  return {
    write: database.transaction<SuggestionsRepository['write']>((suggestions) => {
      for (const { id, runId, pairId, strategy, ask, rank, reason } of suggestions)
        insert.run({ id, runId, pairId, strategy, ask, rank, reason })
    }),
    retire: (runId) => void setRetired.run({ runId }),
    page(runId, { offset, limit, includeRated }) {
      const wanted = { runId, includeRated: includeRated ? 1 : 0 }
      return {
        total: count.get(wanted)?.total ?? 0,
        rows: select.all({ ...wanted, offset, limit }).map((raw) => listed.parse(raw)),
      }
    },
  }
}
