import type Database from 'better-sqlite3'
import { z } from 'zod'
import { decisionKind } from '#shared/domain/decision.ts'
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
  /** The version of these texts, from 1 on. */
  textVersion: z.number().int(),
  /** The decision that holds; null without one. */
  settled: z.enum(['adjudicated', 'ambiguous']).nullable(),
  adjudicatedScore: z.number().nullable(),
})
type ExportedPair = z.infer<typeof exportedPair>

const exportedRating = z.object({
  id: z.string(),
  pairId: z.string(),
  raterId: z.string(),
  rater: z.string(),
  kind: z.enum(['score', 'range', 'cannot-judge', 'retraction']),
  score: z.number().nullable(),
  rawPosition: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  reason: z.string().nullable(),
  note: z.string().nullable(),
  confidence: z.number().nullable(),
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
  retests: z.string().nullable(),
  pairVersion: z.number().int(),
  label: z.string().nullable(),
  labelScored: z.number().nullable(),
  createdAt: z.string(),
  /** 1 where no later row takes its place. */
  last: z.number(),
  /** 1 where its rater is not set aside. */
  raterCounts: z.number(),
})
/**
 * One row of the append-only table; `current` where it is its rater's standing answer, `counted` where that counts
 * towards the consensus.
 */
interface ExportedRating extends Omit<
  z.infer<typeof exportedRating>,
  'last' | 'labelScored' | 'raterCounts'
> {
  /** The score is that of the label; null without a label. */
  readonly scoreFromLabel: boolean | null
  readonly current: boolean
  readonly counted: boolean
}

