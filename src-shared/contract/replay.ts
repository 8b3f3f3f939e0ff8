import { z } from 'zod'
import { askedReplay, replayPlan, replayReference, replaySummary } from '../domain/replay.ts'
import { method } from '../rpc/contract.ts'
import { exportedFile } from './jobs.ts'
import { ulid } from '../domain/ids.ts'

/** The last replay of a project, as far as it has come. */
export const keptReplay = replayPlan.extend({
  /** What the model reaches with all labels; null before that is known. */
  reference: replayReference.nullable(),
  /** Parts that are done, of one for each strategy and seed. */
  done: z.number().int(),
  count: z.number().int(),
  /** Of the strategies that have a part, in the order asked; random is the first. */
  summaries: z.array(replaySummary),
  /** Labels have come or changed since it was begun. */
  labelsChanged: z.boolean(),
  begunAt: z.iso.datetime(),
})
export type KeptReplay = z.infer<typeof keptReplay>

export const replayMethods = {
  /**
   * Replays the labels of the project with several strategies and random; what an earlier replay of the same labels and
   * settings has found is not done again. Refused beside a training.
   */
  'replay.start': method(askedReplay, z.object({ jobId: ulid })),
  /** The last replay, also while it runs; null where there was none. */
  'replay.read': method(z.object({}), keptReplay.nullable()),
  /** Writes the curves as CSV and SVG into the chosen folder, or as downloads where `folderToken` is null (web host). */
  'replay.files': method(
    z.object({ folderToken: z.string().nullable() }),
    z.object({ folder: z.string().nullable(), files: z.array(exportedFile) }),
  ),
}
