import { z } from 'zod'
import { decisionKind } from '../domain/decision.ts'
import { dispute } from '../domain/dispute.ts'
import { ulid } from '../domain/ids.ts'
import { pair, split } from '../domain/pair.ts'
import { prediction } from '../domain/run.ts'
import { ranking, suggestion, suggestionOutcome } from '../domain/suggestion.ts'
import { method } from '../rpc/contract.ts'

const page = { offset: z.number().int().nonnegative(), limit: z.number().int().min(1).max(500) }

export const suggestionRow = suggestion.extend({
  premise: z.string(),
  hypothesis: z.string(),
  prediction,
  outcome: suggestionOutcome,
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
  /** By the project's rule, adjudicated scores first; null without a score. */
  consensus: z.number().nullable(),
  /** Standard deviation (n−1) of the current scores; null under two. */
  disagreement: z.number().nullable(),
  predicted: z.number().nullable(),
  /** The decision that holds: an adjudicated score, or spread accepted as ambiguity; null without one. */
  settled: decisionKind.extract(['adjudicated', 'ambiguous']).nullable(),
  /** Its right score is known. */
  gold: z.boolean(),
})
export type PairRow = z.infer<typeof pairRow>

/** One row of a pair's full history, newest first. */
export const historyRow = z.object({
  /** Of the rating, decision, dispute or suggestion. */
  id: ulid,
  about: z.enum(['rating', 'decision', 'dispute', 'suggestion']),
  /** Who rated, decided or objected; of a suggestion its run, as "Run 3". */
  raterName: z.string(),
  createdAt: z.iso.datetime(),
  /** What this row says: an answer in words, that it retracts, what was decided, which score is objected to, why it was suggested. */
  text: z.string(),
  /** The rating's or the adjudicated score. */
  score: z.number().nullable(),
  /** The rater's note, or the reason. */
  note: z.string().nullable(),
  /** It is the rater's present answer, holds, objects to a score that stands, or waits for an answer. */
  current: z.boolean(),
  /** A rating of a text that the pair has no more. */
  ofEarlierText: z.boolean(),
})
export type HistoryRow = z.infer<typeof historyRow>

export const reviewMethods = {
  /**
   * Suggestions of the run in use, by rank; rated ones only where asked for. With `history` all that it ever made, replaced
   * ones and those in the bin among them, the latest ranking first.
   */
  'review.suggestions': method(
    z.object({ ...page, includeRated: z.boolean(), history: z.boolean().optional() }),
    z.object({
      total: z.number().int(),
      runNumber: z.number().int().nullable(),
      /** How they were ranked; null without a run, or where it was made before that was kept. */
      ranking: ranking.nullable(),
      rows: z.array(suggestionRow),
    }),
  ),
  /** Scores the pairs that have come in since and ranks anew, with the run in use, as settings and ratings are now. */
  'review.refresh': method(z.object({}), z.object({ jobId: ulid })),
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
