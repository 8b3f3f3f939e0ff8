import type Database from 'better-sqlite3'
import { z } from 'zod'
import {
  ranking,
  suggestion,
  suggestionOutcome,
  type Ranking,
  type Suggestion,
} from '#shared/domain/suggestion.ts'
import { predictionColumns, predictionRow } from './predictions.ts'
import { answersSuggestion, givenRank, replacingId, waitsForAnswer } from './suggestionAnswers.ts'

/** A suggestion as Review shows it: with the texts and what the run says of the pair. */
const listed = z.object({
  ...suggestion.shape,
  ...predictionRow.shape,
  premise: z.string(),
  hypothesis: z.string(),
  outcome: suggestionOutcome,
})
type ListedSuggestion = z.infer<typeof listed>

/** A suggestion in the history of its pair. */
const inHistory = z.object({
  ...suggestion.shape,
  runNumber: z.number().int(),
  outcome: suggestionOutcome,
})
type SuggestionInHistory = z.infer<typeof inHistory>

export interface SuggestionsRepository {
  /** Writes suggestions of one run. Their ids are of one time, in the order of their ranks. */
  write(suggestions: readonly Suggestion[]): void
  /** Takes a run's present suggestions out of every list; they stay for the ratings that name them. */
  retire(runId: string): void
  /** How a run's suggestions were ranked; null where that was not kept. */
  ranking(runId: string): Ranking | null
  /** Keeps how a run's suggestions were ranked, in place of what was kept before. */
  writeRanking(runId: string, made: Ranking): void
  /**
   * Suggestions of a run by rank; rated ones only where asked for. With `history` all that it ever made, whatever became
   * of them, the latest ranking first.
   */
  page(
    runId: string,
    options: { offset: number; limit: number; includeRated: boolean; history?: boolean },
  ): { total: number; rows: ListedSuggestion[] }
  /** Every suggestion of a pair, by any run. */
  ofPair(pairId: string): SuggestionInHistory[]
}

/** Chosen pairs with their reasons, per run. */
export function createSuggestionsRepository(database: Database.Database): SuggestionsRepository {
  const insert = database.prepare<Suggestion>(`
    INSERT INTO suggestion (id, run_id, pair_id, strategy, ask, rank, reason)
    VALUES (@id, @runId, @pairId, @strategy, @ask, @rank, @reason)
  `)
  // What the latest answer was, before a later ranking took the suggestion's place; a skip shows only while there is none.
  const outcome = `CASE
    WHEN suggestion.pair_id IN (SELECT pair_id FROM binned_pair) THEN 'in-bin'
    ELSE COALESCE(
      (SELECT CASE WHEN rating.score IS NULL THEN 'cannot-judge' ELSE 'scored' END FROM counted_rating AS rating
       WHERE ${answersSuggestion}
         AND (rating.suggestion_id = suggestion.id OR rating.id < COALESCE(${replacingId}, '~'))
       ORDER BY rating.id DESC LIMIT 1),
      CASE WHEN suggestion.rank < 0 OR ${replacingId} IS NOT NULL THEN 'replaced' END,
      (SELECT 'skipped' FROM annotation_step AS step
       WHERE step.pair_id = suggestion.pair_id AND step.rater_id IN (SELECT id FROM rater) AND step.rating_id IS NULL
         AND step.state = 'done' AND step.id > suggestion.id LIMIT 1),
      'waiting'
    )
  END`
  const columns = `
    suggestion.id, suggestion.run_id AS runId, suggestion.pair_id AS pairId, suggestion.strategy, suggestion.ask,
    suggestion.reason, ${outcome} AS outcome`
  const present = `
    FROM current_suggestion AS suggestion
    JOIN current_pair AS pair ON pair.id = suggestion.pair_id
    JOIN prediction ON prediction.pair_id = suggestion.pair_id AND prediction.run_id = suggestion.run_id
    WHERE suggestion.run_id = @runId AND (@includeRated OR ${waitsForAnswer})`
  const ever = `
    FROM suggestion
    JOIN pair ON pair.id = suggestion.pair_id
    JOIN prediction ON prediction.pair_id = suggestion.pair_id AND prediction.run_id = suggestion.run_id
    WHERE suggestion.run_id = @runId`
  type Wanted = { runId: string; includeRated?: number }
  const countOf = (rows: string): Database.Statement<[Wanted], { total: number }> =>
    database.prepare<Wanted, { total: number }>(`SELECT COUNT(*) AS total ${rows}`)
  const pageOf = (
    rows: string,
    rank: string,
    order: string,
  ): Database.Statement<[Wanted & { offset: number; limit: number }]> =>
    database.prepare(`
      SELECT ${columns}, ${rank} AS rank, pair.premise, pair.hypothesis, ${predictionColumns}
      ${rows} ORDER BY ${order} LIMIT @limit OFFSET @offset
    `)
  const lists = {
    present: { count: countOf(present), page: pageOf(present, 'suggestion.rank', 'suggestion.rank') },
    // Within a ranking ids rise with ranks.
    ever: {
      count: countOf(ever),
      page: pageOf(ever, givenRank, 'substr(suggestion.id, 1, 10) DESC, suggestion.id'),
    },
  }
  const selectOfPair = database.prepare<[string]>(`
    SELECT ${columns}, ${givenRank} AS rank, run.number AS runNumber
    FROM suggestion JOIN run ON run.id = suggestion.run_id
    WHERE suggestion.pair_id = ?
  `)
  // Below all earlier ones, since a run has each rank once.
  const setRetired = database.prepare<{ runId: string }>(`
    UPDATE suggestion
    SET rank = (SELECT MIN(0, MIN(rank)) FROM suggestion WHERE run_id = @runId) - rank
    WHERE run_id = @runId AND rank > 0
  `)
  const selectRanking = database.prepare<[string]>(`
    SELECT strategy, batch_size AS batchSize, random_share AS randomShare, waiting, considered, remark,
      created_at AS createdAt
    FROM ranking WHERE run_id = ?
  `)
  const insertRanking = database.prepare<Ranking & { runId: string }>(`
    INSERT OR REPLACE INTO ranking (run_id, strategy, batch_size, random_share, waiting, considered, remark, created_at)
    VALUES (@runId, @strategy, @batchSize, @randomShare, @waiting, @considered, @remark, @createdAt)
  `)

  return {
    write: database.transaction<SuggestionsRepository['write']>((suggestions) => {
      for (const { id, runId, pairId, strategy, ask, rank, reason } of suggestions)
        insert.run({ id, runId, pairId, strategy, ask, rank, reason })
    }),
    retire: (runId) => void setRetired.run({ runId }),
    ranking(runId) {
      const raw = selectRanking.get(runId)
      return raw === undefined ? null : ranking.parse(raw)
    },
    writeRanking: (runId, made) => void insertRanking.run({ ...made, runId }),
    page(runId, { offset, limit, includeRated, history = false }) {
      const { count, page } = history ? lists.ever : lists.present
      const wanted = history ? { runId } : { runId, includeRated: includeRated ? 1 : 0 }
      return {
        total: count.get(wanted)?.total ?? 0,
        rows: page.all({ ...wanted, offset, limit }).map((raw) => listed.parse(raw)),
      }
    },
    ofPair: (pairId) => selectOfPair.all(pairId).map((raw) => inHistory.parse(raw)),
  }
}
