import type Database from 'better-sqlite3'
import { z } from 'zod'
import { dispute, type Dispute } from '#shared/domain/dispute.ts'
import { newId } from '../newId.ts'

/** A dispute with what a list of them shows. */
const listed = z.object({
  ...dispute.shape,
  premise: z.string(),
  hypothesis: z.string(),
  raterName: z.string(),
  /** Whose score is objected to: a rater's name, "model", "consensus" or "gold". */
  against: z.string(),
  ownScore: z.number().nullable(),
})
export type ListedDispute = z.infer<typeof listed>

/** Scores of one pair that a rater has disputed. */
export interface DisputedScores {
  readonly ratingIds: ReadonlySet<string>
  readonly runIds: ReadonlySet<string>
  readonly consensus: boolean
  readonly gold: boolean
}

export interface DisputesRepository {
  create(made: Omit<Dispute, 'id' | 'createdAt'>): Dispute
  /** Newest first. */
  page(offset: number, limit: number): ListedDispute[]
  count(): number
  ofRater(raterId: string, pairId: string): DisputedScores
}

function withTarget(raw: unknown): unknown {
  const { targetKind, targetRatingId, targetRunId, ...row } = z
    .looseObject({
      targetKind: z.enum(['rating', 'prediction', 'consensus', 'gold']),
      targetRatingId: z.string().nullable(),
      targetRunId: z.string().nullable(),
    })
    .parse(raw)
  return { ...row, target: { kind: targetKind, ratingId: targetRatingId, runId: targetRunId } }
}

/** Raters' objections to scores. */
export function createDisputesRepository(database: Database.Database): DisputesRepository {
  const insert = database.prepare<Record<string, string | number | null>>(`
    INSERT INTO dispute (id, pair_id, rater_id, target_kind, target_rating_id, target_run_id, disputed_score,
      own_rating_id, reason, created_at)
    VALUES (@id, @pairId, @raterId, @targetKind, @targetRatingId, @targetRunId, @disputedScore, @ownRatingId, @reason,
      @createdAt)
  `)
  const select = database.prepare<[number, number]>(`
    SELECT dispute.id, dispute.pair_id AS pairId, dispute.rater_id AS raterId,
      dispute.target_kind AS targetKind, dispute.target_rating_id AS targetRatingId,
      dispute.target_run_id AS targetRunId, dispute.disputed_score AS disputedScore, dispute.own_rating_id AS ownRatingId, dispute.reason,
      dispute.created_at AS createdAt, pair.premise, pair.hypothesis, rater.name AS raterName,
      COALESCE(
        (SELECT other.name FROM rating JOIN rater AS other ON other.id = rating.rater_id
         WHERE rating.id = dispute.target_rating_id),
        CASE dispute.target_kind WHEN 'prediction' THEN 'model' ELSE dispute.target_kind END
      ) AS against,
      (SELECT score FROM rating WHERE rating.id = dispute.own_rating_id) AS ownScore
    FROM dispute
    JOIN pair ON pair.id = dispute.pair_id
    JOIN rater ON rater.id = dispute.rater_id
    ORDER BY dispute.id DESC LIMIT ? OFFSET ?
  `)
  const selectCount = database.prepare<[], { total: number }>('SELECT COUNT(*) AS total FROM dispute')
  const selectTargets = database.prepare<
    [string, string],
    { kind: string; ratingId: string | null; runId: string | null }
  >(`
    SELECT target_kind AS kind, target_rating_id AS ratingId, target_run_id AS runId
    FROM dispute WHERE rater_id = ? AND pair_id = ?
  `)
  return {
    create(made) {
      const created: Dispute = { ...made, id: newId(), createdAt: new Date().toISOString() }
      const { target, ...rest } = created
      insert.run({
        ...rest,
        targetKind: target.kind,
        targetRatingId: target.kind === 'rating' ? target.ratingId : null,
        targetRunId: target.kind === 'prediction' ? target.runId : null,
      })
      return created
    },
    page: (offset, limit) => select.all(limit, offset).map((raw) => listed.parse(withTarget(raw))),
    count: () => selectCount.get()?.total ?? 0,
    ofRater(raterId, pairId) {
      const targets = selectTargets.all(raterId, pairId)
      return {
        ratingIds: new Set(targets.flatMap(({ ratingId }) => ratingId ?? [])),
        runIds: new Set(targets.flatMap(({ runId }) => runId ?? [])),
        consensus: targets.some(({ kind }) => kind === 'consensus'),
        gold: targets.some(({ kind }) => kind === 'gold'),
      }
    },
  }
}
