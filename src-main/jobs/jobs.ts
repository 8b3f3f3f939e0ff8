import { ulid } from 'ulid'
import { GradusError, toErrorShape } from '#shared/contract/errors.ts'
import type { Job, JobDetail } from '#shared/contract/jobs.ts'

/** What a running job may say of itself. */
export interface RunningJob {
  readonly id: string
  /** Aborted when somebody cancels the job or the program closes; a GradusError as its reason says why, where it was not a person. */
  readonly signal: AbortSignal
  update(change: { phase?: string; share?: number | null; detail?: JobDetail }): void
}

export interface Jobs {
  /** Starts long work and returns its job id at once; its end, however it comes, is told through `onChange`. */
  start(detail: JobDetail, phase: string, work: (running: RunningJob) => Promise<void>): string
  /** @param why what is kept as the reason where no person asked for it, as a sentence. */
  cancel(jobId: string, why?: string): void
  /** Running jobs and the last ended ones, newest first. */
  list(): Job[]
  /** Refuses with `job-running` where a job of this kind runs. */
  requireIdle(kind: JobDetail['kind']): void
  /** Resolves with the job as it ended. */
  ended(jobId: string): Promise<Job>
  /** Lists no longer what has ended: it belongs to a project that is no longer open. */
  forgetEnded(): void
  /** Takes no new work, cancels all and waits for their ends. */
  close(): Promise<void>
}

/** Why a job was cancelled that ran when the program or its project was closed. */
export const closedMeanwhile = 'The program or the project was closed meanwhile.'

const keptEnded = 20
const quietMilliseconds = 80

/**
 * Keeps track of long work.
 * @param onChange is given the whole job at its start, at most about every 80 ms while it runs, and at its end.
 * @param log is given our own bugs.
 */
export function createJobs(
  onChange: (job: Job) => void,
  log: (thrown: unknown, where: string) => void,
): Jobs {
  const jobs = new Map<string, Job>()
  const running = new Map<string, { controller: AbortController; end: Promise<Job> }>()

  let closing = false

  /** Forgets the oldest ended jobs but `kept`. */
  const forgetEnded = (kept: number): void => {
    const ended = [...jobs.values()].filter((job) => job.outcome.status !== 'running')
    for (const job of ended.slice(0, Math.max(0, ended.length - kept))) jobs.delete(job.id)
  }

  return {
    start(detail, phase, work) {
      if (closing) throw new GradusError('cancelled', 'The program is closing.')
      const id = ulid()
      const controller = new AbortController()
      const started = Date.now()
      let lastSent = 0
      let timer: NodeJS.Timeout | undefined
      let current: Job = {
        id,
        phase,
        share: null,
        secondsLeft: null,
        startedAt: new Date(started).toISOString(),
        outcome: { status: 'running' },
        detail,
      }
      const send = (): void => {
        clearTimeout(timer)
        timer = undefined
        lastSent = Date.now()
        onChange(current)
      }
      const set = (next: Job): void => {
        current = next
        jobs.set(id, next)
      }
      set(current)
      send()

      const update: RunningJob['update'] = (change) => {
        // What a worker still had under way when the job ended.
        if (current.outcome.status !== 'running') return
        const share = change.share === undefined ? current.share : change.share
        const elapsed = (Date.now() - started) / 1000
        set({
          ...current,
          phase: change.phase ?? current.phase,
          detail: change.detail ?? current.detail,
          share,
          secondsLeft: share !== null && share > 0.02 && elapsed > 1 ? (elapsed * (1 - share)) / share : null,
        })
        const wait = quietMilliseconds - (Date.now() - lastSent)
        if (wait <= 0) send()
        else timer ??= setTimeout(send, wait)
      }

      const perform = async (): Promise<Job> => {
        try {
          throwIfCancelled(controller.signal)
          await work({ id, signal: controller.signal, update })
          set({ ...current, share: 1, secondsLeft: 0, outcome: { status: 'finished' } })
        } catch (thrown) {
          const error = toErrorShape(thrown)
          if (error.code === 'unexpected') log(thrown, `job ${detail.kind}`)
          set({
            ...current,
            secondsLeft: null,
            outcome: error.code === 'cancelled' ? { status: 'cancelled' } : { status: 'failed', error },
          })
        }
        running.delete(id)
        forgetEnded(keptEnded)
        send()
        return current
      }
      // The caller gets the id before the work can end.
      const end = Promise.resolve().then(perform)
      running.set(id, { controller, end })
      return id
    },
    cancel: (jobId, why) =>
      running.get(jobId)?.controller.abort(why === undefined ? undefined : new GradusError('cancelled', why)),
    list: () => [...jobs.values()].reverse(),
    requireIdle(kind) {
      for (const id of running.keys())
        if (jobs.get(id)?.detail.kind === kind)
          throw new GradusError('job-running', `Another ${kind} is running: wait for its end or cancel it.`)
    },
    forgetEnded: () => forgetEnded(0),
    async ended(jobId) {
      const known = running.get(jobId)
      if (known !== undefined) return known.end
      const job = jobs.get(jobId)
      if (job === undefined) throw new GradusError('not-found', 'There is no such job.')
      return job
    },
    async close() {
      closing = true
      for (const { controller } of running.values())
        controller.abort(new GradusError('cancelled', closedMeanwhile))
      await Promise.all([...running.values()].map(({ end }) => end))
    },
  }
}

/** Throws `cancelled` once the signal is aborted; to be called between chunks of work. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new GradusError('cancelled', 'Cancelled.')
}
