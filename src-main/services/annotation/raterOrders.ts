import type { ProjectStore } from '../../store/projectStore.ts'
import { buildRaterOrder, type RaterOrder } from './raterOrder.ts'
import { createRetestChoice, readRetests, type Retests } from './retests.ts'

/** A rater's order with the number of steps they have taken, kept up by whoever changes their answers. */
export interface RaterAtWork {
  readonly order: RaterOrder
  readonly retests: Retests
  /** Reads the repeats anew, after something was taken back or done again. */
  rereadRetests(): Promise<void>
  /** Commits and skips that stand. */
  steps: number
}

const kept = 4

async function prepare(store: ProjectStore, raterId: string, seed: number): Promise<RaterAtWork> {
  const isChosen = createRetestChoice(store, raterId)
  const order = await buildRaterOrder(store, raterId, seed)
  const read = (): Promise<Retests> => readRetests(store, raterId, isChosen, () => Date.now())
  let retests = await read()
  return {
    order,
    get retests() {
      return retests
    },
    async rereadRetests() {
      retests = await read()
    },
    steps: store.annotation.countSteps(raterId),
  }
}

/**
 * Gives the order of a rater, built anew after an import or after another process has written. A few raters' orders
 * stay in memory.
 */
export function createRaterOrders(): (store: ProjectStore, raterId: string) => Promise<RaterAtWork> {
  const stores = new WeakMap<ProjectStore, Map<string, { stamp: string; atWork: Promise<RaterAtWork> }>>()
  return (store, raterId) => {
    const known = stores.get(store) ?? new Map<string, { stamp: string; atWork: Promise<RaterAtWork> }>()
    stores.set(store, known)
    const { seed, retestShare } = store.project.read().settings
    const stamp = `${store.tally.stamp()} ${seed} ${retestShare}`
    const present = known.get(raterId)
    // The one used last goes to the end; the first ones are forgotten.
    known.delete(raterId)
    const atWork = present?.stamp === stamp ? present.atWork : prepare(store, raterId, seed)
    known.set(raterId, { stamp, atWork })
    for (const oldest of [...known.keys()].slice(0, -kept)) known.delete(oldest)
    atWork.catch(() => known.delete(raterId))
    return atWork
  }
}
