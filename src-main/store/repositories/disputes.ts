import type Database from 'better-sqlite3'
import type { Dispute } from '#shared/domain/dispute.ts'
import { newId } from '../newId.ts'

/** Scores of one pair that a rater has disputed. */
export interface DisputedScores {
  readonly ratingIds: ReadonlySet<string>
  readonly runIds: ReadonlySet<string>
  readonly consensus: boolean
  readonly gold: boolean
}

export interface DisputesRepository {
  create(made: Omit<Dispute, 'id' | 'createdAt'>): Dispute
  count(): number
  ofRater(raterId: string, pairId: string): DisputedScores
}

/** Raters' objections to scores. */
export function createDisputesRepository(database: Database.Database): DisputesRepository {
  const insert = database.prepare<Record<string, string | number | null>>(`
    INSERT INTO dispute (id, pair_id, rater_id, target_kind, target_rating_id, target_run_id, disputed_score,
      own_rating_id, reason, created_at)
    VALUES (@id, @pairId, @raterId, @targetKind, @targetRatingId, @targetRunId, @disputedScore, @ownRatingId, @reason,
      @createdAt)
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
