import { z } from 'zod'

/** A score: how strongly hypothesis belongs to premise, 0 (not at all) to 1 (fully). */
export const score = z.number().min(0).max(1)

/** How the position on the track becomes a value; only `linear` exists yet, the column is there from the first version. */
export const scaleKind = z.enum(['linear', 'logit'])

/** A closed range of outside scores that is mapped linearly to 0–1. */
export const scoreRange = z
  .object({ low: z.number(), high: z.number() })
  .refine((range) => range.high > range.low, 'The upper end of the score range must be above the lower end.')
export type ScoreRange = z.infer<typeof scoreRange>

/**
 * Maps an outside score linearly to 0–1.
 * @returns the mapped score, or null where `outside` is not a finite number inside the range (ends included).
 */
export function toUnitScore(outside: number, range: ScoreRange): number | null {
  if (!Number.isFinite(outside) || outside < range.low || outside > range.high) return null
  return (outside - range.low) / (range.high - range.low)
}
