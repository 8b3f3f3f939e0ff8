import type Database from 'better-sqlite3'
import { z } from 'zod'
import { ulid } from '#shared/domain/ids.ts'
import { cannotJudgeReason, confidence } from '#shared/domain/rating.ts'
import { score } from '#shared/domain/score.ts'
import type { ConsensusRepository } from './consensus.ts'

/** A pair by what may make it worth settling. */
const candidate = z.object({
  pairId: z.string(),
  /** Present scores that count, in no order. */
  scores: z.string().transform((text) => z.array(z.number()).parse(JSON.parse(text))),
  /** By the project's rule; the adjudicated score where there is one; null without either. */
  consensus: z.number().nullable(),
  /** What the run in use says; null where it says nothing of the pair. */
  predicted: z.number().nullable(),
  /** Disputes of scores that still stand, made since the pair was settled where it is. */
  disputes: z.number().int(),
  /** Settled, and nobody has rated or disputed it since. */
  settled: z.number().transform((flag) => flag === 1),
})
export type DisagreementCandidate = z.infer<typeof candidate>

const range = { low: score.nullable(), high: score.nullable() }

const answerRow = z.object({
  ratingId: ulid,
  pairId: ulid,
  pairVersion: z.number().int(),
  raterName: z.string(),
  score: score.nullable(),
  ...range,
  cannotJudge: cannotJudgeReason.nullable(),
  confidence: confidence.nullable(),
  note: z.string().nullable(),
  counts: z.number(),
  createdAt: z.string(),
})

/** A rater's answer to a pair; on an earlier text of it, their last one there. */
export interface PairAnswer extends Omit<z.infer<typeof answerRow>, 'counts' | 'low' | 'high'> {
  /** Both ends of a range answer; null otherwise. */
  readonly range: { readonly low: number; readonly high: number } | null
  /** False where the rater is set aside. */
  readonly counts: boolean
}

const disputeRow = z.object({
  id: ulid,
  pairId: ulid,
  raterName: z.string(),
  /** Whose score is objected to: a rater's name, "model", "consensus" or "gold". */
  against: z.string(),
  disputedScore: score,
  ownScore: score.nullable(),
  reason: z.string(),
  createdAt: z.string(),
  stands: z.number().transform((flag) => flag === 1),
})
export type PairDispute = z.infer<typeof disputeRow>

/** How far the project's ratings, decisions and disputes have got. */
export interface DisagreementMark {
  /** What bears on every pair: imports, the run in use, the consensus rule and its model, raters set aside, gold. */
  readonly base: string
  /** How many rows of each kind there are, and the last of them. */
  readonly counts: Readonly<Record<'rating' | 'decision' | 'dispute', number>>
  readonly last: Readonly<Record<'rating' | 'decision' | 'dispute', string>>
}

export interface DisagreementsRepository {
  mark(): DisagreementMark
  /**
   * Pairs rated, decided about or disputed since the mark; null where all must be looked at anew, since something bears on
   * every pair, or rows came that sort before the mark's (as from a merge).
   */
  touched(since: DisagreementMark): string[] | null
  /**
   * Looks at up to `limit` pairs after the pair `after` (empty: from the first), outside the bin, in the order of their
   * ids. `last` is where to go on, or null at the end; pairs that nobody has scored are left out.
   */
  page(
    runId: string | null,
    after: string,
    limit: number,
  ): { rows: DisagreementCandidate[]; last: string | null }
  /** One pair; null where it is in the bin, not in the project, or nobody has scored it. */
  ofPair(runId: string | null, pairId: string): DisagreementCandidate | null
  /** Present answers to the pairs, can't-judge and raters set aside included, by pair and name. */
  answers(pairIds: readonly string[]): PairAnswer[]
  /** What each rater last said of the earlier texts of a pair, by version and name. */
  earlierAnswers(pairId: string): PairAnswer[]
  /** All disputes about the pairs, oldest first. */
  disputes(pairIds: readonly string[]): PairDispute[]
}

