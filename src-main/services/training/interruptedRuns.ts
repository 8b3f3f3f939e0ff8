import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { closedMeanwhile } from '../../jobs/jobs.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { gaveWay } from './giveWay.ts'

const rowsPerChunk = 500

const endedMeanwhile =
  'The program ended while this training ran. The project is as it was before: go on with the run, or train again.'

/** What of a run tells whether it was tried out. */
export interface EndedRun {
  readonly id: string
  readonly failure: string | null
}

/**
 * The latest run that was tried: not one that was given up because the program or the project was closed or other work
 * came first, nor one in the middle of which the program ended, unless that happened to the one before it, too.
 * @param latest runs, newest first.
 * @returns its id; null where there is none.
 */
export function lastTried(latest: readonly EndedRun[]): string | null {
  const wanted = latest.filter(({ failure }) => failure !== closedMeanwhile && failure !== gaveWay)
  const [first, second] = wanted
  const isBegunAnew = first?.failure === endedMeanwhile && second?.failure !== endedMeanwhile
  return (isBegunAnew ? second?.id : first?.id) ?? null
}

/**
 * Marks runs that a program which ended in the middle has left as running. To be called once when a project has been
 * opened, before anything can train on it.
 */
export function failInterruptedRuns(store: ProjectStore): void {
  store.runs.failRunning(endedMeanwhile, new Date().toISOString())
}

/** Removes predictions, of one run or of all but one, in chunks; stops where the project is closed meanwhile. */
export async function clearPredictions(
  store: ProjectStore,
  which: { readonly of: string } | { readonly except: string },
): Promise<void> {
  let after: string | null = ''
  while (after !== null && store.database.open) {
    after =
      'of' in which
        ? store.predictions.removeOf(which.of, after, rowsPerChunk)
        : store.predictions.removeOthers(which.except, after, rowsPerChunk)
    await yieldToOthers()
  }
}
