import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { throwIfCancelled } from '../../jobs/jobs.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { LabelRow } from '../../store/repositories/labels.ts'

const pairsPerPage = 500

/**
 * Walks all pairs of a project in the order of their ids, a page at a time, letting other work go between pages.
 * @throws GradusError `cancelled` once the signal is aborted.
 */
export async function* walkLabels(
  store: ProjectStore,
  signal: AbortSignal,
  pageSize: number = pairsPerPage,
): AsyncGenerator<LabelRow[]> {
  for (let after = ''; ;) {
    throwIfCancelled(signal)
    const page = store.labels.page(after, pageSize)
    const last = page.at(-1)
    if (last === undefined) return
    yield page
    after = last.pairId
    await yieldToOthers()
  }
}
