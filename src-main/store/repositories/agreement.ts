import type Database from 'better-sqlite3'

/** What one rater has standing on one pair. */
export interface StandingAnswer {
  readonly pairId: string
  readonly raterId: string
  /** 0–1, the mean where an import gave several; null: could not judge. */
  readonly score: number | null
  /** Id of the (last) rating: ids sort in the order of making. */
  readonly ratingId: string
  /** From showing to commit without idle time, in milliseconds; null where nobody measured it. */
  readonly timeToCommit: number | null
}

/** A score given again blind, beside the one it repeats. */
export interface RepeatedScore {
  readonly pairId: string
  readonly raterId: string
  readonly first: number
  readonly again: number
  /** Id of the rating that is repeated. */
  readonly repeats: string
}

/** A rater's standing score of a gold pair. */
export interface GoldScore {
  readonly pairId: string
  readonly raterId: string
  readonly score: number
  readonly gold: number
  readonly tolerance: number
}

export interface AgreementRepository {
  /** The last of the next `limit` pairs after `after` (empty: from the first); null at the end. */
  spanEnd(after: string, limit: number): string | null
  /** All answers to the pairs in the span (after, last], of raters set aside, too; by pair, then by rater. */
  answers(span: { after: string; last: string }): StandingAnswer[]
  /** Up to `limit` blind repeats whose repeated rating sorts after `after`, by that. */
  repeats(after: string, limit: number): RepeatedScore[]
  goldScores(): GoldScore[]
  /** Changes whenever a gold pair is added, changed or removed. */
  goldStamp(): string
}

/** What measuring agreement reads, in spans short enough for ratings to go on meanwhile. */
export function createAgreementRepository(database: Database.Database): AgreementRepository {
  const selectEnd = database
    .prepare<[string, number], string | null>(
      'SELECT MAX(id) FROM (SELECT id FROM current_pair WHERE id > ? ORDER BY id LIMIT ?)',
    )
    .pluck()
  const selectAnswers = database.prepare<{ after: string; last: string }, StandingAnswer>(`
    SELECT pair_id AS pairId, rater_id AS raterId, AVG(score) AS score, MAX(id) AS ratingId,
      AVG(time_to_commit) AS timeToCommit
    FROM current_rating WHERE pair_id > @after AND pair_id <= @last
    GROUP BY pair_id, rater_id ORDER BY pair_id, rater_id
  `)
  // The partial index over repeated ratings gives the order.
  const selectRepeats = database.prepare<[string, number], RepeatedScore>(`
    SELECT again.pair_id AS pairId, again.rater_id AS raterId, first.score AS first, again.score AS again,
      again.retests AS repeats
    FROM current_retest AS again JOIN rating AS first ON first.id = again.retests
    WHERE again.retests > ? AND again.score IS NOT NULL AND first.score IS NOT NULL
    ORDER BY again.retests LIMIT ?
  `)
  const selectGold = database.prepare<[], GoldScore>(`
    SELECT gold.pair_id AS pairId, rating.rater_id AS raterId, AVG(rating.score) AS score, gold.score AS gold,
      gold.tolerance
    FROM gold CROSS JOIN current_rating AS rating ON rating.pair_id = gold.pair_id AND rating.score IS NOT NULL
    GROUP BY gold.pair_id, rating.rater_id ORDER BY gold.pair_id, rating.rater_id
  `)
  const selectGoldStamp = database
    .prepare<[], string>(
      `SELECT COUNT(*) || ' ' || COALESCE(MAX(created_at), '') || ' ' || COALESCE(SUM(score), 0) || ' ' ||
        COALESCE(SUM(tolerance), 0) FROM gold`,
    )
    .pluck()
  return {
    spanEnd: (after, limit) => selectEnd.get(after, limit) ?? null,
    answers: (span) => selectAnswers.all(span),
    repeats: (after, limit) => selectRepeats.all(after, limit),
    goldScores: () => selectGold.all(),
    goldStamp: () => selectGoldStamp.get() ?? '',
  }
}
