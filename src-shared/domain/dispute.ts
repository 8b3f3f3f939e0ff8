import { z } from 'zod'
import { ulid } from './ids.ts'
import { score } from './score.ts'

/** Which visible score a rater objects to. */
export const disputeTarget = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('rating'), ratingId: ulid }),
  z.object({ kind: z.literal('prediction'), runId: ulid }),
  z.object({ kind: z.literal('consensus') }),
  z.object({ kind: z.literal('gold') }),
])
export type DisputeTarget = z.infer<typeof disputeTarget>

/** A rater's recorded objection to a score, with a reason. */
export const dispute = z.object({
  id: ulid,
  pairId: ulid,
  raterId: ulid,
  target: disputeTarget,
  /** The score objected to, as it was when the dispute was made. */
  disputedScore: score,
  /** The rater's own rating of the pair at that time. */
  ownRatingId: ulid,
  reason: z.string().trim().min(1).max(2000),
  createdAt: z.iso.datetime(),
})
export type Dispute = z.infer<typeof dispute>
