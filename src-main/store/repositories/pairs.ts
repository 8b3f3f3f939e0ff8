import type Database from 'better-sqlite3'
import { z } from 'zod'
import { metadata, pair, type Pair, type Split } from '#shared/domain/pair.ts'
import { effectiveSplit } from '../splits.ts'
import type { ConsensusRepository } from './consensus.ts'

/** A pair with where it stands and what people and the model say of it. */
export interface PairSummary extends Pair {
  /** Declared, or by the place of its premise. */
  readonly split: Split
  readonly ratings: number
  readonly cannotJudge: number
  /** By the project's rule; null without a score. */
  readonly consensus: number | null
  /** Standard deviation (n−1) of the present scores; null under two. */
  readonly disagreement: number | null
  /** What the latest finished run says; null without one. */
  readonly predicted: number | null
  /** The decision that holds; null without one. */
  readonly settled: 'adjudicated' | 'ambiguous' | null
  /** Its right score is known. */
  readonly gold: boolean
}

export type PairOrder = 'added' | 'consensus' | 'disagreement' | 'ratings' | 'predicted'

/** A pair by its place in the file (for compact lists in memory) and its id. */
export interface PairKey {
  readonly place: number
  readonly id: string
}

/** Which pairs a list has, and what it is sorted by. */
export interface PairFilter {
  /** Part of premise, hypothesis or external id, whatever its case; empty for all. */
  readonly search: string
  readonly order: PairOrder
  /** Whose predictions sort it. */
  readonly runId: string | null
}

/** A pair by its place, with the value it is sorted by; null where it has none. */
export interface PlacedValue {
  readonly place: number
  readonly value: number | null
}

export interface PairsRepository {
  byId(pairId: string): Pair | null
  byPlace(place: number): Pair | null
  /** By the id the outside world knows it by. */
  byExternalId(externalId: string): Pair | null
  place(pairId: string): number | null
  /** The next pairs in the order of their places after `after` (0: from the first), at most `limit`. */
  keys(after: number, limit: number): PairKey[]
  /**
   * Pairs a rater has answered, can't-judge included, by the ids of the answers after `after`, at most `limit`. `isScore`:
   * with a score, and not by an import.
   */
  answered(
    raterId: string,
    after: string,
    limit: number,
  ): { ratingId: string; pairId: string; place: number; isScore: boolean }[]
  /** The greatest place of all pairs; 0 without one. */
  lastPlace(): number
  /** The pairs that fit among the places in the span (after, last], each with what the list is sorted by. */
  values(wanted: PairFilter, span: { after: number; last: number }): PlacedValue[]
  /** Ids of the pairs whose premise, hypothesis or external id holds a text, whatever its case, among the places in the span. */
  holding(search: string, span: { after: number; last: number }): string[]
  /** The pairs at these places, in their order. */
  summaries(places: readonly number[], options: { holdoutShare: number; runId: string | null }): PairSummary[]
}

const pairColumns = `
  pair.id, pair.external_id AS externalId, pair.premise, pair.hypothesis, pair.declared_split AS declaredSplit,
  pair.metadata`
const pairRow = pair.extend({ metadata: z.string() })
const summaryRow = pairRow.extend({
  premiseGroup: z.number().int(),
  ratings: z.number().int(),
  cannotJudge: z.number().int(),
  consensus: z.number().nullable(),
  mean: z.number().nullable(),
  squares: z.number().nullable(),
  predicted: z.number().nullable(),
  settled: z.enum(['adjudicated', 'ambiguous']).nullable(),
  gold: z.number().transform((flag) => flag === 1),
})

function parseOne(raw: unknown): Pair | null {
  if (raw === undefined) return null
  const { metadata: text, ...rest } = pairRow.parse(raw)
  return { ...rest, metadata: metadata.parse(JSON.parse(text)) }
}

