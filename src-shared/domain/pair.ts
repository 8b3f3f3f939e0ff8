import { z } from 'zod'
import { ulid } from './ids.ts'

/** Which part of the data a pair belongs to. `holdout` is never trained on and never chosen by a strategy. */
export const split = z.enum(['train', 'validation', 'holdout'])
export type Split = z.infer<typeof split>

/** Free metadata: column name → text as imported. */
export const metadata = z.record(z.string(), z.string())

/** A premise and a hypothesis with the id the outside world knows it by, where it has one. */
export const pair = z.object({
  id: ulid,
  externalId: z.string().nullable(),
  premise: z.string().min(1),
  hypothesis: z.string().min(1),
  /** Declared at import; null: decided by the stable hash of the premise group. */
  declaredSplit: split.nullable(),
  metadata,
})
export type Pair = z.infer<typeof pair>

/**
 * The key of a text for grouping: case, white space and Unicode form do not count.
 * Pairs whose premises share this key stay on the same side of every split.
 */
export function groupingText(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim()
}
