import { z } from 'zod'
import { ulid } from './ids.ts'
import { score } from './score.ts'

/**
 * What somebody decided about a pair: its score is settled (adjudicated), its spread is accepted (ambiguous), neither any
 * more (reopened), it is in the bin or out of it again, another rater was asked, its text was fixed.
 */
export const decisionKind = z.enum([
  'adjudicated',
  'ambiguous',
  'reopened',
  'binned',
  'restored',
  'another-rater',
  'text-fixed',
])

/** A decision about a pair, with its reason. Never changed: a later one takes its place. Ratings stay as they are. */
export const decision = z.object({
  id: ulid,
  pairId: ulid,
  kind: decisionKind,
  /** The settled score; null unless adjudicated. */
  score: score.nullable(),
  /** Who was asked for another rating; null: whoever comes next. */
  askedRaterId: ulid.nullable(),
  decidedBy: ulid,
  reason: z.string().trim().min(1).max(2000),
  createdAt: z.iso.datetime(),
})
export type Decision = z.infer<typeof decision>
