import { z } from 'zod'
import { ulid } from './ids.ts'
import { score } from './score.ts'

const raters = z.number().int().min(1).max(20)

/** How many raters a pair gets: every pair the same number, or a share of the pairs that number and the rest one. */
export const overlapPlan = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('every'), raters }),
  z.object({ kind: z.literal('share'), share: z.number().min(0).max(1), raters }),
])
export type OverlapPlan = z.infer<typeof overlapPlan>

/** A pair whose right score is known. */
export const gold = z.object({
  pairId: ulid,
  score,
  /** Scores at most this far from it count as right. */
  tolerance: score,
  /** Why it has this score, for feedback; may be empty. */
  explanation: z.string().trim().max(2000),
})
export type Gold = z.infer<typeof gold>

/** Whether a score counts as right on a gold pair. */
export function isWithinGold(
  given: number,
  { score: right, tolerance }: Pick<Gold, 'score' | 'tolerance'>,
): boolean {
  // Both are sums of hundredths: a hair of rounding is nobody's mistake.
  return Math.abs(given - right) <= tolerance + 1e-9
}