/** A dispute whose own rating is of the present text and whose disputed score still stands. */
const disputeStands = `
  EXISTS (
    SELECT 1 FROM rating AS own WHERE own.id = dispute.own_rating_id AND NOT EXISTS (
      SELECT 1 FROM pair_text WHERE pair_text.pair_id = own.pair_id AND pair_text.version >= own.pair_version
    )
  ) AND CASE dispute.target_kind
    WHEN 'rating' THEN EXISTS (SELECT 1 FROM current_rating WHERE current_rating.id = dispute.target_rating_id)
    WHEN 'prediction' THEN EXISTS (
      SELECT 1 FROM prediction
      WHERE prediction.pair_id = dispute.pair_id AND prediction.run_id = dispute.target_run_id
    )
    WHEN 'gold' THEN EXISTS (SELECT 1 FROM gold WHERE gold.pair_id = dispute.pair_id)
    ELSE TRUE
  END`

const answerColumns = `
  rating.id AS ratingId, rating.pair_id AS pairId, rating.pair_version AS pairVersion, rater.name AS raterName,
  rating.score, rating.low, rating.high, rating.reason AS cannotJudge, rating.confidence, rating.note,
  rating.rater_id NOT IN (SELECT rater_id FROM set_aside_rater) AS counts, rating.created_at AS createdAt`

function toAnswer(raw: unknown): PairAnswer {
  const { low, high, counts, ...rest } = answerRow.parse(raw)
  return { ...rest, range: low === null || high === null ? null : { low, high }, counts: counts === 1 }
}

