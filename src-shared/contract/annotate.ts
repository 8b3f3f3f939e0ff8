import { z } from 'zod'
import { dispute, disputeTarget } from '../domain/dispute.ts'
import { ulid } from '../domain/ids.ts'
import { pair } from '../domain/pair.ts'
import { answer, confidence, ratingTiming, shownBecause } from '../domain/rating.ts'
import { prediction } from '../domain/run.ts'
import { score } from '../domain/score.ts'
import { method } from '../rpc/contract.ts'

/** Where the next pair comes from: the rater's own random order, or the suggestions in Review. */
export const annotateQueue = z.enum(['order', 'review'])
export type AnnotateQueue = z.infer<typeof annotateQueue>

/** One pair to answer, with the rater's own present answer where there is one. Nobody else's is in it. */
export const annotateTask = z.object({
  pair: pair.pick({ id: true, externalId: true, premise: true, hypothesis: true }),
  orderShown: z.number().int().nonnegative(),
  /** For the rating's row; never shown, since the rater must not know a blind repeat. */
  shownBecause,
  suggestionId: ulid.nullable(),
  /** The answer that a blind repeat repeats. */
  retests: ulid.nullable(),
  /** The version of the texts shown. */
  pairVersion: z.number().int().positive(),
  previous: z
    .object({
      ratingId: ulid,
      answer,
      note: z.string().nullable(),
      confidence: confidence.nullable(),
    })
    .nullable(),
})
export type AnnotateTask = z.infer<typeof annotateTask>

export const annotateProgress = z.object({
  /** Pairs this rater has answered, can't-judge included, of all in the queue. */
  done: z.number().int(),
  total: z.number().int(),
  skipped: z.number().int(),
  /** The calibration round, which comes first; null where the project has none. */
  calibration: z.object({ done: z.number().int(), total: z.number().int() }).nullable(),
  /** Pairs a minute over the last 20 commits, idle time removed; null before the fifth. */
  pairsPerMinute: z.number().nullable(),
  canUndo: z.boolean(),
  canRedo: z.boolean(),
})
export type AnnotateProgress = z.infer<typeof annotateProgress>

/** What a rater may see of a pair after their own commit, as the project decides. */
export const revealedScores = z.object({
  pairId: ulid,
  own: z.object({ ratingId: ulid, score: score.nullable() }),
  others: z.array(
    z.object({
      ratingId: ulid,
      raterName: z.string(),
      score,
      note: z.string().nullable(),
      disputed: z.boolean(),
    }),
  ),
  prediction: prediction.extend({ runId: ulid, disputed: z.boolean() }).nullable(),
  /** What the project takes as the pair's score, where others' scores are shown and there are any. */
  consensus: z.object({ score, adjudicated: z.boolean(), disputed: z.boolean() }).nullable(),
  /** The right score of a gold pair, where the project gives feedback. */
  gold: z
    .object({
      score,
      tolerance: score,
      explanation: z.string(),
      /** Whether the own score lies within the tolerance; null without one. */
      within: z.boolean().nullable(),
      disputed: z.boolean(),
    })
    .nullable(),
})
export type RevealedScores = z.infer<typeof revealedScores>

/** The state after a step: what was committed may be revealed, what comes next, how far. `next` null: queue done. */
export const annotateStep = z.object({
  next: annotateTask.nullable(),
  progress: annotateProgress,
  revealed: revealedScores.nullable(),
})
export type AnnotateStep = z.infer<typeof annotateStep>

const who = { raterId: ulid, queue: annotateQueue }

export const annotateMethods = {
  /** The pair this rater should see now. */
  'annotate.next': method(z.object(who), annotateStep),
  /** One given pair (from Review or Data), with the rater's own answer if any. */
  'annotate.open': method(z.object({ ...who, pairId: ulid }), annotateStep),
  /** Stores a rating; it is on disk when this returns. */
  'annotate.commit': method(
    z.object({
      ...who,
      pairId: ulid,
      answer,
      note: z.string().trim().max(4000).nullable(),
      confidence: confidence.nullable().optional(),
      /** Null where nobody measured it, as on the command line. */
      timing: ratingTiming.nullable(),
      orderShown: z.number().int().nonnegative(),
      shownBecause,
      suggestionId: ulid.nullable(),
      retests: ulid.nullable().optional(),
      /** The version of the texts that were shown; the present one where it is not said. */
      pairVersion: z.number().int().positive().optional(),
    }),
    annotateStep.extend({ ratingId: ulid }),
  ),
  /** Puts a pair at the end of the rater's order; not a rating. */
  'annotate.skip': method(z.object({ ...who, pairId: ulid }), annotateStep),
  /** Retracts the rater's latest answer (or takes back their latest skip); `next` is that pair, with what was answered as `previous`. */
  'annotate.undo': method(z.object(who), annotateStep),
  /** Re-instates what the latest undo retracted; `next` is the pair after it. */
  'annotate.redo': method(z.object(who), annotateStep),
  /** Objects to a score that was revealed. Refused where the rater has not rated the pair. */
  'dispute.create': method(
    z.object({
      raterId: ulid,
      pairId: ulid,
      target: disputeTarget,
      reason: z.string().trim().min(1).max(2000),
    }),
    dispute,
  ),
}
