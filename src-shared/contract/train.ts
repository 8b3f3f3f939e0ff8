import { z } from 'zod'
import { backendChoice } from '../domain/backend.ts'
import { ulid } from '../domain/ids.ts'
import { run, trainingConfiguration } from '../domain/run.ts'
import { method } from '../rpc/contract.ts'

/** What a training would have to work with now. */
export const trainingOutlook = z.object({
  labelledPairs: z.number().int(),
  train: z.number().int(),
  validation: z.number().int(),
  holdout: z.number().int(),
  pool: z.number().int(),
  /** Why training cannot start, in one sentence; null where it can. */
  obstacle: z.string().nullable(),
})
export type TrainingOutlook = z.infer<typeof trainingOutlook>

export const trainMethods = {
  'train.outlook': method(z.object({}), trainingOutlook),
  /** Trains, scores the pool, ranks suggestions; one at a time. Without `backend` what was chosen in Settings holds. */
  'train.start': method(
    z.object({ configuration: trainingConfiguration, backend: backendChoice.optional() }),
    z.object({ jobId: ulid }),
  ),
  /** Newest first. */
  'train.runs': method(z.object({}), z.array(run)),
}
