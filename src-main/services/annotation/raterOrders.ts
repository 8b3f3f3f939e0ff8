import type { ProjectStore } from '../../store/projectStore.ts'
import { buildRaterOrder, type RaterOrder } from './raterOrder.ts'

/** A rater's order with the number of steps they have taken, kept up by whoever changes their answers. */
export interface RaterAtWork {
  readonly order: RaterOrder
  /** Commits and skips that stand. */
  steps: number
}

const kept = 4

/**
 * Gives the order of a rater, built anew after an import or after another process has written. A few raters' orders
 * stay in memory.
 */
export function createRaterOrders(): (store: ProjectStore, raterId: string) => Promise<RaterAtWork> {
  const stores = new WeakMap<ProjectStore, Map<string, { stamp: string; atWork: Promise<RaterAtWork> }>>()
  return (store, raterId) => {
    const known = stores.get(store) ?? new Map<string, { stamp: string; atWork: Promise<RaterAtWork> }>()
    stores.set(store, known)
    const { seed } = store.project.read().settings
    const stamp = `${store.tally.stamp()} ${seed}`
    const present = known.get(raterId)
    // The one used last goes to the end; the first ones are forgotten.
    known.delete(raterId)
    const atWork =
      present?.stamp === stamp
        ? present.atWork
        : buildRaterOrder(store, raterId, seed).then((order) => ({
            order,
            steps: store.annotation.countSteps(raterId),
          }))
    known.set(raterId, { stamp, atWork })
    for (const oldest of [...known.keys()].slice(0, -kept)) known.delete(oldest)
    atWork.catch(() => known.delete(raterId))
    return atWork
  }
}
