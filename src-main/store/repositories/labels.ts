import type Database from 'better-sqlite3'
import { z } from 'zod'
import { split, type Split } from '#shared/domain/pair.ts'
import type { ConsensusRepository } from './consensus.ts'

/** What people have said of a pair so far, as one number. */
interface Label {
  /** By the project's rule, 0–1; the adjudicated score where there is one. */
  readonly consensus: number
  /** How many current scores there are; 0 where there is an adjudicated score alone. */
  readonly count: number
  /** Standard deviation (n−1) of the current scores; null under two. */
  readonly deviation: number | null
}

/** How many present ratings of a pair carry the label of a class. */
export interface ClassCount {
  readonly name: string
  readonly count: number
}

/** A pair as training sees it: where it belongs and its label, null where nobody has scored it. */
export interface LabelRow {
  readonly pairId: string
  readonly premiseGroup: number
  readonly declaredSplit: Split | null
  readonly label: Label | null
  /** The class labels of the present ratings, by name; empty where the pair has none. */
  readonly classCounts: readonly ClassCount[]
}

/** The two texts of a pair, and the id the outside world knows it by. */
export interface StoredTexts extends PairTexts {
  readonly externalId: string | null
}

/** The two texts of a pair. */
export interface PairTexts {
  readonly premise: string
  readonly hypothesis: string
}

export interface LabelsRepository {
  /** Up to `limit` pairs whose id sorts after `after` (empty: from the first), in the order of their ids. */
  page(after: string, limit: number): LabelRow[]
  /** One list per pair in the span (after, last] that at least two raters have scored: each rater's mean current score. */
  raterScores(span: { after: string; last: string }): number[][]
  /** The texts of the given pairs, in their order. Meant for a few thousand ids at a time. */
  texts(pairIds: readonly string[]): StoredTexts[]
  countPairs(): number
  /** One pair's score by the project's rule; null where nobody has scored it. */
  consensus(pairId: string): { score: number; adjudicated: boolean } | null
}

const pageRow = z.object({
  pairId: z.string(),
  premiseGroup: z.number().int(),
  declaredSplit: split.nullable(),
  count: z.number().int(),
  consensus: z.number().nullable(),
  mean: z.number().nullable(),
  squares: z.number().nullable(),
})

function toLabel(row: z.infer<typeof pageRow>): Label | null {
  const { count, consensus, mean, squares } = row
  if (consensus === null) return null
  const variance =
    count < 2 || mean === null || squares === null
      ? null
      : // Rounding can leave a sum of squares a hair below n·mean².
        Math.max(0, squares - count * mean * mean) / (count - 1)
  return { consensus, count, deviation: variance === null ? null : Math.sqrt(variance) }
}

/** Labels of pairs: consensus over the current scores that count; can't-judge counts for nothing. */
export function createLabelsRepository(
  database: Database.Database,
  consensus: ConsensusRepository,
): LabelsRepository {
  const pageStatement = consensus.following((consensusSql) =>
    database.prepare<{ after: string; limit: number }>(`
      SELECT pair.id AS pairId, pair.premise_group AS premiseGroup, pair.declared_split AS declaredSplit,
        COUNT(rating.score) AS count, ${consensusSql} AS consensus, AVG(rating.score) AS mean,
        SUM(rating.score * rating.score) AS squares
      FROM (
        SELECT id, premise_group, declared_split FROM current_pair WHERE id > @after ORDER BY id LIMIT @limit
      ) AS pair
      LEFT JOIN counted_rating AS rating ON rating.pair_id = pair.id AND rating.score IS NOT NULL
      GROUP BY pair.id
      ORDER BY pair.id
    `),
  )
  const anyClassStatement = database.prepare('SELECT 1 FROM rating WHERE label IS NOT NULL LIMIT 1')
  const classesStatement = database.prepare<{ after: string; last: string }>(`
    SELECT pair_id AS pairId, label AS name, COUNT(*) AS count
    FROM counted_rating
    WHERE pair_id > @after AND pair_id <= @last AND +label IS NOT NULL
    GROUP BY pair_id, label
    ORDER BY pair_id, label
  `)
  const classesRow = z.object({ pairId: z.string(), name: z.string(), count: z.number().int() })
  const raterScoresStatement = database.prepare<{ after: string; last: string }>(`
    SELECT pair_id AS pairId, AVG(score) AS score
    FROM counted_rating
    WHERE pair_id > @after AND pair_id <= @last AND score IS NOT NULL
      AND EXISTS (SELECT 1 FROM current_pair WHERE current_pair.id = counted_rating.pair_id)
    GROUP BY pair_id, rater_id
    ORDER BY pair_id, rater_id
  `)
  const raterScoresRow = z.object({ pairId: z.string(), score: z.number() })
  const textsStatement = database.prepare<[string]>(`
    SELECT pair.external_id AS externalId, pair.premise, pair.hypothesis
    FROM json_each(?) AS wanted JOIN pair ON pair.id = wanted.value
    ORDER BY wanted.key
  `)
  const textsRow = z.object({
    externalId: z.string().nullable(),
    premise: z.string(),
    hypothesis: z.string(),
  })
  const consensusStatement = consensus.following((consensusSql) =>
    database.prepare<[string], { score: number | null; adjudicated: number }>(`
      SELECT ${consensusSql} AS score,
        EXISTS (
          SELECT 1 FROM settled_pair WHERE settled_pair.pair_id = pair.id AND kind = 'adjudicated'
        ) AS adjudicated
      FROM pair
      LEFT JOIN counted_rating AS rating ON rating.pair_id = pair.id AND rating.score IS NOT NULL
      WHERE pair.id = ? GROUP BY pair.id
    `),
  )
  const countStatement = database.prepare<[], number>('SELECT COUNT(*) FROM current_pair').pluck()

  /** The class labels of the pairs in the span (after, last]. Most projects have none, and then nothing is read. */
  const classCounts = (span: { after: string; last: string }): Map<string, ClassCount[]> => {
    const counts = new Map<string, ClassCount[]>()
    if (anyClassStatement.get() === undefined) return counts
    for (const raw of classesStatement.iterate(span)) {
      const { pairId, name, count } = classesRow.parse(raw)
      const known = counts.get(pairId)
      if (known === undefined) counts.set(pairId, [{ name, count }])
      else known.push({ name, count })
    }
    return counts
  }

  return {
    page(after, limit) {
      const rows = pageStatement()
        .all({ after, limit })
        .map((raw) => pageRow.parse(raw))
      const last = rows.at(-1)
      if (last === undefined) return []
      const counts = classCounts({ after, last: last.pairId })
      return rows.map((row) => {
        const { pairId, premiseGroup, declaredSplit } = row
        const classes = counts.get(pairId) ?? []
        return { pairId, premiseGroup, declaredSplit, label: toLabel(row), classCounts: classes }
      })
    },
    raterScores(span) {
      const lists: number[][] = []
      let present = ''
      for (const raw of raterScoresStatement.iterate(span)) {
        const { pairId, score } = raterScoresRow.parse(raw)
        if (pairId === present) lists.at(-1)?.push(score)
        else lists.push([score])
        present = pairId
      }
      return lists.filter((scores) => scores.length >= 2)
    },
    texts: (pairIds) => textsStatement.all(JSON.stringify(pairIds)).map((raw) => textsRow.parse(raw)),
    consensus(pairId) {
      const found = consensusStatement().get(pairId)
      return found === undefined || found.score === null
        ? null
        : { score: found.score, adjudicated: found.adjudicated === 1 }
    },
    countPairs: () => countStatement.get() ?? 0,
  }
}
