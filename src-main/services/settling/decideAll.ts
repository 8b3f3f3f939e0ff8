import { GradusError } from '#shared/contract/errors.ts'
import type { BulkChoice, MadeChoice } from '#shared/contract/settling.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { writing } from '../../store/writing.ts'
import { requireRater, requireWholeProject } from '../withProject.ts'
import { decide } from './decide.ts'

/** What somebody wants to decide about many pairs. */
export interface WantedDecisions {
  readonly pairIds: readonly string[]
  readonly decidedBy: string
  readonly reason: string
  readonly choice: BulkChoice
}

/** What was decided, and what was refused, for each reason with the number of its pairs. */
export interface MadeDecisions {
  readonly decidedIds: string[]
  readonly refused: { message: string; count: number }[]
}

/** The choice for one pair. @throws GradusError where it has no consensus to settle at. */
function choiceOf(store: ProjectStore, pairId: string, choice: BulkChoice): MadeChoice {
  if (choice.kind !== 'adjudicated-at-consensus') return choice
  const consensus = store.labels.consensus(pairId)
  if (consensus === null)
    throw new GradusError('bad-request', 'Nobody has scored this pair: there is no consensus to settle at.')
  if (consensus.adjudicated)
    throw new GradusError('nothing-to-do', 'This pair is adjudicated already: its score stands.')
  return { kind: 'adjudicated', score: consensus.score }
}

/**
 * Decides the same about many pairs in one transaction. What cannot be decided about a pair is refused for it alone; any
 * other failure leaves nothing decided.
 * @throws GradusError where nobody may decide here, or that rater is not there.
 */
export function decideAll(
  store: ProjectStore,
  { pairIds, decidedBy, reason, choice }: WantedDecisions,
): MadeDecisions {
  requireWholeProject(store, 'pairs are settled')
  requireRater(store, decidedBy)
  const work = writing(store.database, (): MadeDecisions => {
    const decidedIds: string[] = []
    const refused = new Map<string, number>()
    for (const pairId of new Set(pairIds)) {
      try {
        decide(store, { pairId, decidedBy, reason, choice: choiceOf(store, pairId, choice) })
        decidedIds.push(pairId)
      } catch (thrown) {
        if (!(thrown instanceof GradusError)) throw thrown
        refused.set(thrown.message, (refused.get(thrown.message) ?? 0) + 1)
      }
    }
    const reasons = [...refused].map(([message, count]) => ({ message, count }))
    return { decidedIds, refused: reasons.sort((one, other) => other.count - one.count) }
  })
  try {
    return work()
  } catch (thrown) {
    // The counts in memory have followed what was rolled back.
    store.tally.recount()
    throw thrown
  }
}
