import { isDeepStrictEqual } from 'node:util'
import type Database from 'better-sqlite3'
import { z } from 'zod'
import { ulid } from '#shared/domain/ids.ts'
import { newId } from '../newId.ts'
import { writing } from '../writing.ts'
import type { NewRating, RatingsRepository, StoredRating } from './ratings.ts'

/** An answer as a rater commits it; what it supersedes and its pass follow from what stands. */
export type Commit = Omit<NewRating, 'supersedes' | 'passNumber'>

/** One step that was taken back or taken again. */
export interface MovedStep {
  readonly kind: 'rating' | 'skip'
  readonly pairId: string
}

export type Direction = 'undo' | 'redo'

/** What a rater has done so far, for pace and for the buttons. */
export interface AnnotationState {
  readonly canUndo: boolean
  readonly canRedo: boolean
  /** Milliseconds of the last commits that stand, newest first, at most 20. */
  readonly recentMilliseconds: readonly number[]
}

export interface AnnotationRepository {
  /**
   * Stores an answer, durable when this returns. An answer equal in every field to the rater's present one (a key
   * pressed twice, a call sent again) is that one: nothing is added.
   */
  commit(commit: Commit): { ratingId: string; repeated: boolean }
  skip(raterId: string, pairId: string): void
  /** The pair that undo or redo would touch now; null where there is none. Steps that others have overtaken are let go. */
  upcoming(raterId: string, direction: Direction): MovedStep | null
  /** Takes back the rater's newest step that stands; null where there is none. */
  undo(raterId: string): MovedStep | null
  /** Takes the step again that was last taken back, unless something else was done since; null where there is none. */
  redo(raterId: string): MovedStep | null
  state(raterId: string): AnnotationState
  /** Commits and skips of a rater that stand: counted, so not for every keypress. */
  countSteps(raterId: string): number
  /** The answer that this rater has taken back on a pair and can still redo; null where there is none. */
  undoneAnswer(raterId: string, pairId: string): StoredRating | null
  /** Pairs that stand skipped, in the order of their latest skipping; answered ones may be among them. */
  skippedPairs(raterId: string): string[]
  /** Pairs that this rater has rated again blind. */
  retestedPairs(raterId: string): string[]
}

const stepRow = z.object({
  id: ulid,
  pairId: ulid,
  ratingId: ulid.nullable(),
  beforeRatingId: ulid.nullable(),
})
type Step = z.infer<typeof stepRow>

/** The row that first gave the answer of `rating`; null where it gives none. */
function firstGiven(rating: StoredRating | null): string | null {
  return rating?.answer == null ? null : (rating.restates ?? rating.id)
}

function isSameCommit(present: StoredRating, commit: Commit): boolean {
  const said = ({
    answer,
    note,
    timing,
    orderShown,
    shownBecause,
    suggestionId,
    source,
    confidence = null,
    retests = null,
  }: Commit | StoredRating): unknown => [
    answer,
    note,
    confidence,
    timing,
    orderShown,
    shownBecause,
    suggestionId,
    source,
    retests,
  ]
  return isDeepStrictEqual(said(present), said(commit))
}

/**
 * Commits, skips, undo and redo. Undo walks over the rater's steps across pairs; every effect of it on ratings is a new
 * row: a retraction where nothing stood before, the earlier answer restated where one did.
 */
