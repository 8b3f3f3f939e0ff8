import { z } from 'zod'
import { decisionKind } from '../domain/decision.ts'
import { ulid } from '../domain/ids.ts'
import { pair, split } from '../domain/pair.ts'
import { reviewQuery, savedFilter } from '../domain/reviewFilter.ts'
import { prediction, signalName } from '../domain/run.ts'
import { score } from '../domain/score.ts'
import { ranking, suggestion, suggestionOutcome } from '../domain/suggestion.ts'
import { method } from '../rpc/contract.ts'
import { settlingRow } from './settling.ts'

const page = { offset: z.number().int().nonnegative(), limit: z.number().int().min(1).max(500) }

export const suggestionRow = suggestion.extend({
  premise: z.string(),
  hypothesis: z.string(),
  prediction,
  outcome: suggestionOutcome,
})
export type SuggestionRow = z.infer<typeof suggestionRow>

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

/** One pair of a list of Review. */
export const reviewRow = settlingRow.extend({
  /** Why it is in this list, in a sentence or two. */
  why: z.string(),
  /** Of the run in use; null where it suggests the pair no more, or never did. */
  suggestion: suggestion
    .pick({ id: true, strategy: true, ask: true, rank: true, reason: true })
    .extend({ outcome: suggestionOutcome })
    .nullable(),
  /** Standard deviation (n−1) of the scores; null under two. */
  deviation: z.number().nullable(),
})
export type ReviewRow = z.infer<typeof reviewRow>

/** How many pairs each list has without a filter. */
export const reviewCounts = z.object({
  uncertain: z.number().int(),
  ambiguous: z.number().int(),
  disputed: z.number().int(),
  'model-gap': z.number().int(),
  abstained: z.number().int(),
  disagreements: z.number().int(),
  settled: z.number().int(),
  /** Pairs with scores of two raters or more, settled ones included. */
  compared: z.number().int(),
  /** Pairs with three scores or more: fewer cannot tell ambiguity from chance. */
  comparedByThree: z.number().int(),
  /** Raters who have scored anything that counts. */
  raters: z.number().int(),
  /** Pairs that the run in use says anything of, and those of them that people have scored. */
  predicted: z.number().int(),
  predictedAndRated: z.number().int(),
})
export type ReviewCounts = z.infer<typeof reviewCounts>

/** What the run in use knows of its own doubt, so that its predictions can be read. */
export const reviewModel = z.object({
  runNumber: z.number().int(),
  /** Share of scores that its intervals are to hold: 0.9 where calibrated, else 0.95. */
  level: z.number(),
  /** What its doubt is; null where it has none. */
  signal: signalName.nullable(),
  /** A score is wrong that differs from people's by more; null without a signal. */
  tolerance: z.number().nullable(),
  /** It declines to score from this doubt on; null where it never does, or did not say. */
  threshold: z.number().nullable(),
})
export type ReviewModel = z.infer<typeof reviewModel>

/** A rated pair near another one. */
export const neighbour = z.object({
  pairId: ulid,
  premise: z.string(),
  hypothesis: z.string(),
  score,
  ratings: z.number().int(),
  /** Euclidean, between the vectors of the pairs; 0 for the same texts. */
  distance: z.number().nonnegative(),
})
export type Neighbour = z.infer<typeof neighbour>

export const reviewMethods = {
  /** One of the lists of Review. `usualDeviation`: what raters' scores of a pair usually differ by; null where none has two. */
  'review.list': method(
    z.object({ ...page, query: reviewQuery }),
    z.object({
      total: z.number().int(),
      rows: z.array(reviewRow),
      counts: reviewCounts,
      usualDeviation: z.number().nullable(),
      model: reviewModel.nullable(),
      /** How the suggestions of the run in use were ranked; null where there are none. */
      ranking: ranking.nullable(),
    }),
  ),
  /** Ids of a list as asked for, from its beginning, at most so many. */
  'review.ids': method(
    z.object({ query: reviewQuery, limit: z.number().int().min(1).max(500) }),
    z.object({ total: z.number().int(), pairIds: z.array(ulid) }),
  ),
  /**
   * The rated pairs whose texts are nearest to those of a pair, nearest first. `compared` of `rated` pairs were looked at;
   * `reason` says why there are none.
   */
  'review.neighbours': method(
    z.object({ pairId: ulid }),
    z.object({
      rows: z.array(neighbour),
      compared: z.number().int(),
      rated: z.number().int(),
      reason: z.string().nullable(),
    }),
  ),
  /** Lists that somebody named, by name. */
  'review.filters': method(z.object({}), z.array(savedFilter)),
  /** Keeps a list under a name; one of that name gives way. */
  'review.saveFilter': method(savedFilter.pick({ name: true, query: true }), savedFilter),
  'review.removeFilter': method(z.object({ id: ulid }), z.object({})),
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
