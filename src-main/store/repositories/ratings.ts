import type Database from 'better-sqlite3'
import { z } from 'zod'
import { ulid } from '#shared/domain/ids.ts'
import {
  answer,
  answerScore,
  cannotJudgeReason,
  confidence,
  ratingSource,
  shownBecause,
  type Answer,
  type Rating,
} from '#shared/domain/rating.ts'
import { scaleKind, score } from '#shared/domain/score.ts'
import { createLabelReader } from '#shared/domain/classes.ts'
import { newId } from '../newId.ts'
import { parseSettings } from './project.ts'

/** A row of the rating table as a person's answer; a retraction has none. */
export interface StoredRating extends Omit<Rating, 'answer'> {
  readonly answer: Answer | null
  /** The one number the answer stands for; null for can't-judge and for a retraction. */
  readonly score: number | null
  /** The first row that gave this answer, where an undo or redo brought it back, or a class got another score. */
  readonly restates: string | null
  /** The class that was imported as the answer, or beside it; null without one. */
  readonly label: string | null
  /** The score is that of the class. */
  readonly labelScored: boolean
}

/** What a new rating says; its id and time are made by the store. */
export interface NewRating extends Omit<
  Rating,
  'id' | 'createdAt' | 'confidence' | 'retests' | 'pairVersion'
> {
  readonly confidence?: Rating['confidence']
  /** The rater's present answer to the pair, where this one repeats it blind. */
  readonly retests?: Rating['retests']
  /** The version of the text that was shown; the present one where it is not said. */
  readonly pairVersion?: Rating['pairVersion']
}

/** A standing score of somebody, as others may come to see it. */
export interface StandingScore {
  readonly ratingId: string
  readonly raterId: string
  readonly raterName: string
  readonly score: number
  readonly note: string | null
}

/** One row of a pair's history, with the name of its rater. */
export interface RatingInHistory extends StoredRating {
  readonly raterName: string
  readonly current: boolean
}

export interface RatingsRepository {
  /** Adds a rating and returns its id. */
  insert(rating: NewRating): string
  /** Takes back what `supersedes` says, and says nothing instead. Returns the new row's id. */
  retract(supersedes: StoredRating): string
  /**
   * Says again what the row `restates` said, in place of `supersedes`; a label with the present name and score of its
   * class. Returns the new row's id.
   */
  restate(restates: string, supersedes: StoredRating): string
  byId(ratingId: string): StoredRating | null
  /**
   * The end of a rater's chain on a pair, on its present text: their present answer or its retraction; null where they
   * never answered.
   */
  head(pairId: string, raterId: string): StoredRating | null
  /** The same of their blind repeats of the pair. */
  retestHead(pairId: string, raterId: string): StoredRating | null
  /** The rater's present answer; null where there is none. */
  current(pairId: string, raterId: string): StoredRating | null
  /** Present scores that count and were given after the run or rating of this id. */
  countSince(id: string): number
  /** Present scores of a pair that count; those who could not judge are left out. */
  standingScores(pairId: string): StandingScore[]
  /** Every row of a pair, newest first. */
  history(pairId: string): RatingInHistory[]
  /** Counts of the present scores in 20 equal bins from 0 to 1; 1 falls into the last. */
  histogram(): number[]
  any(): boolean
}

const row = z.object({
  id: ulid,
  pairId: ulid,
  raterId: ulid,
  kind: z.enum(['score', 'range', 'cannot-judge', 'retraction']),
  score: score.nullable(),
  rawPosition: score.nullable(),
  low: score.nullable(),
  high: score.nullable(),
  reason: cannotJudgeReason.nullable(),
  note: z.string().nullable(),
  confidence: confidence.nullable(),
  scaleKind,
  timeToFirstTouch: z.number().int().nullable(),
  timeToCommit: z.number().int().nullable(),
  changeCount: z.number().int().nullable(),
  orderShown: z.number().int().nullable(),
  shownBecause: shownBecause.nullable(),
  suggestionId: ulid.nullable(),
  guidelineVersion: z.number().int(),
  passNumber: z.number().int(),
  source: ratingSource,
  supersedes: ulid.nullable(),
  restates: ulid.nullable(),
  retests: ulid.nullable(),
  pairVersion: z.number().int(),
  label: z.string().nullable(),
  labelScored: z.literal(1).nullable(),
  createdAt: z.string(),
})

const columns = `
  rating.id, rating.pair_id AS pairId, rating.rater_id AS raterId, rating.kind, rating.score,
  rating.raw_position AS rawPosition, rating.low, rating.high, rating.reason, rating.note, rating.confidence,
  rating.scale_kind AS scaleKind, rating.time_to_first_touch AS timeToFirstTouch,
  rating.time_to_commit AS timeToCommit, rating.change_count AS changeCount, rating.order_shown AS orderShown,
  rating.shown_because AS shownBecause, rating.suggestion_id AS suggestionId,
  rating.guideline_version AS guidelineVersion, rating.pass_number AS passNumber, rating.source, rating.supersedes,
  rating.restates, rating.retests, rating.pair_version AS pairVersion, rating.label, rating.label_scored AS labelScored, rating.created_at AS createdAt`

