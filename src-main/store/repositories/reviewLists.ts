import type Database from 'better-sqlite3'
import { z } from 'zod'

/** What the run in use says of a pair, as far as lists are sorted and chosen by it. */
const predicted = z.object({
  pairId: z.string(),
  score: z.number(),
  variance: z.number(),
  spread: z.number().nullable(),
  doubt: z.number().nullable(),
  abstained: z.number().transform((flag) => flag === 1),
  /** By heads that had not seen its scores, though the run learnt from the pair. */
  outOfFold: z.number().transform((flag) => flag === 1),
})
export type PredictedPair = z.infer<typeof predicted>

/** The disputes about a pair. */
export interface DisputedPair {
  readonly pairId: string
  readonly count: number
  /** The id of the latest. */
  readonly last: string
}

/** How far the decisions have got that take pairs, or their predictions, out of lists and bring them back. */
export interface PairsMark {
  readonly count: number
  readonly last: string
}

export interface ReviewListsRepository {
  mark(): PairsMark
  /** Pairs put into the bin, taken out of it, or given another text since the mark; null where all must be looked at. */
  touched(since: PairsMark): string[] | null
  /**
   * Predictions of a run among the next `limit` rows whose pair sorts after `after` (empty: from the first), but of pairs
   * in the bin. `last` is where to go on, or null at the end.
   */
  predictions(runId: string, after: string, limit: number): { rows: PredictedPair[]; last: string | null }
  /** One pair; null where the run says nothing of it, or it is in the bin. */
  prediction(runId: string, pairId: string): PredictedPair | null
  /** Pairs outside the bin that anybody has ever disputed a score of. */
  disputed(): DisputedPair[]
  /** Pairs whose spread is accepted as ambiguous, by the decision that holds. */
  accepted(): string[]
  /** Changes whenever a text has changed, or pairs have come. */
  textsStamp(): string
  /** Changes whenever a training has begun or ended: it has texts encoded. */
  encodingsStamp(): string
  /** Pairs given another text after the decision `since` (empty: ever), and the last such decision. */
  fixedTexts(since: string): { pairIds: string[]; last: string }
}

/** What the lists of Review are made of, beside ratings and suggestions. */
export function createReviewListsRepository(database: Database.Database): ReviewListsRepository {
  const selectMark = database.prepare<[], PairsMark>(`
    SELECT COUNT(*) AS count, COALESCE(MAX(id), '') AS last FROM decision
    WHERE kind IN ('binned', 'restored', 'text-fixed')
  `)
  const selectTouched = database
    .prepare<[string], string>(
      `SELECT pair_id FROM decision WHERE id > ? AND kind IN ('binned', 'restored', 'text-fixed')`,
    )
    .pluck()
  const selectLast = database
    .prepare<[string, number], string | null>(
      'SELECT MAX(pair_id) FROM (SELECT pair_id FROM prediction WHERE pair_id > ? ORDER BY pair_id LIMIT ?)',
    )
    .pluck()
  const selectFrom = `
    SELECT pair_id AS pairId, score, variance, spread, doubt, abstained, out_of_fold AS outOfFold FROM prediction
    WHERE run_id = @runId AND pair_id NOT IN (SELECT pair_id FROM binned_pair)`
  const selectPage = database.prepare<{ runId: string; after: string; last: string }>(
    `${selectFrom} AND pair_id > @after AND pair_id <= @last`,
  )
  const selectOne = database.prepare<{ runId: string; pairId: string }>(`${selectFrom} AND pair_id = @pairId`)
  const selectDisputed = database.prepare<[], DisputedPair>(`
    SELECT pair_id AS pairId, COUNT(*) AS count, MAX(id) AS last FROM dispute
    WHERE pair_id NOT IN (SELECT pair_id FROM binned_pair) GROUP BY pair_id
  `)
  const selectAccepted = database
    .prepare<[], string>(`SELECT pair_id FROM settled_pair WHERE kind = 'ambiguous'`)
    .pluck()
  const selectTextsStamp = database
    .prepare<[], string>(
      `SELECT (SELECT COUNT(*) FROM finished_import) || ' ' || (SELECT COUNT(*) FROM pair_text)`,
    )
    .pluck()
  const selectEncodings = database
    .prepare<[], string>(`SELECT COUNT(*) || ' ' || COALESCE(MAX(finished_at), '') FROM run`)
    .pluck()
  const selectFixed = database.prepare<[string], { pairId: string; id: string }>(
    `SELECT pair_id AS pairId, id FROM decision WHERE id > ? AND kind = 'text-fixed' ORDER BY id`,
  )

  const mark = (): PairsMark => selectMark.get() ?? { count: 0, last: '' }
  return {
    mark,
    touched(before) {
      const now = mark()
      const rows = selectTouched.all(before.last)
      return before.count + rows.length === now.count ? [...new Set(rows)] : null
    },
    predictions(runId, after, limit) {
      const last = selectLast.get(after, limit) ?? null
      if (last === null) return { rows: [], last }
      return { rows: selectPage.all({ runId, after, last }).map((raw) => predicted.parse(raw)), last }
    },
    prediction(runId, pairId) {
      const raw = selectOne.get({ runId, pairId })
      return raw === undefined ? null : predicted.parse(raw)
    },
    disputed: () => selectDisputed.all(),
    accepted: () => selectAccepted.all(),
    textsStamp: () => selectTextsStamp.get() ?? '',
    encodingsStamp: () => selectEncodings.get() ?? '',
    fixedTexts(since) {
      const rows = selectFixed.all(since)
      return { pairIds: rows.map(({ pairId }) => pairId), last: rows.at(-1)?.id ?? since }
    },
  }
}
