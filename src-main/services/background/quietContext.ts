import { lowPriorityWord } from '../../jobs/lowPriority.ts'
import type { RunningJob } from '../../jobs/jobs.ts'
import type { Pace } from '../../jobs/pace.ts'
import type { ServiceContext } from '../context.ts'

/** What a job says it does while it is held up. */
export const waitingPhase = 'Waiting while you rate'

/** A job's progress, which says that it waits while it does, and afterwards what it said before. */
function sayingThatItWaits(
  running: RunningJob,
  firstPhase: string,
  pace: Pace,
): RunningJob & { stop(): void } {
  let phase = firstPhase
  let waits = false
  const stop = pace.listen((milliseconds) => {
    const waitsNow = milliseconds > 0 && !running.signal.aborted
    if (waitsNow === waits) return
    waits = waitsNow
    running.update({ phase: waits ? waitingPhase : phase })
  })
  return {
    id: running.id,
    signal: running.signal,
    update({ phase: next = phase, ...change }) {
      phase = next
      running.update(waits ? change : { ...change, phase })
    },
    stop,
  }
}

/**
 * The context of work that nobody has asked for: its processes have the lowest priority and one processor fewer, and
 * wait while a person is active.
 */
export function quietContext(context: ServiceContext, pace: Pace): ServiceContext {
  return {
    ...context,
    pace,
    threads: Math.max(1, context.threads - 1),
    startWorker: (name, words = []) => context.startWorker(name, [...words, lowPriorityWord]),
    jobs: {
      ...context.jobs,
      start: (detail, phase, work) =>
        context.jobs.start(detail, phase, async (running) => {
          const told = sayingThatItWaits(running, phase, pace)
          try {
            await work(told)
          } finally {
            told.stop()
          }
        }),
    },
  }
}
