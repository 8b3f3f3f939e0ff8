import type Database from 'better-sqlite3'
import { z } from 'zod'
import { effectiveSplitSql } from '../splits.ts'
import type { ConsensusRepository } from './consensus.ts'

const flag = z.number().transform((value) => value === 1)
const stored = z.object({
  pairId: z.string(),
  premiseGroup: z.number().int(),
  target: z.number(),
  ratings: z.number().int(),
  mean: z.number(),
  squares: z.number(),
  predicted: z.number().nullable(),
  spread: z.number().nullable(),
  mayAsk: flag,
})

/** A pair outside the holdout that people have scored, with what a run says of it. */
export interface StoredRatedPair extends Omit<z.infer<typeof stored>, 'mean' | 'squares'> {
  /** Standard deviation (n − 1) of the counted scores; null under two. */
  readonly deviation: number | null
}

export interface RatedPairsRepository {
  /**
   * The next `limit` pairs whose id sorts after `after` (empty: from the first), those of them that are scored and outside
   * the holdout. `last` is where to go on, or null at the end. `mayAsk`: it is neither settled nor gold, and somebody who
   * takes part has no answer to it.
   */
  page(
    wanted: { runId: string; holdoutShare: number },
    after: string,
    limit: number,
  ): { rows: StoredRatedPair[]; last: string | null }
}

/** What is known of rated pairs when it is to be told whether another rating of them is worth more than a new pair. */
export function createRatedPairsRepository(
  database: Database.Database,
  consensus: ConsensusRepository,
): RatedPairsRepository {
  const selectLast = database
    .prepare<[string, number], string | null>(
      'SELECT MAX(id) FROM (SELECT id FROM pair WHERE id > ? ORDER BY id LIMIT ?)',
    )
    .pluck()
  const selectPage = consensus.following((consensusSql) =>
    database.prepare<{ runId: string; holdoutShare: number; after: string; last: string }>(`
      SELECT pair.id AS pairId, pair.premise_group AS premiseGroup, ${consensusSql} AS target,
        COUNT(rating.score) AS ratings, AVG(rating.score) AS mean, SUM(rating.score * rating.score) AS squares,
        said.score AS predicted, said.spread,
        pair.id NOT IN (SELECT pair_id FROM settled_pair) AND pair.id NOT IN (SELECT pair_id FROM gold) AND EXISTS (
          SELECT 1 FROM rater
          WHERE rater.import_id IS NULL AND rater.takes_part = 1
            AND rater.id NOT IN (SELECT rater_id FROM set_aside_rater)
            AND NOT EXISTS (
              SELECT 1 FROM current_rating AS own WHERE own.pair_id = pair.id AND own.rater_id = rater.id
            )
        ) AS mayAsk
      FROM (
        SELECT id, premise_group, declared_split FROM current_pair WHERE id > @after AND id <= @last
      ) AS pair
      JOIN counted_rating AS rating ON rating.pair_id = pair.id AND rating.score IS NOT NULL
      LEFT JOIN prediction AS said ON said.pair_id = pair.id AND said.run_id = @runId
      WHERE ${effectiveSplitSql('pair')} <> 'holdout'
      GROUP BY pair.id
      ORDER BY pair.id
    `),
  )

  return {
    page(wanted, after, limit) {
      const last = selectLast.get(after, limit) ?? null
      if (last === null) return { rows: [], last }
      const rows = selectPage()
        .all({ ...wanted, after, last })
        .map((raw) => {
          const { mean, squares, ...row } = stored.parse(raw)
          const { ratings } = row
          // Rounding can leave a sum of squares a hair below n·mean².
          const variance = Math.max(0, squares - ratings * mean * mean) / Math.max(1, ratings - 1)
          return { ...row, deviation: ratings < 2 ? null : Math.sqrt(variance) }
        })
      return { rows, last }
    },
  }
}
