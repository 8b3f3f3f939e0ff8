import { z } from 'zod'
import { backendChoice } from '../domain/backend.ts'
import { ulid } from '../domain/ids.ts'
import { keptSearch, searchCount, searchMethod } from '../domain/search.ts'
import { run, runName, trainingConfiguration } from '../domain/run.ts'
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
  /** Goes on with a run that was cancelled or broken off, from its last whole epoch, with the same result as in one go. */
  'train.resume': method(z.object({ runId: ulid }), z.object({ jobId: ulid })),
  /**
   * Tries settings of the regression heads by cross-validation on all labelled pairs outside the holdout, the given ones
   * first; makes no run.
   */
  'train.search': method(
    z.object({
      count: searchCount,
      method: searchMethod.default('sobol'),
      configuration: trainingConfiguration,
      backend: backendChoice.optional(),
    }),
    z.object({ jobId: ulid }),
  ),
  /** What the last search found; null where there was none. */
  'train.lastSearch': method(z.object({}), keptSearch.nullable()),
  /** Newest first; those in the bin, too. */
  'train.runs': method(z.object({}), z.array(run)),
  'train.rename': method(z.object({ runId: ulid, name: runName.nullable() }), run),
  'train.pin': method(z.object({ runId: ulid, pinned: z.boolean() }), run),
  /** Not the run in use, a running or a pinned one. */
  'train.bin': method(z.object({ runId: ulid }), run),
  'train.takeFromBin': method(z.object({ runId: ulid }), run),
  /** Deletes what is in the bin for good. `typed` must be the project's title, as a confirmation. */
  'train.emptyBin': method(z.object({ typed: z.string() }), z.object({ deleted: z.number().int() })),
  /** Makes an earlier run the project's model: scores pool and holdout with it and ranks suggestions anew. */
  'train.restore': method(z.object({ runId: ulid }), z.object({ jobId: ulid })),
}