/** Sample standard deviation from a count, a mean and a sum of squares. */
function sampleDeviation(count: number, mean: number | null, squares: number | null): number | null {
  if (count < 2 || mean === null || squares === null) return null
  // Rounding can leave the sum of squares a hair below n·mean².
  return Math.sqrt(Math.max(0, squares - count * mean * mean) / (count - 1))
}

/** SQL for what a list is sorted by, none for the order in which pairs were added. */
function sortedBy(order: PairOrder, consensus: string): string {
  const ofRatings = (expression: string): string =>
    `(SELECT ${expression} FROM counted_rating AS rating WHERE rating.pair_id = pair.id)`
  switch (order) {
    case 'added':
      return 'NULL'
    case 'consensus':
      return ofRatings(consensus)
    case 'disagreement':
      // The same order as the standard deviation, without its root.
      return ofRatings(
        `CASE WHEN COUNT(score) > 1
           THEN (SUM(score * score) - SUM(score) * AVG(score)) / (COUNT(score) - 1) END`,
      )
    case 'ratings':
      return ofRatings('COUNT(score)')
    case 'predicted':
      return `(SELECT score FROM prediction WHERE prediction.pair_id = pair.id AND prediction.run_id = @runId)`
  }
}

function isAscii(text: string): boolean {
  return /^[\0-\x7F]*$/.test(text)
}

/** LIKE knows only ASCII's cases: other letters are let through here and judged by `holds_text`. */
function likePattern(search: string): string {
  const escaped = search.replace(/[\\%_]/g, '\\$&').replace(/[^\0-\x7F]+/g, '%')
  return `%${escaped}%`
}

