import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { PairsMark, PredictedPair } from '../../store/repositories/reviewLists.ts'
import { requireStillOpen } from '../withProject.ts'

/** What the run in use says of all pairs outside the bin. */
export interface PredictedPairs {
  readonly runId: string | null
  readonly pairs: ReadonlyMap<string, PredictedPair>
  /** Another number whenever they have changed. */
  readonly version: number
}

interface Kept {
  readonly runId: string | null
  mark: PairsMark
  /** When its suggestions were ranked last: pairs that had come in were scored then. */
  readonly rankedAt: string | null
  readonly pairs: Map<string, PredictedPair>
  version: number
}

function rankedAtOf(store: ProjectStore, runId: string | null): string | null {
  return runId === null ? null : (store.suggestions.ranking(runId)?.createdAt ?? null)
}

/** Predictions read before other work gets its turn: some milliseconds. */
const pairsPerTurn = 1000

/**
 * Keeps what the run in use says of pairs in memory, so that a list of the most doubtful of many needs no scan. Read anew, in
 * chunks, where another run is in use or it has ranked anew; one by one where pairs went into the bin or came back, or got another text.
 */
export function createPredictedPairs(): (store: ProjectStore) => Promise<PredictedPairs> {
  const stores = new WeakMap<ProjectStore, Kept>()
  let queue: Promise<unknown> = Promise.resolve()

  const readAll = async (store: ProjectStore, runId: string | null): Promise<Kept> => {
    const version = (stores.get(store)?.version ?? 0) + 1
    const kept: Kept = {
      runId,
      mark: store.reviewLists.mark(),
      rankedAt: rankedAtOf(store, runId),
      pairs: new Map(),
      version,
    }
    if (runId === null) return kept
    for (let after: string | null = ''; after !== null;) {
      const { rows, last } = store.reviewLists.predictions(runId, after, pairsPerTurn)
      for (const row of rows) kept.pairs.set(row.pairId, row)
      after = last
      await yieldToOthers()
      requireStillOpen(store)
    }
    return kept
  }

  const bringUp = async (store: ProjectStore): Promise<PredictedPairs> => {
    requireStillOpen(store)
    const { runId } = store.tally.read()
    let kept = stores.get(store)
    const mark = store.reviewLists.mark()
    const isOfRanking = kept?.runId === runId && kept.rankedAt === rankedAtOf(store, runId)
    const touched = isOfRanking && kept !== undefined ? store.reviewLists.touched(kept.mark) : null
    if (kept === undefined || touched === null) {
      kept = await readAll(store, runId)
      stores.set(store, kept)
    } else if (touched.length > 0 && runId !== null) {
      for (const pairId of touched) {
        const found = store.reviewLists.prediction(runId, pairId)
        if (found === null) kept.pairs.delete(pairId)
        else kept.pairs.set(pairId, found)
      }
      kept.mark = mark
      kept.version += 1
    }
    return kept
  }

  return (store) => {
    const next = queue.then(() => bringUp(store))
    queue = next.catch(() => undefined)
    return next
  }
}