const exportedDispute = z.object({
  id: z.string(),
  pairId: z.string(),
  externalId: z.string().nullable(),
  premise: z.string(),
  hypothesis: z.string(),
  rater: z.string(),
  target: z.enum(['rating', 'prediction', 'consensus', 'gold']),
  /** Whose score is objected to: a rater's name, "model", "consensus" or "gold". */
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

const namedPair = {
  pairId: z.string(),
  externalId: z.string().nullable(),
  premise: z.string(),
  hypothesis: z.string(),
}

const exportedDecision = z.object({
  ...namedPair,
  id: z.string(),
  kind: decisionKind,
  score: z.number().nullable(),
  askedRater: z.string().nullable(),
  decidedBy: z.string(),
  reason: z.string(),
  createdAt: z.string(),
})
type ExportedDecision = z.infer<typeof exportedDecision>

const exportedGold = z.object({
  ...namedPair,
  score: z.number(),
  tolerance: z.number(),
  explanation: z.string(),
})
type ExportedGold = z.infer<typeof exportedGold>

/** A text that a pair had before it was fixed. */
const exportedText = z.object({ ...namedPair, version: z.number().int(), replacedAt: z.string() })
type ExportedText = z.infer<typeof exportedText>

/** The project as it was at one moment: what comes later is not in it. Ids sort in the order of making. */
interface ExportMoment {
  readonly lastPair: string
  readonly lastRating: string
  readonly lastDispute: string
  readonly lastDecision: string
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
  /**
   * Up to `limit` pairs outside the bin after the pair `after` (empty: from the first), in the order they came into the
   * project.
   */
  pairs(moment: ExportMoment, after: string, limit: number, holdoutShare: number): ExportedPairWithRatings[]
  disputes(moment: ExportMoment, after: string, limit: number): ExportedDispute[]
  decisions(moment: ExportMoment, after: string, limit: number): ExportedDecision[]
  /** Gold pairs and earlier texts outside the bin; both are made by hand, so they fit into memory. */
  gold(): ExportedGold[]
  earlierTexts(): ExportedText[]
  /** Every metadata name of any pair, sorted. */
  metadataNames(moment: ExportMoment): string[]
}

/** What the dataset export reads, page by page, so that ratings go on meanwhile. */
export function createExportRowsRepository(database: Database.Database): ExportRowsRepository {
  const finished = (alias: string): string =>
    `EXISTS (SELECT 1 FROM import WHERE import.id = ${alias}.import_id AND import.finished_at IS NOT NULL)`
  /** As the views binned_pair and settled_pair have it, at that moment. */
  const lastDecision = (kinds: string): string => `(
    SELECT decision.kind, decision.score FROM decision
    WHERE decision.pair_id = pair.id AND decision.kind IN (${kinds}) AND decision.id <= @lastDecision
    ORDER BY decision.id DESC LIMIT 1
  )`
  const selectMoment = database.prepare(`
    SELECT COALESCE((SELECT MAX(id) FROM pair), '') AS lastPair,
      COALESCE((SELECT MAX(id) FROM rating), '') AS lastRating,
      COALESCE((SELECT MAX(id) FROM dispute), '') AS lastDispute,
      COALESCE((SELECT MAX(id) FROM decision), '') AS lastDecision,
      (SELECT COUNT(*) FROM current_pair) AS pairs
  `)
  const selectPairs = database.prepare<Record<string, string | number>>(`
    SELECT pair.id, pair.external_id AS externalId, pair.premise, pair.hypothesis,
      ${effectiveSplitSql('pair')} AS split, pair.declared_split AS declaredSplit, pair.metadata,
      (SELECT COALESCE(MAX(version), 0) + 1 FROM pair_text WHERE pair_text.pair_id = pair.id) AS textVersion,
      (SELECT NULLIF(kind, 'reopened') FROM ${lastDecision("'adjudicated', 'ambiguous', 'reopened'")}) AS settled,
      (SELECT score FROM ${lastDecision("'adjudicated', 'ambiguous', 'reopened'")}) AS adjudicatedScore
    FROM pair WHERE pair.id > @after AND pair.id <= @lastPair AND ${finished('pair')}
      AND COALESCE((SELECT kind FROM ${lastDecision("'binned', 'restored'")}), '') <> 'binned'
    ORDER BY pair.id LIMIT @limit
  `)
  const selectRatings = database.prepare<Record<string, string>>(`
    SELECT rating.id, rating.pair_id AS pairId, rating.rater_id AS raterId, rater.name AS rater, rating.kind,
      rating.score, rating.raw_position AS rawPosition, rating.low, rating.high, rating.reason, rating.note,
      rating.confidence, rating.retests, rating.pair_version AS pairVersion,
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
      ) AS last,
      rating.rater_id NOT IN (SELECT rater_id FROM set_aside_rater) AS raterCounts
    FROM rating JOIN rater ON rater.id = rating.rater_id
    WHERE rating.pair_id >= @first AND rating.pair_id <= @last AND rating.id <= @lastRating
      AND (rating.import_id IS NULL OR ${finished('rating')})
    ORDER BY rating.pair_id, rating.id
  `)
  const selectDisputes = database.prepare<Record<string, string | number>>(`
    SELECT dispute.id, dispute.pair_id AS pairId, pair.external_id AS externalId, pair.premise, pair.hypothesis,
      rater.name AS rater, dispute.target_kind AS target,
      COALESCE(other.name, CASE dispute.target_kind WHEN 'prediction' THEN 'model' ELSE dispute.target_kind END)
        AS against,
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
  const named = 'pair.external_id AS externalId, pair.premise, pair.hypothesis'
  const selectDecisions = database.prepare<Record<string, string | number>>(`
    SELECT decision.id, decision.pair_id AS pairId, ${named}, decision.kind, decision.score, asked.name AS askedRater,
      decider.name AS decidedBy, decision.reason, decision.created_at AS createdAt
    FROM decision
    JOIN pair ON pair.id = decision.pair_id
    JOIN rater AS decider ON decider.id = decision.decided_by
    LEFT JOIN rater AS asked ON asked.id = decision.asked_rater_id
    WHERE decision.id > @after AND decision.id <= @lastDecision
    ORDER BY decision.id LIMIT @limit
  `)
  const selectGold = database.prepare(`
    SELECT gold.pair_id AS pairId, ${named}, gold.score, gold.tolerance, gold.explanation
    FROM gold JOIN current_pair AS pair ON pair.id = gold.pair_id ORDER BY gold.pair_id
  `)
  const selectTexts = database.prepare(`
    SELECT pair_text.pair_id AS pairId, pair.external_id AS externalId, pair_text.version, pair_text.premise,
      pair_text.hypothesis, pair_text.replaced_at AS replacedAt
    FROM pair_text JOIN current_pair AS pair ON pair.id = pair_text.pair_id
    ORDER BY pair_text.pair_id, pair_text.version
  `)
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
    lastDecision: z.string(),
    pairs: z.number(),
  })
  const withMetadata = z.looseObject({ metadata: z.string() })

  const toPair = (raw: unknown): ExportedPair => {
    const row = withMetadata.parse(raw)
    return exportedPair.parse({ ...row, metadata: JSON.parse(row.metadata) as unknown })
  }
  const toRating = (raw: unknown): ExportedRating => {
    const { last, labelScored, raterCounts, ...row } = exportedRating.parse(raw)
    const scoreFromLabel = row.label === null ? null : labelScored === 1
    const current = last === 1 && row.kind !== 'retraction'
    return { ...row, scoreFromLabel, current, counted: current && raterCounts === 1 }
  }

  return {
    moment: () => moment.parse(selectMoment.get()),
    pairs({ lastPair, lastRating, lastDecision }, after, limit, holdoutShare) {
      const pairs = selectPairs.all({ after, lastPair, lastDecision, limit, holdoutShare }).map(toPair)
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
    decisions: ({ lastDecision }, after, limit) =>
      selectDecisions.all({ after, lastDecision, limit }).map((raw) => exportedDecision.parse(raw)),
    gold: () => selectGold.all().map((raw) => exportedGold.parse(raw)),
    earlierTexts: () => selectTexts.all().map((raw) => exportedText.parse(raw)),
    metadataNames: ({ lastPair }) => z.array(z.string()).parse(selectMetadataNames.all(lastPair)),
  }
}
