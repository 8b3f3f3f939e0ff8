import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { ProjectStore } from '../../store/projectStore.ts'

const rowsPerChunk = 500

/**
 * Marks runs that a program which ended in the middle has left as running. To be called once when a project has been
 * opened, before anything can train on it.
 */
export function failInterruptedRuns(store: ProjectStore): void {
  store.runs.failRunning(
    'The program ended while this training ran. The project is as it was before: go on with the run, or train again.',
    new Date().toISOString(),
  )
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
