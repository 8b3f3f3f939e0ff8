import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { DisagreementMark } from '../../store/repositories/disagreements.ts'
import { requireStillOpen } from '../withProject.ts'
import { weighPair, type WeighedPair } from './weighPair.ts'

/** The pairs that people have scored and what each weighs, as the project is now. */
export interface WeighedPairs {
  /** All that have a score that counts, by id. */
  readonly pairs: ReadonlyMap<string, WeighedPair>
  /** Another number whenever they have changed. */
  readonly version: number
}

/** Brings the weighed pairs of a project up to what it is now. */
export type ReadWeighedPairs = (store: ProjectStore) => Promise<WeighedPairs>

interface Kept {
  mark: DisagreementMark
  readonly pairs: Map<string, WeighedPair>
  version: number
}

/** Pairs looked at before other work gets its turn: some milliseconds. */
const pairsPerTurn = 400
/** Changed pairs, one by one, likewise. */
const touchedPerTurn = 50
/** More changed pairs than these are looked at in chunks, all of them. */
const mostTouched = 2000

/**
 * Keeps the weighed pairs of the open project in memory. What was rated, decided or disputed since is weighed anew by
 * itself; everything, in chunks, only where something bears on all pairs.
 */
export function createWeighedPairs(): ReadWeighedPairs {
  const stores = new WeakMap<ProjectStore, Kept>()
  let queue: Promise<unknown> = Promise.resolve()

  const put = (kept: Kept, pair: WeighedPair): void => void kept.pairs.set(pair.pairId, pair)
  const weighAll = async (store: ProjectStore): Promise<Kept> => {
    const version = (stores.get(store)?.version ?? 0) + 1
    const { runId } = store.tally.read()
    const kept: Kept = { mark: store.disagreements.mark(), pairs: new Map(), version }
    for (let after: string | null = ''; after !== null;) {
      const { rows, last } = store.disagreements.page(runId, after, pairsPerTurn)
      for (const row of rows) put(kept, weighPair(row))
      after = last
      await yieldToOthers()
      requireStillOpen(store)
    }
    return kept
  }
  const weighTouched = async (store: ProjectStore, kept: Kept, touched: readonly string[]): Promise<void> => {
    const { runId } = store.tally.read()
    for (const [index, pairId] of touched.entries()) {
      kept.pairs.delete(pairId)
      const found = store.disagreements.ofPair(runId, pairId)
      if (found !== null) put(kept, weighPair(found))
      if (index % touchedPerTurn !== touchedPerTurn - 1) continue
      await yieldToOthers()
      requireStillOpen(store)
    }
    kept.version += 1
  }
  const bringUp = async (store: ProjectStore): Promise<WeighedPairs> => {
    requireStillOpen(store)
    let kept = stores.get(store)
    const mark = store.disagreements.mark()
    const touched = kept === undefined ? null : store.disagreements.touched(kept.mark)
    if (kept === undefined || touched === null || touched.length > mostTouched) {
      // Its mark was taken first: what is rated meanwhile is looked at again next time.
      kept = await weighAll(store)
      stores.set(store, kept)
    } else if (touched.length > 0) {
      await weighTouched(store, kept, touched)
      // Likewise.
      kept.mark = mark
    }
    return kept
  }

  return (store) => {
    const next = queue.then(() => bringUp(store))
    queue = next.catch(() => undefined)
    return next
  }
}
