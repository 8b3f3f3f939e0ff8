import { z } from 'zod'
import { dispute } from '../domain/dispute.ts'
import { ulid } from '../domain/ids.ts'
import { pair, split } from '../domain/pair.ts'
import { prediction } from '../domain/run.ts'
import { suggestion } from '../domain/suggestion.ts'
import { method } from '../rpc/contract.ts'

const page = { offset: z.number().int().nonnegative(), limit: z.number().int().min(1).max(500) }

export const suggestionRow = suggestion.extend({
  premise: z.string(),
  hypothesis: z.string(),
  prediction,
  /** True once somebody has rated it since the run. */
  rated: z.boolean(),
})
export type SuggestionRow = z.infer<typeof suggestionRow>

export const disputeRow = dispute.extend({
  premise: z.string(),
  hypothesis: z.string(),
  raterName: z.string(),
  /** Whose score is objected to: a rater's name, "model", "consensus" or "gold". */
  against: z.string(),
  ownScore: z.number().nullable(),
})
export type DisputeRow = z.infer<typeof disputeRow>

/** One row of the Data view. */
export const pairRow = pair.extend({
  /** Declared, or by the stable hash of the premise group. */
  split: split,
  /** Present answers with a score, and those without. */
  ratings: z.number().int(),
  cannotJudge: z.number().int(),
  /** Mean of the current scores; null without one. */
  consensus: z.number().nullable(),
  /** Standard deviation (n−1) of the current scores; null under two. */
  disagreement: z.number().nullable(),
  predicted: z.number().nullable(),
})
export type PairRow = z.infer<typeof pairRow>

/** One row of a pair's full history, newest first. */
export const historyRow = z.object({
  ratingId: ulid,
  raterName: z.string(),
  createdAt: z.iso.datetime(),
  /** What this row says: an answer in words, or that it retracts. */
  text: z.string(),
  score: z.number().nullable(),
  note: z.string().nullable(),
  current: z.boolean(),
})
export type HistoryRow = z.infer<typeof historyRow>

export const reviewMethods = {
  /** Suggestions of the latest run, by rank; rated ones only where asked for. */
  'review.suggestions': method(
    z.object({ ...page, includeRated: z.boolean() }),
    z.object({
      total: z.number().int(),
      runNumber: z.number().int().nullable(),
      rows: z.array(suggestionRow),
    }),
  ),
  'review.disputes': method(z.object(page), z.object({ total: z.number().int(), rows: z.array(disputeRow) })),
  'data.pairs': method(
    z.object({
      ...page,
      /** Part of premise, hypothesis or external id; empty for all. */
      search: z.string().max(200),
      order: z.enum(['added', 'consensus', 'disagreement', 'ratings', 'predicted']),
      descending: z.boolean(),
    }),
    z.object({ total: z.number().int(), rows: z.array(pairRow) }),
  ),
  'data.history': method(z.object({ pairId: ulid }), z.array(historyRow)),
  /** How the current scores spread: counts in 20 equal bins from 0 to 1. */
  'data.histogram': method(z.object({}), z.object({ bins: z.array(z.number().int()).length(20) })),
}