export function createAnnotationRepository(
  database: Database.Database,
  ratings: RatingsRepository,
): AnnotationRepository {
  const columns = 'id, pair_id AS pairId, rating_id AS ratingId, before_rating_id AS beforeRatingId'
  const insert = database.prepare<[string, string, string, string | null, string | null]>(`
    INSERT INTO annotation_step (id, rater_id, pair_id, rating_id, before_rating_id, state)
    VALUES (?, ?, ?, ?, ?, 'done')
  `)
  const dropUndone = database.prepare<[string]>(
    `UPDATE annotation_step INDEXED BY annotation_step_undone SET state = 'dropped'
     WHERE rater_id = ? AND state = 'undone'`,
  )
  const setState = database.prepare<['done' | 'undone' | 'dropped', string, string]>(
    'UPDATE annotation_step SET state = ? WHERE rater_id = ? AND id = ?',
  )
  const selectLastDone = database.prepare<[string]>(
    `SELECT ${columns} FROM annotation_step WHERE rater_id = ? AND state = 'done' ORDER BY id DESC LIMIT 1`,
  )
  const selectFirstUndone = database.prepare<[string]>(
    `SELECT ${columns} FROM annotation_step INDEXED BY annotation_step_undone
     WHERE rater_id = ? AND state = 'undone' ORDER BY id LIMIT 1`,
  )
  const selectUndoneOfPair = database.prepare<[string, string]>(`
    SELECT ${columns} FROM annotation_step INDEXED BY annotation_step_undone
    WHERE rater_id = ? AND state = 'undone' AND pair_id = ? AND rating_id IS NOT NULL ORDER BY id LIMIT 1
  `)
  const countDone = database.prepare<[string], { steps: number }>(
    `SELECT COUNT(*) AS steps FROM annotation_step WHERE rater_id = ? AND state = 'done'`,
  )
  const selectRecent = database.prepare<[string], { milliseconds: number }>(`
    SELECT rating.time_to_commit AS milliseconds
    FROM annotation_step AS step JOIN rating ON rating.id = step.rating_id
    WHERE step.rater_id = ? AND step.state = 'done' AND rating.time_to_commit IS NOT NULL
    ORDER BY step.id DESC LIMIT 20
  `)
  const selectSkipped = database.prepare<[string], { pairId: string }>(`
    SELECT pair_id AS pairId FROM annotation_step
    WHERE rater_id = ? AND state = 'done' AND rating_id IS NULL
    GROUP BY pair_id ORDER BY MAX(id)
  `)

  const selectRetested = database
    .prepare<[string], string>('SELECT pair_id FROM current_retest WHERE +rater_id = ?')
    .pluck()

  const parse = (raw: unknown): Step | null => (raw === undefined ? null : stepRow.parse(raw))
  const addStep = (
    raterId: string,
    pairId: string,
    ratingId: string | null,
    beforeId: string | null,
  ): void => {
    dropUndone.run(raterId)
    insert.run(newId(), raterId, pairId, ratingId, beforeId)
  }

  /** The end of the chain that a step of a rating belongs to: of the pair's answers, or of their blind repeats. */
  const headOf = ({ pairId, ratingId }: Step, raterId: string): StoredRating | null => {
    if (ratingId === null) return null
    const isRetest = ratings.byId(ratingId)?.retests != null
    return isRetest ? ratings.retestHead(pairId, raterId) : ratings.head(pairId, raterId)
  }

  /** The next step in one direction. One whose pair has got another answer since (an import's) is dropped. */
  const upcoming = (raterId: string, direction: Direction): Step | null => {
    for (;;) {
      const step = parse((direction === 'undo' ? selectLastDone : selectFirstUndone).get(raterId))
      if (step?.ratingId == null) return step
      const expected = direction === 'undo' ? step.ratingId : step.beforeRatingId
      const head = headOf(step, raterId)
      if (head !== null && firstGiven(head) === expected) return step
      setState.run('dropped', raterId, step.id)
    }
  }
  const toMoved = ({ ratingId, pairId }: Step): MovedStep => ({
    kind: ratingId === null ? 'skip' : 'rating',
    pairId,
  })
  const move = (raterId: string, direction: Direction): MovedStep | null => {
    const step = upcoming(raterId, direction)
    if (step === null) return null
    const { id, ratingId, beforeRatingId } = step
    const head = headOf(step, raterId)
    if (head !== null) {
      const wanted = direction === 'undo' ? beforeRatingId : ratingId
      if (wanted === null) ratings.retract(head)
      else ratings.restate(wanted, head)
    }
    setState.run(direction === 'undo' ? 'undone' : 'done', raterId, id)
    return toMoved(step)
  }

  return {
    commit: writing(database, (commit: Commit) => {
      const { pairId, raterId, retests = null } = commit
      const head = retests === null ? ratings.head(pairId, raterId) : ratings.retestHead(pairId, raterId)
      const standing = head?.answer == null ? null : head
      if (standing !== null && isSameCommit(standing, commit))
        return { ratingId: standing.id, repeated: true }
      const before = standing ?? (retests === null ? null : ratings.byId(retests))
      const ratingId = ratings.insert({
        ...commit,
        supersedes: head?.id ?? null,
        passNumber: (before?.passNumber ?? 0) + 1,
      })
      addStep(commit.raterId, commit.pairId, ratingId, firstGiven(standing))
      return { ratingId, repeated: false }
    }),
    skip: writing(database, (raterId: string, pairId: string) => addStep(raterId, pairId, null, null)),
    upcoming: writing(database, (raterId: string, direction: Direction) => {
      const step = upcoming(raterId, direction)
      return step === null ? null : toMoved(step)
    }),
    undo: writing(database, (raterId: string) => move(raterId, 'undo')),
    redo: writing(database, (raterId: string) => move(raterId, 'redo')),
    state(raterId) {
      return {
        canUndo: selectLastDone.get(raterId) !== undefined,
        canRedo: selectFirstUndone.get(raterId) !== undefined,
        recentMilliseconds: selectRecent.all(raterId).map(({ milliseconds }) => milliseconds),
      }
    },
    countSteps: (raterId) => countDone.get(raterId)?.steps ?? 0,
    undoneAnswer(raterId, pairId) {
      const step = parse(selectUndoneOfPair.get(raterId, pairId))
      return step?.ratingId == null ? null : ratings.byId(step.ratingId)
    },
    retestedPairs: (raterId) => selectRetested.all(raterId),
    skippedPairs: (raterId) => selectSkipped.all(raterId).map(({ pairId }) => pairId),
  }
}
