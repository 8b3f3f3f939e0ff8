import type Database from 'better-sqlite3'
import { z } from 'zod'
import { metadata, split } from '#shared/domain/pair.ts'
import { effectiveSplitSql } from '../splits.ts'

const exportedPair = z.object({
  id: z.string(),
  externalId: z.string().nullable(),
  premise: z.string(),
  hypothesis: z.string(),
  /** Declared, else by the stable hash of the premise group. */
  split,
  declaredSplit: split.nullable(),
  metadata,
})
type ExportedPair = z.infer<typeof exportedPair>

const exportedRating = z.object({
  id: z.string(),
  pairId: z.string(),
  rater: z.string(),
  kind: z.enum(['score', 'range', 'cannot-judge', 'retraction']),
  score: z.number().nullable(),
  rawPosition: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  reason: z.string().nullable(),
  note: z.string().nullable(),
  scaleKind: z.string(),
  timeToFirstTouch: z.number().nullable(),
  timeToCommit: z.number().nullable(),
  changeCount: z.number().nullable(),
  orderShown: z.number().nullable(),
  shownBecause: z.string().nullable(),
  guidelineVersion: z.number(),
  passNumber: z.number(),
  source: z.string(),
  supersedes: z.string().nullable(),
  restates: z.string().nullable(),
  label: z.string().nullable(),
  labelScored: z.number().nullable(),
  createdAt: z.string(),
  /** 1 where no later row takes its place. */
  last: z.number(),
})
/** One row of the append-only table; `current` where it is its rater's standing answer. */
interface ExportedRating extends Omit<z.infer<typeof exportedRating>, 'last' | 'labelScored'> {
  /** The score is that of the label; null without a label. */
  readonly scoreFromLabel: boolean | null
  readonly current: boolean
}

const exportedDispute = z.object({
  id: z.string(),
  pairId: z.string(),
  externalId: z.string().nullable(),
  premise: z.string(),
  hypothesis: z.string(),
  rater: z.string(),
  target: z.enum(['rating', 'prediction']),
  /** Whose score is objected to: a rater's name, or "model". */
  against: z.string(),
  targetRatingId: z.string().nullable(),
  targetRunNumber: z.number().nullable(),
  disputedScore: z.number(),
  ownRatingId: z.string(),
  ownScore: z.number().nullable(),
  reason: z.string(),
  createdAt: z.string(),
})
type ExportedDispute = z.infer<typeof exportedDispute>

const exportedGuideline = z.object({ version: z.number(), text: z.string(), createdAt: z.string() })
type ExportedGuideline = z.infer<typeof exportedGuideline>

/** The project as it was at one moment: what comes later is not in it. Ids sort in the order of making. */
interface ExportMoment {
  readonly lastPair: string
  readonly lastRating: string
  readonly lastDispute: string
  readonly pairs: number
}

/** A pair with every row that was ever said of it: standing answers first, each group in the order of making. */
export interface ExportedPairWithRatings {
  readonly pair: ExportedPair
  readonly ratings: readonly ExportedRating[]
}

export interface ExportRowsRepository {
  /** Fixes the moment that the other methods show. */
  moment(): ExportMoment
  /** Up to `limit` pairs after the pair `after` (empty: from the first), in the order they came into the project. */
  pairs(moment: ExportMoment, after: string, limit: number, holdoutShare: number): ExportedPairWithRatings[]
  disputes(moment: ExportMoment, after: string, limit: number): ExportedDispute[]
  guidelines(): ExportedGuideline[]
  /** Every metadata name of any pair, sorted. */
  metadataNames(moment: ExportMoment): string[]
}

