import { z } from 'zod'
import { decision } from '../domain/decision.ts'
import { disagreementKind } from '../domain/disagreement.ts'
import { dispute } from '../domain/dispute.ts'
import { ulid } from '../domain/ids.ts'
import { gold } from '../domain/plan.ts'
import { cannotJudgeReason, confidence } from '../domain/rating.ts'
import { prediction } from '../domain/run.ts'
import { score } from '../domain/score.ts'
import { method } from '../rpc/contract.ts'

const page = { offset: z.number().int().nonnegative(), limit: z.number().int().min(1).max(500) }
const reason = decision.shape.reason

/** A decision with the names of who made it and who was asked. */
export const madeDecision = decision.extend({
  decidedByName: z.string(),
  askedRaterName: z.string().nullable(),
})
export type MadeDecision = z.infer<typeof madeDecision>

/** A rater's present score that counts. */
const settlingScore = z.object({
  raterName: z.string(),
  score,
  /** Both ends of a range answer, whose middle is the score; null otherwise. */
  range: z.object({ low: score, high: score }).nullable(),
})

/** One pair of the disagreement queue. */
export const settlingRow = z.object({
  /** Its place in the list as asked for, from 0. */
  position: z.number().int(),
  pairId: ulid,
  externalId: z.string().nullable(),
  premise: z.string(),
  hypothesis: z.string(),
  /** How the scores lie; null under two of them. */
  kind: disagreementKind.nullable(),
  /** How much it matters; only the order means something. */
  weight: z.number(),
  /** What the weight is made of, in words. */
  reasons: z.array(z.string()),
  scores: z.array(settlingScore),
  consensus: score.nullable(),
  /** What the run in use says; null where it says nothing of the pair. */
  prediction: prediction.nullable(),
  /** The adjudication or acceptance that holds; null without one. */
  settled: madeDecision.nullable(),
})
export type SettlingRow = z.infer<typeof settlingRow>

/** Which pairs are listed: all that people disagree on, those of one kind, or the agreeing ones. */
export const settlingKind = z.enum(['any', 'one-outlier', 'two-camps', 'wide', 'agree'])
export type SettlingKind = z.infer<typeof settlingKind>

export const settlingOrder = z.enum(['weight', 'spread', 'model-gap', 'ratings'])
export type SettlingOrder = z.infer<typeof settlingOrder>

/** One rater's present answer to a pair, as those who settle it see it. */
export const settlingRating = z.object({
  ratingId: ulid,
  raterName: z.string(),
  score: score.nullable(),
  range: z.object({ low: score, high: score }).nullable(),
  cannotJudge: cannotJudgeReason.nullable(),
  confidence: confidence.nullable(),
  note: z.string().nullable(),
  /** False where the rater is set aside. */
  counts: z.boolean(),
  createdAt: z.iso.datetime(),
})
export type SettlingRating = z.infer<typeof settlingRating>

const settlingDispute = dispute
  .pick({ id: true, pairId: true, disputedScore: true, reason: true, createdAt: true })
  .extend({
    raterName: z.string(),
    /** Whose score is objected to: a rater's name, "model", "consensus" or "gold". */
    against: z.string(),
    ownScore: score.nullable(),
    /** The score objected to still stands. */
    stands: z.boolean(),
  })

/** A text that a pair had before, with the answers that stood on it. */
const earlierText = z.object({
  version: z.number().int(),
  premise: z.string(),
  hypothesis: z.string(),
  replacedAt: z.iso.datetime(),
  ratings: z.array(settlingRating),
})

