import { z } from 'zod'
import { evidencePace, evidenceReport } from '../domain/evidence.ts'
import { ulid } from '../domain/ids.ts'
import { method } from '../rpc/contract.ts'

/** What is known of what labels are worth here. */
export const evidenceState = z.object({
  /** Of the last measuring; null before the first. */
  report: evidenceReport.nullable(),
  /** Whether ratings, runs and settings are still those it was made of. */
  isCurrent: z.boolean(),
  pace: evidencePace,
})
export type EvidenceState = z.infer<typeof evidenceState>

export const evidenceMethods = {
  /** What was last measured, whether or not it is still so, and the pace of now. */
  'evidence.read': method(z.object({}), evidenceState),
  /** Measures anew: the job that runs already, where one does. */
  'evidence.measure': method(z.object({}), z.object({ jobId: ulid })),
}
