import { z } from 'zod'
import { ulid } from '../domain/ids.ts'
import { headCurves } from '../domain/run.ts'
import { triedConfiguration } from '../domain/search.ts'
import { method } from '../rpc/contract.ts'
import { errorShape } from './errors.ts'

export const exportedFile = z.object({
  name: z.string(),
  bytes: z.number().int(),
  sha256: z.string(),
  /** Where the browser fetches it, in the web host; null where the file lies in the chosen folder. */
  download: z.string().nullable(),
})
export type ExportedFile = z.infer<typeof exportedFile>

export const importCounts = z.object({
  rows: z.number().int(),
  pairs: z.number().int(),
  ratings: z.number().int(),
  /**
   * Rows whose pair was there already. Their score was added to it as a rating, unless they had none or their rater
   * had answered it before; the report says which.
   */
  duplicates: z.number().int(),
  /** Rows refused for any other reason. */
  rejected: z.number().int(),
})
export type ImportCounts = z.infer<typeof importCounts>

/** What a job shows while it runs, and what it leaves. */
export const jobDetail = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('import'), importId: ulid, fileName: z.string(), counts: importCounts }),
  z.object({
    kind: z.literal('train'),
    runId: ulid,
    runNumber: z.number().int(),
    /** It was started by itself, after new ratings: see `retrainAfter`. */
    automatic: z.boolean(),
    /** The heads trained so far, the present one last. */
    curves: z.array(headCurves.pick({ head: true, epochs: true, maximumEpochs: true })),
  }),
  z.object({
    kind: z.literal('search'),
    done: z.number().int(),
    count: z.number().int(),
    /** In the order they were done. */
    tried: z.array(triedConfiguration),
  }),
  /** Parts, one for each strategy and seed, those done before included; `replay.read` has what they say. */
  z.object({ kind: z.literal('replay'), done: z.number().int(), count: z.number().int() }),
  z.object({ kind: z.literal('restore'), runId: ulid, runNumber: z.number().int() }),
  z.object({ kind: z.literal('rank'), runId: ulid, runNumber: z.number().int() }),
  z.object({ kind: z.literal('predict'), runId: ulid, scored: z.number().int() }),
  z.object({ kind: z.literal('rescore'), labels: z.number().int(), rescored: z.number().int() }),
  z.object({ kind: z.literal('probe') }),
  /** `short`: pairs that wanted more raters than there are. */
  z.object({ kind: z.literal('deal'), short: z.number().int() }),
  z.object({ kind: z.literal('agreement') }),
  z.object({ kind: z.literal('evidence') }),
  z.object({ kind: z.literal('export'), folder: z.string().nullable(), files: z.array(exportedFile) }),
])
export type JobDetail = z.infer<typeof jobDetail>

export const jobOutcome = z.discriminatedUnion('status', [
  z.object({ status: z.literal('running') }),
  z.object({ status: z.literal('finished') }),
  z.object({ status: z.literal('cancelled') }),
  z.object({ status: z.literal('failed'), error: errorShape }),
])
export type JobOutcome = z.infer<typeof jobOutcome>

/** Long work as a whole, sent anew at every change: nobody has to add up differences. */
export const job = z.object({
  id: ulid,
  /** What it is doing now, in a few words. */
  phase: z.string(),
  /** Share done, 0–1; null while it cannot be told. */
  share: z.number().min(0).max(1).nullable(),
  secondsLeft: z.number().nonnegative().nullable(),
  startedAt: z.iso.datetime(),
  outcome: jobOutcome,
  detail: jobDetail,
})
export type Job = z.infer<typeof job>

export const jobMethods = {
  'jobs.list': method(z.object({}), z.array(job)),
  /** Asks a job to stop; its end arrives as an event. Cancelling an ended job does nothing. */
  'jobs.cancel': method(z.object({ jobId: ulid }), z.object({})),
  /** Somebody types or moves the slider: what was started by itself waits for half a second from now. */
  'jobs.personActive': method(z.object({}), z.object({})),
}
