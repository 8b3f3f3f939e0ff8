import { z } from 'zod'
import { ulid } from './ids.ts'

export const strategyName = z.enum(['ensemble-variance'])

/** A chosen pair with its reason. */
export const suggestion = z.object({
  id: ulid,
  runId: ulid,
  pairId: ulid,
  strategy: strategyName,
  /** 1 is the pair most worth a person's time. */
  rank: z.number().int().positive(),
  /** In words, for the person who will rate it. */
  reason: z.string(),
})
export type Suggestion = z.infer<typeof suggestion>