/** What the dataset export reads, page by page, so that ratings go on meanwhile. */
export function createExportRowsRepository(database: Database.Database): ExportRowsRepository {
  const finished = (alias: string): string =>
    `EXISTS (SELECT 1 FROM import WHERE import.id = ${alias}.import_id AND import.finished_at IS NOT NULL)`
  const selectMoment = database.prepare(`
    SELECT COALESCE((SELECT MAX(id) FROM pair), '') AS lastPair,
      COALESCE((SELECT MAX(id) FROM rating), '') AS lastRating,
      COALESCE((SELECT MAX(id) FROM dispute), '') AS lastDispute,
      (SELECT COUNT(*) FROM current_pair) AS pairs
  `)
  const selectPairs = database.prepare<Record<string, string | number>>(`
    SELECT pair.id, pair.external_id AS externalId, pair.premise, pair.hypothesis,
      ${effectiveSplitSql('pair')} AS split, pair.declared_split AS declaredSplit, pair.metadata
    FROM pair WHERE pair.id > @after AND pair.id <= @lastPair AND ${finished('pair')}
    ORDER BY pair.id LIMIT @limit
  `)
  const selectRatings = database.prepare<Record<string, string>>(`
    SELECT rating.id, rating.pair_id AS pairId, rater.name AS rater, rating.kind, rating.score,
      rating.raw_position AS rawPosition, rating.low, rating.high, rating.reason, rating.note,
      rating.scale_kind AS scaleKind, rating.time_to_first_touch AS timeToFirstTouch,
      rating.time_to_commit AS timeToCommit, rating.change_count AS changeCount, rating.order_shown AS orderShown,
      rating.shown_because AS shownBecause, rating.guideline_version AS guidelineVersion,
      rating.pass_number AS passNumber, rating.source, rating.supersedes, rating.restates,
      rating.label, rating.label_scored AS labelScored, rating.created_at AS createdAt,
      -- As the view current_rating has it, at that moment.
      rating.retests IS NULL AND NOT EXISTS (
        SELECT 1 FROM rating AS later WHERE later.supersedes = rating.id AND later.id <= @lastRating
      ) AND NOT EXISTS (
        SELECT 1 FROM rating AS later
        WHERE later.pair_id = rating.pair_id AND later.rater_id = rating.rater_id AND later.id > rating.id
          AND later.source <> 'import' AND later.retests IS NULL AND later.id <= @lastRating
      ) AND NOT EXISTS (
        SELECT 1 FROM pair_text
        WHERE pair_text.pair_id = rating.pair_id AND pair_text.version >= rating.pair_version
      ) AS last
    FROM rating JOIN rater ON rater.id = rating.rater_id
    WHERE rating.pair_id >= @first AND rating.pair_id <= @last AND rating.id <= @lastRating
      AND (rating.import_id IS NULL OR ${finished('rating')})
    ORDER BY rating.pair_id, rating.id
  `)
  const selectDisputes = database.prepare<Record<string, string | number>>(`
    SELECT dispute.id, dispute.pair_id AS pairId, pair.external_id AS externalId, pair.premise, pair.hypothesis,
      rater.name AS rater, dispute.target_kind AS target, COALESCE(other.name, 'model') AS against,
      dispute.target_rating_id AS targetRatingId, run.number AS targetRunNumber,
      dispute.disputed_score AS disputedScore, dispute.own_rating_id AS ownRatingId, own.score AS ownScore,
      dispute.reason, dispute.created_at AS createdAt
    FROM dispute
    JOIN pair ON pair.id = dispute.pair_id
    JOIN rater ON rater.id = dispute.rater_id
    JOIN rating AS own ON own.id = dispute.own_rating_id
    LEFT JOIN rating AS target ON target.id = dispute.target_rating_id
    LEFT JOIN rater AS other ON other.id = target.rater_id
    LEFT JOIN run ON run.id = dispute.target_run_id
    WHERE dispute.id > @after AND dispute.id <= @lastDispute
    ORDER BY dispute.id LIMIT @limit
  `)
  const selectGuidelines = database.prepare(
    'SELECT version, text, created_at AS createdAt FROM guideline ORDER BY version',
  )
  const selectMetadataNames = database
    .prepare<[string]>(
      `
    SELECT DISTINCT key FROM current_pair, json_each(current_pair.metadata)
    WHERE current_pair.metadata <> '{}' AND current_pair.id <= ? ORDER BY key
  `,
    )
    .pluck()
  const moment = z.object({
    lastPair: z.string(),
    lastRating: z.string(),
    lastDispute: z.string(),
    pairs: z.number(),
  })
  const withMetadata = z.looseObject({ metadata: z.string() })

  const toPair = (raw: unknown): ExportedPair => {
    const row = withMetadata.parse(raw)
    return exportedPair.parse({ ...row, metadata: JSON.parse(row.metadata) as unknown })
  }
  const toRating = (raw: unknown): ExportedRating => {
    const { last, labelScored, ...row } = exportedRating.parse(raw)
    const scoreFromLabel = row.label === null ? null : labelScored === 1
    return { ...row, scoreFromLabel, current: last === 1 && row.kind !== 'retraction' }
  }

  return {
    moment: () => moment.parse(selectMoment.get()),
    pairs({ lastPair, lastRating }, after, limit, holdoutShare) {
      const pairs = selectPairs.all({ after, lastPair, limit, holdoutShare }).map(toPair)
      const [first] = pairs
      const last = pairs.at(-1)
      if (first === undefined || last === undefined) return []
      const ratings = new Map<string, ExportedRating[]>()
      for (const raw of selectRatings.all({ first: first.id, last: last.id, lastRating })) {
        const rating = toRating(raw)
        const known = ratings.get(rating.pairId)
        if (known === undefined) ratings.set(rating.pairId, [rating])
        else known.push(rating)
      }
      return pairs.map((pair) => {
        const own = ratings.get(pair.id) ?? []
        return {
          pair,
          ratings: [...own.filter(({ current }) => current), ...own.filter(({ current }) => !current)],
        }
      })
    },
    disputes: ({ lastDispute }, after, limit) =>
      selectDisputes.all({ after, lastDispute, limit }).map((raw) => exportedDispute.parse(raw)),
    guidelines: () => selectGuidelines.all().map((raw) => exportedGuideline.parse(raw)),
    metadataNames: ({ lastPair }) => z.array(z.string()).parse(selectMetadataNames.all(lastPair)),
  }
}