/** What pairs are disagreed on, by whom and how. */
export function createDisagreementsRepository(
  database: Database.Database,
  consensus: ConsensusRepository,
): DisagreementsRepository {
  const kinds = ['rating', 'decision', 'dispute'] as const
  const selectBase = database
    .prepare<[], string>(
      `SELECT (SELECT COUNT(*) FROM finished_import) || ' ' || COALESCE((SELECT id FROM run_in_use), '') || ' ' ||
        COALESCE((SELECT fitted_at FROM rater_model), '') || ' ' || (SELECT COUNT(*) FROM rater_decision) || ' ' ||
        (SELECT COUNT(*) FROM gold)`,
    )
    .pluck()
  const selectMarks = kinds.map((kind) => ({
    kind,
    count: database.prepare<[], number>(`SELECT COUNT(*) FROM ${kind}`).pluck(),
    last: database.prepare<[], string | null>(`SELECT MAX(id) FROM ${kind}`).pluck(),
    since: database.prepare<[string], string>(`SELECT pair_id FROM ${kind} WHERE id > ?`).pluck(),
  }))
  const selectLast = database
    .prepare<[string, number], string | null>(
      'SELECT MAX(id) FROM (SELECT id FROM pair WHERE id > ? ORDER BY id LIMIT ?)',
    )
    .pluck()
  // Ids sort by the time they were made: a rating with a greater id than the settlement's came after it.
  const candidates = (pairs: string, consensusSql: string): string => `
    SELECT pair.id AS pairId, json_group_array(rating.score) AS scores, ${consensusSql} AS consensus,
      (SELECT score FROM prediction WHERE prediction.pair_id = pair.id AND prediction.run_id = @runId) AS predicted,
      (SELECT COUNT(*) FROM dispute
       WHERE dispute.pair_id = pair.id AND dispute.id > COALESCE(pair.settled_id, '') AND ${disputeStands}
      ) AS disputes,
      pair.settled_id IS NOT NULL AND pair.settled_id > MAX(rating.id) AND NOT EXISTS (
        SELECT 1 FROM dispute WHERE dispute.pair_id = pair.id AND dispute.id > pair.settled_id
      ) AS settled
    FROM (
      SELECT id, (
        SELECT MAX(decision.id) FROM decision
        WHERE decision.pair_id = current_pair.id AND decision.kind IN ('adjudicated', 'ambiguous')
          AND EXISTS (SELECT 1 FROM settled_pair WHERE settled_pair.pair_id = current_pair.id)
      ) AS settled_id
      FROM current_pair WHERE ${pairs}
    ) AS pair
    JOIN counted_rating AS rating ON rating.pair_id = pair.id AND rating.score IS NOT NULL
    GROUP BY pair.id ORDER BY pair.id`
  const selectPage = consensus.following((consensusSql) =>
    database.prepare<{ runId: string | null; after: string; last: string }>(
      candidates('id > @after AND id <= @last', consensusSql),
    ),
  )
  const selectOne = consensus.following((consensusSql) =>
    database.prepare<{ runId: string | null; pairId: string }>(candidates('id = @pairId', consensusSql)),
  )
  const selectAnswers = database.prepare<[string]>(`
    SELECT ${answerColumns}
    FROM json_each(?) AS wanted
    JOIN current_rating AS rating ON rating.pair_id = wanted.value
    JOIN rater ON rater.id = rating.rater_id
    ORDER BY wanted.key, rater.name, rating.id
  `)
  const selectEarlier = database.prepare<[string]>(`
    SELECT ${answerColumns}
    FROM rating JOIN rater ON rater.id = rating.rater_id
    WHERE rating.pair_id = ? AND rating.retests IS NULL AND rating.kind <> 'retraction'
      AND (rating.import_id IS NULL OR rating.import_id IN (SELECT id FROM finished_import))
      AND EXISTS (
        SELECT 1 FROM pair_text WHERE pair_text.pair_id = rating.pair_id AND pair_text.version >= rating.pair_version
      )
      AND NOT EXISTS (
        SELECT 1 FROM rating AS later
        WHERE later.pair_id = rating.pair_id AND later.rater_id = rating.rater_id AND later.retests IS NULL
          AND later.pair_version = rating.pair_version AND later.id > rating.id
      )
    ORDER BY rating.pair_version DESC, rater.name, rating.id
  `)
  const selectDisputes = database.prepare<[string]>(`
    SELECT dispute.id, dispute.pair_id AS pairId, rater.name AS raterName,
      COALESCE(
        (SELECT other.name FROM rating JOIN rater AS other ON other.id = rating.rater_id
         WHERE rating.id = dispute.target_rating_id),
        CASE dispute.target_kind WHEN 'prediction' THEN 'model' ELSE dispute.target_kind END
      ) AS against,
      dispute.disputed_score AS disputedScore,
      (SELECT score FROM rating WHERE rating.id = dispute.own_rating_id) AS ownScore,
      dispute.reason, dispute.created_at AS createdAt, ${disputeStands} AS stands
    FROM json_each(?) AS wanted
    JOIN dispute ON dispute.pair_id = wanted.value
    JOIN rater ON rater.id = dispute.rater_id
    ORDER BY dispute.id
  `)

  const mark = (): DisagreementMark => {
    const counts = { rating: 0, decision: 0, dispute: 0 }
    const last = { rating: '', decision: '', dispute: '' }
    for (const { kind, count, last: selectLastOf } of selectMarks) {
      counts[kind] = count.get() ?? 0
      last[kind] = selectLastOf.get() ?? ''
    }
    return { base: `${selectBase.get() ?? ''} ${consensus.rule()}`, counts, last }
  }

  return {
    mark,
    touched(before) {
      const now = mark()
      if (now.base !== before.base) return null
      const pairs = new Set<string>()
      for (const { kind, since } of selectMarks) {
        const rows = since.all(before.last[kind])
        if (before.counts[kind] + rows.length !== now.counts[kind]) return null
        for (const pairId of rows) pairs.add(pairId)
      }
      return [...pairs]
    },
    page(runId, after, limit) {
      const last = selectLast.get(after, limit) ?? null
      if (last === null) return { rows: [], last }
      return {
        rows: selectPage()
          .all({ runId, after, last })
          .map((raw) => candidate.parse(raw)),
        last,
      }
    },
    ofPair(runId, pairId) {
      const raw = selectOne().get({ runId, pairId })
      return raw === undefined ? null : candidate.parse(raw)
    },
    answers: (pairIds) => selectAnswers.all(JSON.stringify(pairIds)).map(toAnswer),
    earlierAnswers: (pairId) => selectEarlier.all(pairId).map(toAnswer),
    disputes: (pairIds) => selectDisputes.all(JSON.stringify(pairIds)).map((raw) => disputeRow.parse(raw)),
  }
}