/** Single pairs, and the Data view's list of them. */
export function createPairsRepository(
  database: Database.Database,
  consensus: ConsensusRepository,
): PairsRepository {
  database.function('holds_text', { deterministic: true }, (text: unknown, part: unknown) =>
    typeof text === 'string' && typeof part === 'string' && text.toLowerCase().includes(part) ? 1 : 0,
  )
  // As the view current_pair has it, which has no places. The plus keeps SQLite from gathering pairs by import.
  const isCurrent =
    '+import_id IN (SELECT id FROM finished_import) AND id NOT IN (SELECT pair_id FROM binned_pair)'
  const selectById = database.prepare<[string]>(
    `SELECT ${pairColumns} FROM current_pair AS pair WHERE id = ?`,
  )
  const selectByExternalId = database.prepare<[string]>(
    `SELECT ${pairColumns} FROM current_pair AS pair WHERE external_id = ?`,
  )
  const selectByPlace = database.prepare<[number]>(
    `SELECT ${pairColumns} FROM pair WHERE rowid = ? AND ${isCurrent}`,
  )
  const selectPlace = database.prepare<[string], { place: number }>(
    `SELECT rowid AS place FROM pair WHERE id = ? AND ${isCurrent}`,
  )
  const selectKeys = database.prepare<[number, number], PairKey>(`
    SELECT rowid AS place, id FROM pair
    WHERE rowid > ? AND ${isCurrent} ORDER BY rowid LIMIT ?
  `)
  const selectAnswered = database.prepare<
    [string, string, number],
    { ratingId: string; pairId: string; place: number; isScore: number }
  >(`
    SELECT rating.id AS ratingId, pair.id AS pairId, pair.rowid AS place, 
      -- An imported score was given elsewhere, nobody knows how: repeating it would tell nothing.
      rating.score IS NOT NULL AND rating.import_id IS NULL AS isScore
    FROM current_rating AS rating JOIN pair ON pair.id = rating.pair_id
    WHERE rating.rater_id = ? AND rating.id > ? ORDER BY rating.id LIMIT ?
  `)
  const fits = (column: string): string =>
    `(${column} LIKE @pattern ESCAPE '\\' AND (@part = '' OR holds_text(${column}, @part)))`
  const holdsSearch = `(${['premise', 'hypothesis', 'external_id'].map(fits).join(' OR ')})`
  // Only letters beyond ASCII need the second look.
  const searchValues = (search: string): { pattern: string; part: string } => ({
    pattern: likePattern(search),
    part: isAscii(search) ? '' : search.toLowerCase(),
  })
  const selectHolding = database
    .prepare<{ after: number; last: number; pattern: string; part: string }, string>(
      `SELECT id FROM pair WHERE rowid > @after AND rowid <= @last AND ${isCurrent} AND ${holdsSearch}`,
    )
    .pluck()
  const valuesStatement = (
    order: PairOrder,
    searching: boolean,
    consensusSql: string,
  ): Database.Statement<Record<string, string | number | null>, PlacedValue> => {
    return database.prepare<Record<string, string | number | null>, PlacedValue>(`
      SELECT pair.rowid AS place, ${sortedBy(order, consensusSql)} AS value FROM pair
      WHERE pair.rowid > @after AND pair.rowid <= @last
        AND ${isCurrent}
        ${searching ? `AND ${holdsSearch}` : ''}
    `)
  }
  const valuesStatements = new Map<string, () => ReturnType<typeof valuesStatement>>()
  const selectLastPlace = database.prepare<[], number | null>('SELECT MAX(rowid) FROM pair').pluck()
  const selectSummaries = consensus.following((consensusSql) =>
    database.prepare<{ places: string; runId: string | null }>(`
      SELECT ${pairColumns}, pair.premise_group AS premiseGroup,
        COUNT(rating.score) AS ratings, COUNT(rating.id) - COUNT(rating.score) AS cannotJudge,
        ${consensusSql} AS consensus, AVG(rating.score) AS mean, SUM(rating.score * rating.score) AS squares,
        (SELECT score FROM prediction WHERE prediction.pair_id = pair.id AND prediction.run_id = @runId) AS predicted,
        (SELECT kind FROM settled_pair WHERE settled_pair.pair_id = pair.id) AS settled,
        EXISTS (SELECT 1 FROM gold WHERE gold.pair_id = pair.id) AS gold
      FROM json_each(@places) AS wanted
      JOIN pair ON pair.rowid = wanted.value
      LEFT JOIN counted_rating AS rating ON rating.pair_id = pair.id
      GROUP BY wanted.key
      ORDER BY wanted.key
    `),
  )

  return {
    byId: (pairId) => parseOne(selectById.get(pairId)),
    byPlace: (place) => parseOne(selectByPlace.get(place)),
    byExternalId: (externalId) => parseOne(selectByExternalId.get(externalId)),
    place: (pairId) => selectPlace.get(pairId)?.place ?? null,
    keys: (after, limit) => selectKeys.all(after, limit),
    answered: (raterId, after, limit) =>
      selectAnswered.all(raterId, after, limit).map((row) => ({ ...row, isScore: row.isScore === 1 })),
    lastPlace: () => selectLastPlace.get() ?? 0,
    values({ search, order, runId }, span) {
      const searching = search !== ''
      const name = `${order} ${searching}`
      const statement =
        valuesStatements.get(name) ??
        consensus.following((consensusSql) => valuesStatement(order, searching, consensusSql))
      valuesStatements.set(name, statement)
      return statement().all({
        ...span,
        ...(order === 'predicted' ? { runId } : {}),
        ...(searching ? searchValues(search) : {}),
      })
    },
    holding: (search, span) => selectHolding.all({ ...span, ...searchValues(search) }),
    summaries: (places, { holdoutShare, runId }) =>
      selectSummaries()
        .all({ places: JSON.stringify(places), runId })
        .map((raw) => {
          const { premiseGroup, mean, squares, ...rest } = summaryRow.parse(raw)
          return {
            ...rest,
            metadata: metadata.parse(JSON.parse(rest.metadata)),
            split: effectiveSplit({ declaredSplit: rest.declaredSplit, premiseGroup }, holdoutShare),
            disagreement: sampleDeviation(rest.ratings, mean, squares),
          }
        }),
  }
}