/** A pair in full, for settling it. */
export const settlingPair = z.object({
  pairId: ulid,
  externalId: z.string().nullable(),
  premise: z.string(),
  hypothesis: z.string(),
  ratings: z.array(settlingRating),
  disputes: z.array(settlingDispute),
  prediction: prediction.nullable(),
  consensus: score.nullable(),
  gold: gold.omit({ pairId: true }).nullable(),
  /** Newest first, as are decisions. */
  earlierTexts: z.array(earlierText),
  decisions: z.array(madeDecision),
  settled: madeDecision.nullable(),
  binned: z.boolean(),
  /** Raters who count and have not rated the present text; `asked`: it waits for them. */
  raters: z.array(z.object({ id: ulid, name: z.string(), asked: z.boolean() })),
  /** Raters are dealt pairs by a plan: who is not asked will not see it. */
  planned: z.boolean(),
})
export type SettlingPair = z.infer<typeof settlingPair>

/** What can be decided about a pair; a later decision takes its place. */
export const madeChoice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('adjudicated'), score }),
  z.object({ kind: z.enum(['ambiguous', 'reopened', 'binned', 'restored']) }),
  /** `askedRaterId` null: whoever comes next. */
  z.object({ kind: z.literal('another-rater'), askedRaterId: ulid.nullable() }),
  z.object({ kind: z.literal('text-fixed'), premise: z.string(), hypothesis: z.string() }),
])
export type MadeChoice = z.infer<typeof madeChoice>

/** The most pairs that are decided about at once. */
export const mostDecidedAtOnce = 500

/** What can be decided about many pairs at once; `adjudicated-at-consensus`: each pair's consensus becomes its score. */
export const bulkChoice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('adjudicated-at-consensus') }),
  z.object({ kind: z.enum(['ambiguous', 'reopened', 'binned', 'restored']) }),
  z.object({ kind: z.literal('another-rater'), askedRaterId: ulid.nullable() }),
])
export type BulkChoice = z.infer<typeof bulkChoice>

const binnedPair = madeDecision.extend({ premise: z.string(), hypothesis: z.string() })
export type BinnedPair = z.infer<typeof binnedPair>

export const settlingMethods = {
  /** Pairs that people, or people and the model, disagree on, most worth settling first. */
  'settling.queue': method(
    z.object({
      ...page,
      kind: settlingKind.default('any'),
      /** Only pairs with a dispute of a score that stands. */
      disputed: z.boolean().default(false),
      /** Only pairs on which the model is far from what people say. */
      modelGap: z.boolean().default(false),
      /** Also pairs that were settled and have got no rating and no dispute since. */
      includeSettled: z.boolean().default(false),
      order: settlingOrder.default('weight'),
    }),
    z.object({
      total: z.number().int(),
      rows: z.array(settlingRow),
      counts: z.object({
        /** Pairs in the queue without any filter. */
        open: z.number().int(),
        settled: z.number().int(),
        /** Pairs with scores of two raters or more, settled ones included. */
        compared: z.number().int(),
        /** Raters who have scored anything that counts. */
        raters: z.number().int(),
      }),
    }),
  ),
  'settling.pair': method(z.object({ pairId: ulid }), settlingPair),
  /** Refused with a sentence where it changes nothing, or cannot be. `told`: what follows from it. */
  'settling.decide': method(
    z.object({ pairId: ulid, decidedBy: ulid, reason, choice: madeChoice }),
    z.object({ decision, told: z.string() }),
  ),
  /**
   * Decides the same about many pairs, each by a decision of its own, in one transaction: what fails for another reason
   * than that it cannot be decided leaves nothing decided. `refused`: each reason with the number of its pairs.
   */
  'settling.decideAll': method(
    z.object({
      pairIds: z.array(ulid).min(1).max(mostDecidedAtOnce),
      decidedBy: ulid,
      reason,
      choice: bulkChoice,
    }),
    z.object({
      decidedIds: z.array(ulid),
      refused: z.array(z.object({ message: z.string(), count: z.number().int().positive() })),
    }),
  ),
  /** Pairs in the bin, latest first. */
  'settling.bin': method(z.object(page), z.object({ total: z.number().int(), rows: z.array(binnedPair) })),
  /** Makes a pair gold, or gives it another score, tolerance or explanation; null: gold no more. */
  'settling.gold': method(
    z.object({ pairId: ulid, gold: gold.omit({ pairId: true }).nullable() }),
    z.object({}),
  ),
}
