import type Database from 'better-sqlite3'
import { z } from 'zod'
import { metadata, type Pair } from '#shared/domain/pair.ts'
import { effectiveSplitSql } from '../splits.ts'
import type { ConsensusRepository } from './consensus.ts'
import type { PairTexts } from './labels.ts'

/** A held-out pair with what a run says of it and what people say now. */
export interface StoredJudgedPair extends PairTexts {
  readonly pairId: string
  readonly premiseGroup: number
  /** Whether the import declared it as held out; else its premise's place does. */
  readonly declared: boolean
  readonly metadata: Pair['metadata']
  /** Name of the imported file. */
  readonly source: string
  readonly score: number
  readonly low: number
  readonly high: number
  /** Mean of the current scores, 0–1. */
  readonly target: number
  /** How many current scores there are, at least 1. */
  readonly ratings: number
}

export interface JudgedPairsRepository {
  /**
   * The held-out pairs with a prediction of the run and a current score among the next `limit` predictions whose pair
   * sorts after `after` (empty: from the first). `last` is where to go on, or null at the end.
   */
  page(
    wanted: { runId: string; holdoutShare: number },
    after: string,
    limit: number,
  ): { rows: StoredJudgedPair[]; last: string | null }
}

const pageRow = z.object({
  pairId: z.string(),
  premise: z.string(),
  hypothesis: z.string(),
  premiseGroup: z.number().int(),
  declared: z.number(),
  metadata: z.string(),
  source: z.string(),
  score: z.number(),
  low: z.number(),
  high: z.number(),
  target: z.number(),
  ratings: z.number().int(),
})

/** Predictions of the holdout beside the labels of the same pairs. */
export function createJudgedPairsRepository(
  database: Database.Database,
  consensus: ConsensusRepository,
): JudgedPairsRepository {
  const selectLast = database.prepare<[string, number], { last: string | null }>(
    'SELECT MAX(pair_id) AS last FROM (SELECT pair_id FROM prediction WHERE pair_id > ? ORDER BY pair_id LIMIT ?)',
  )
  // CROSS JOIN keeps SQLite on the span of predictions: it must not begin with the imports.
  const selectPage = consensus.following((consensusSql) =>
    database.prepare<{ runId: string; holdoutShare: number; after: string; last: string }>(`
    SELECT pair.id AS pairId, pair.premise, pair.hypothesis, pair.premise_group AS premiseGroup,
      pair.declared_split IS NOT NULL AS declared, pair.metadata, source.file_name AS source,
      said.score, said.low, said.high, ${consensusSql} AS target, COUNT(rating.score) AS ratings
    FROM prediction AS said
    CROSS JOIN pair ON pair.id = said.pair_id
    CROSS JOIN import AS source ON source.id = pair.import_id AND source.finished_at IS NOT NULL
    CROSS JOIN counted_rating AS rating ON rating.pair_id = pair.id AND rating.score IS NOT NULL
    WHERE said.pair_id > @after AND said.pair_id <= @last AND said.run_id = @runId
      AND ${effectiveSplitSql('pair')} = 'holdout'
    GROUP BY pair.id
    ORDER BY pair.id
  `),
  )

  return {
    page(wanted, after, limit) {
      const last = selectLast.get(after, limit)?.last ?? null
      if (last === null) return { rows: [], last }
      const rows = selectPage()
        .all({ ...wanted, after, last })
        .map((raw) => {
          const { metadata: text, declared, ...rest } = pageRow.parse(raw)
          return { ...rest, declared: declared === 1, metadata: metadata.parse(JSON.parse(text)) }
        })
      return { rows, last }
    },
  }
}