function toStored(raw: unknown): StoredRating {
  const {
    kind,
    rawPosition,
    low,
    high,
    reason,
    timeToFirstTouch,
    timeToCommit,
    changeCount,
    labelScored,
    ...rest
  } = row.parse(raw)
  return {
    ...rest,
    labelScored: labelScored === 1,
    answer:
      kind === 'retraction'
        ? null
        : // An imported score was never on a track: its place there is the score itself.
          answer.parse({
            kind,
            value: rest.score,
            rawPosition: rawPosition ?? rest.score,
            low,
            high,
            reason,
          }),
    timing:
      timeToCommit === null || changeCount === null ? null : { timeToFirstTouch, timeToCommit, changeCount },
  }
}

function toColumns(rating: NewRating): Record<string, string | number | null> {
  const given = rating.answer
  const { timing } = rating
  return {
    id: newId(),
    pairId: rating.pairId,
    raterId: rating.raterId,
    kind: given.kind,
    score: answerScore(given),
    rawPosition: given.kind === 'score' ? given.rawPosition : null,
    low: given.kind === 'range' ? given.low : null,
    high: given.kind === 'range' ? given.high : null,
    reason: given.kind === 'cannot-judge' ? given.reason : null,
    note: rating.note,
    confidence: rating.confidence ?? null,
    scaleKind: rating.scaleKind,
    timeToFirstTouch: timing?.timeToFirstTouch ?? null,
    timeToCommit: timing?.timeToCommit ?? null,
    changeCount: timing?.changeCount ?? null,
    orderShown: rating.orderShown,
    shownBecause: rating.shownBecause,
    suggestionId: rating.suggestionId,
    guidelineVersion: rating.guidelineVersion,
    passNumber: rating.passNumber,
    source: rating.source,
    supersedes: rating.supersedes,
    retests: rating.retests ?? null,
    pairVersion: rating.pairVersion ?? null,
    createdAt: new Date().toISOString(),
  }
}

