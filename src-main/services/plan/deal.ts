import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { OverlapPlan } from '#shared/domain/plan.ts'
import { throwIfCancelled } from '../../jobs/jobs.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { Assignment } from '../../store/repositories/assignments.ts'
import { hashText } from '../annotation/hashText.ts'
import { requireStillOpen } from '../withProject.ts'

/** What dealing came to. */
export interface Dealt {
  readonly pairs: number
  /** Pairs that wanted more raters than there are. */
  readonly short: number
}

/** Pairs dealt in one transaction: some milliseconds. */
const pairsPerTurn = 300

/** How many raters the plan gives a pair; the same whenever it is asked. */
export function ratersWanted(plan: OverlapPlan, pairId: string, seed: number): number {
  switch (plan.kind) {
    case 'every':
      return plan.raters
    case 'share':
      return hashText(`${pairId} overlap`, seed) / 2 ** 32 < plan.share ? plan.raters : 1
  }
}

/**
 * Chooses the raters that have least to do, among equals by a hash of seed, rater and pair, so that over many pairs every
 * two raters meet.
 * @param load pairs each rater has in hand; raised for those chosen.
 * @param taken raters who have the pair in hand.
 */
export function chooseRaters(
  pairId: string,
  wanted: number,
  taken: ReadonlySet<string>,
  load: Map<string, number>,
  seed: number,
): string[] {
  const pairSeed = hashText(pairId, seed)
  const chosen = [...load]
    .filter(([raterId]) => !taken.has(raterId))
    .map(([raterId, pairs]) => ({ raterId, pairs, chance: hashText(raterId, pairSeed) }))
    .sort((left, right) => left.pairs - right.pairs || left.chance - right.chance)
    .slice(0, Math.max(0, wanted - taken.size))
    .map(({ raterId }) => raterId)
  for (const raterId of chosen) load.set(raterId, (load.get(raterId) ?? 0) + 1)
  return chosen
}

/**
 * Deals every pair anew by the project's plan: what a rater has answered, or was asked for, stays theirs; all else goes to
 * those with least to do. Raters who take no part, or are set aside, get nothing. Lets other work go in between.
 * @throws GradusError `cancelled`: what was dealt by then stays.
 */
export async function dealPairs(
  store: ProjectStore,
  plan: OverlapPlan,
  signal: AbortSignal,
  onShare: (share: number) => void,
): Promise<Dealt> {
  const { seed } = store.project.read().settings
  const letOthers = async (): Promise<void> => {
    await yieldToOthers()
    throwIfCancelled(signal)
    requireStillOpen(store)
  }
  for (let after: string | null = ''; after !== null;) {
    after = store.assignments.removeOpen(after, pairsPerTurn)
    await letOthers()
  }
  const load = new Map([...store.raters.takingPart()].map((id) => [id, 0]))
  // First what is in hand, so that the first pairs do not go to those who have most.
  for await (const rows of walk())
    for (const { raterIds } of rows)
      for (const raterId of raterIds) if (load.has(raterId)) load.set(raterId, (load.get(raterId) ?? 0) + 1)
  const total = Math.max(1, store.tally.read().pairs)
  let [pairs, short] = [0, 0]
  for await (const rows of walk()) {
    const made: Assignment[] = []
    for (const { pairId, raterIds } of rows) {
      const taken = new Set(raterIds)
      const wanted = ratersWanted(plan, pairId, seed)
      const chosen = chooseRaters(pairId, wanted, taken, load, seed)
      // Who has answered is assigned, too: the plan counts what is done.
      for (const raterId of [...taken, ...chosen]) made.push({ raterId, pairId, kind: 'plan' })
      if (taken.size + chosen.length < wanted) short += 1
    }
    store.assignments.add(made)
    pairs += rows.length
    onShare(Math.min(1, pairs / total))
  }
  store.assignments.planChanged()
  return { pairs, short }

  async function* walk(): AsyncGenerator<{ pairId: string; raterIds: string[] }[]> {
    for (let after: string | null = ''; after !== null;) {
      const { rows, last } = store.assignments.toDeal(after, pairsPerTurn)
      yield rows
      after = last
      await letOthers()
    }
  }
}
