import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { throwIfCancelled } from '../../jobs/jobs.ts'
import { askAgain } from '../../learning/strategies/askAgain.ts'
import type { StoredRatedPair } from '../../store/repositories/ratedPairs.ts'
import type { Scoring } from './scoreWaiting.ts'

const pairsPerPage = 500

/** A rated pair that another rating is worth more for than a new pair is, with the reason in words. */
export interface AskedPair {
  readonly pairId: string
  readonly reason: string
}

/** What is asked about rated pairs. */
export interface AskedAgain {
  /** The most doubtful first. */
  readonly asked: readonly AskedPair[]
  /** Why nothing is asked where something might be, in a sentence; null else. */
  readonly remark: string | null
}

/**
 * The rated pairs outside the holdout that another rating is worth more for than a new pair is; none where one rater works
 * alone. What the run says of pairs without having seen them tells where a label is surprising; a run that was restored
 * has kept nothing of that, and then nothing is asked.
 */
export async function pairsToAskAgain({
  store,
  run,
  running,
}: Pick<Scoring, 'store' | 'run' | 'running'>): Promise<AskedAgain> {
  if (store.raters.takingPart().size < 2) return { asked: [], remark: null }
  const rated: StoredRatedPair[] = []
  const wanted = { runId: run.id, holdoutShare: run.holdoutShare }
  for (let after: string | null = ''; after !== null;) {
    throwIfCancelled(running.signal)
    const { rows, last } = store.ratedPairs.page(wanted, after, pairsPerPage)
    rated.push(...rows.filter(({ premiseGroup }) => !run.data.holdoutGroups.has(premiseGroup)))
    after = last
    await yieldToOthers()
  }
  if (rated.length === 0) return { asked: [], remark: null }
  if (rated.every(({ predicted }) => predicted === null))
    return {
      asked: [],
      remark:
        'No rated pair is asked about again: what this run says of them without having seen them is not known.',
    }
  const places = askAgain(
    rated.map(({ target, ratings, deviation, spread, predicted }) => ({
      target,
      ratings,
      deviation,
      expectedDeviation: spread,
      unseen: predicted,
    })),
  )
  return {
    // A suggestion is shown with what the run says of its pair.
    asked: places.flatMap(({ place, reason }) => {
      const pair = rated[place]
      return pair?.mayAsk === true && pair.predicted !== null ? { pairId: pair.pairId, reason } : []
    }),
    remark: null,
  }
}