/** Ratings: rows are added, never changed; what stands is a view. */
export function createRatingsRepository(database: Database.Database): RatingsRepository {
  const insertStatement = database.prepare<Record<string, string | number | null>>(`
    INSERT INTO rating (id, pair_id, rater_id, kind, score, raw_position, low, high, reason, note, confidence, scale_kind,
      time_to_first_touch, time_to_commit, change_count, order_shown, shown_because, suggestion_id,
      guideline_version, pass_number, source, supersedes, retests, pair_version, created_at)
    VALUES (@id, @pairId, @raterId, @kind, @score, @rawPosition, @low, @high, @reason, @note, @confidence, @scaleKind,
      @timeToFirstTouch, @timeToCommit, @changeCount, @orderShown, @shownBecause, @suggestionId,
      @guidelineVersion, @passNumber, @source, @supersedes, @retests,
      COALESCE(@pairVersion, (SELECT MAX(version) + 1 FROM pair_text WHERE pair_id = @pairId), 1), @createdAt)
  `)
  const insertRetraction = database.prepare<Record<'id' | 'supersedes' | 'createdAt', string>>(`
    INSERT INTO rating (id, pair_id, rater_id, kind, scale_kind, guideline_version, pass_number, source, supersedes,
      retests, pair_version, created_at)
    SELECT @id, pair_id, rater_id, 'retraction', scale_kind, guideline_version, pass_number, 'annotate', @supersedes,
      retests, pair_version, @createdAt
    FROM rating WHERE id = @supersedes
  `)
  const insertRestated = database.prepare<
    Record<'id' | 'restates' | 'supersedes' | 'createdAt', string> & {
      label: string | null
      score: number | null
    }
  >(`
    INSERT INTO rating (id, pair_id, rater_id, kind, score, raw_position, low, high, reason, note, confidence, scale_kind,
      time_to_first_touch, time_to_commit, change_count, order_shown, shown_because, suggestion_id,
      guideline_version, pass_number, source, supersedes, restates, retests, pair_version, label, label_scored, created_at)
    SELECT @id, pair_id, rater_id, kind, COALESCE(@score, score), raw_position, low, high, reason, note, confidence,
      scale_kind, time_to_first_touch, time_to_commit, change_count, order_shown, shown_because, suggestion_id,
      guideline_version, pass_number, 'redo', @supersedes, @restates, retests, pair_version, COALESCE(@label, label),
      label_scored, @createdAt
    FROM rating WHERE id = @restates
  `)
  const selectById = database.prepare<[string]>(`SELECT ${columns} FROM rating WHERE id = ?`)
  const settled = `(rating.import_id IS NULL OR rating.import_id IN (SELECT id FROM finished_import))`
  const notSuperseded = `NOT EXISTS (
    SELECT 1 FROM rating AS later
    WHERE later.supersedes = rating.id
      AND (later.import_id IS NULL OR later.import_id IN (SELECT id FROM finished_import))
  )`
  // As the view current_rating has it, with retractions.
  const selectHead = database.prepare<[string, string]>(`
    SELECT ${columns} FROM rating
    WHERE rating.pair_id = ? AND rating.rater_id = ? AND rating.retests IS NULL AND ${settled} AND ${notSuperseded}
      AND NOT EXISTS (
        SELECT 1 FROM rating AS later
        WHERE later.pair_id = rating.pair_id AND later.rater_id = rating.rater_id AND later.id > rating.id
          AND later.source <> 'import' AND later.retests IS NULL
      )
      AND NOT EXISTS (
        SELECT 1 FROM pair_text
        WHERE pair_text.pair_id = rating.pair_id AND pair_text.version >= rating.pair_version
      )
    -- An import can put an answer beside a retraction: the answer stands.
    ORDER BY rating.kind = 'retraction', rating.id DESC LIMIT 1
  `)
  const selectRetestHead = database.prepare<[string, string]>(`
    SELECT ${columns} FROM rating
    WHERE rating.pair_id = ? AND rating.rater_id = ? AND rating.retests IS NOT NULL AND ${notSuperseded}
    ORDER BY rating.id DESC LIMIT 1
  `)
  const selectStanding = database.prepare<[string]>(`
    SELECT rating.id AS ratingId, rating.rater_id AS raterId, rater.name AS raterName, rating.score, rating.note
    FROM counted_rating AS rating JOIN rater ON rater.id = rating.rater_id
    WHERE rating.pair_id = ? AND rating.score IS NOT NULL
    ORDER BY rater.name, rating.id
  `)
  const standingRow = z.object({
    ratingId: ulid,
    raterId: ulid,
    raterName: z.string(),
    score,
    note: z.string().nullable(),
  })
  const selectHistory = database.prepare<[string]>(`
    SELECT ${columns}, rater.name AS raterName,
      EXISTS (SELECT 1 FROM current_rating WHERE current_rating.id = rating.id) AS current
    FROM rating JOIN rater ON rater.id = rating.rater_id
    WHERE rating.pair_id = ? AND ${settled}
    ORDER BY rating.id DESC
  `)
  const historyRow = z.object({ raterName: z.string(), current: z.number() })
  const selectBins = database.prepare(`
    SELECT MIN(CAST(score * 20 AS INTEGER), 19) AS bin, COUNT(*) AS count
    FROM counted_rating WHERE score IS NOT NULL GROUP BY bin
  `)
  const binRow = z.object({ bin: z.number().int(), count: z.number().int() })
  const selectCountSince = database
    .prepare<[string], number>('SELECT COUNT(score) FROM counted_rating WHERE id > ?')
    .pluck()
  const selectAny = database.prepare(`SELECT 1 FROM rating WHERE ${settled} LIMIT 1`)

  const selectSettings = database.prepare<[], string>('SELECT settings FROM project').pluck()

  /** The class that a label names now; null where it is no class any more. */
  const presentClass = (label: string): { name: string; score: number } | null => {
    const settings = selectSettings.get()
    if (settings === undefined) return null
    const reading = createLabelReader(parseSettings(settings).classScores)(label)
    return reading.kind === 'class' ? reading.found : null
  }

  const repository: RatingsRepository = {
    insert(rating) {
      const values = toColumns(rating)
      insertStatement.run(values)
      return String(values.id)
    },
    retract(supersedes) {
      const id = newId()
      insertRetraction.run({ id, supersedes: supersedes.id, createdAt: new Date().toISOString() })
      return id
    },
    restate(restates, supersedes) {
      const id = newId()
      const said = repository.byId(restates)
      const present = said?.label != null && said.labelScored ? presentClass(said.label) : null
      insertRestated.run({
        id,
        restates,
        supersedes: supersedes.id,
        label: present?.name ?? null,
        score: present?.score ?? null,
        createdAt: new Date().toISOString(),
      })
      return id
    },
    byId(ratingId) {
      const raw = selectById.get(ratingId)
      return raw === undefined ? null : toStored(raw)
    },
    head(pairId, raterId) {
      const raw = selectHead.get(pairId, raterId)
      return raw === undefined ? null : toStored(raw)
    },
    retestHead(pairId, raterId) {
      const raw = selectRetestHead.get(pairId, raterId)
      return raw === undefined ? null : toStored(raw)
    },
    current(pairId, raterId) {
      const head = repository.head(pairId, raterId)
      return head?.answer == null ? null : head
    },
    countSince: (id) => selectCountSince.get(id) ?? 0,
    standingScores: (pairId) => selectStanding.all(pairId).map((raw) => standingRow.parse(raw)),
    history: (pairId) =>
      selectHistory.all(pairId).map((raw) => {
        const { raterName, current } = historyRow.parse(raw)
        return { ...toStored(raw), raterName, current: current === 1 }
      }),
    histogram() {
      const bins = new Array<number>(20).fill(0)
      for (const raw of selectBins.all()) {
        const { bin, count } = binRow.parse(raw)
        bins[bin] = count
      }
      return bins
    },
    any: () => selectAny.get() !== undefined,
  }
  return repository
}
