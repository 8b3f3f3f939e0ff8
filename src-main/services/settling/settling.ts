import { GradusError } from '#shared/contract/errors.ts'
import type { AppContract } from '#shared/contract/index.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import type { ServiceContext } from '../context.ts'
import { giveWay } from '../training/giveWay.ts'
import { requireStillOpen, requireWholeProject, withProject } from '../withProject.ts'
import { decide } from './decide.ts'
import { decideAll } from './decideAll.ts'
import { pairInFull } from './pairInFull.ts'
import { orderQueue, toRows } from './queue.ts'
import { isDisagreement, type WeighedPair } from './weighPair.ts'
import type { ReadWeighedPairs, WeighedPairs } from './weighedPairs.ts'

export type SettlingHandlers = Pick<
  Handlers<AppContract>,
  | 'settling.queue'
  | 'settling.pair'
  | 'settling.decide'
  | 'settling.decideAll'
  | 'settling.bin'
  | 'settling.gold'
>

/** Work that reads texts as they were at its start, and would give results of the old ones to the new ones. */
const readsTexts = {
  train: 'A training',
  search: 'A search',
  restore: 'The restoring of a run',
  export: 'An export',
} as const

/** @throws GradusError `job-running` where something works on the present texts. */
function requireNobodyReads({ jobs }: Pick<ServiceContext, 'jobs'>): void {
  for (const { detail, outcome } of jobs.list()) {
    const { kind } = detail
    if (outcome.status !== 'running' || !(kind in readsTexts)) continue
    const what = readsTexts[kind as keyof typeof readsTexts]
    throw new GradusError(
      'job-running',
      `${what} is running on the present texts: fix this one after its end, or cancel it.`,
    )
  }
}

function countPairs(pairs: WeighedPairs['pairs']): { open: number; settled: number; compared: number } {
  const counts = { open: 0, settled: 0, compared: 0 }
  for (const pair of pairs.values()) {
    if (pair.settled) counts.settled += 1
    else if (isDisagreement(pair)) counts.open += 1
    if (pair.raters >= 2) counts.compared += 1
  }
  return counts
}

/** Settling: the queue of what people disagree on, and what is decided about it. */
export function createSettlingHandlers(
  context: ServiceContext,
  weighedPairs: ReadWeighedPairs,
): SettlingHandlers {
  /** The last list, so that scrolling through pages sorts once. */
  let last: {
    readonly of: WeighedPairs['pairs']
    readonly key: string
    readonly list: WeighedPair[]
  } | null = null

  return {
    'settling.queue': ({ offset, limit, ...wanted }) =>
      withProject(context, async (store) => {
        const { pairs, version } = await weighedPairs(store)
        const key = JSON.stringify([wanted, version])
        if (last?.of !== pairs || last.key !== key) last = { of: pairs, key, list: orderQueue(pairs, wanted) }
        const setAside = store.raters.setAside()
        const raters = [...store.tally.read().raters].filter(
          ([raterId, { ratings }]) => ratings > 0 && !setAside.has(raterId),
        ).length
        return {
          total: last.list.length,
          rows: toRows(store, last.list.slice(offset, offset + limit), offset),
          counts: { ...countPairs(pairs), raters },
        }
      }),

    'settling.pair': ({ pairId }) => withProject(context, (store) => pairInFull(store, pairId)),

    'settling.decide': (wanted) =>
      withProject(context, async (store) => {
        if (wanted.choice.kind === 'text-fixed') {
          await giveWay(context)
          requireStillOpen(store)
          requireNobodyReads(context)
        }
        const made = decide(store, wanted)
        store.wrote()
        context.projectChanged()
        return made
      }),

    'settling.decideAll': (wanted) =>
      withProject(context, (store) => {
        const made = decideAll(store, wanted)
        if (made.decidedIds.length > 0) {
          store.wrote()
          context.projectChanged()
        }
        return made
      }),

    'settling.bin': ({ offset, limit }) =>
      withProject(context, (store) => {
        const rows = store.decisions.binned(offset, limit)
        const texts = store.labels.texts(rows.map(({ pairId }) => pairId))
        return {
          total: store.decisions.countBinned(),
          rows: rows.map((row, index) => ({
            ...row,
            premise: texts[index]?.premise ?? '',
            hypothesis: texts[index]?.hypothesis ?? '',
          })),
        }
      }),

    'settling.gold': ({ pairId, gold }) =>
      withProject(context, (store) => {
        requireWholeProject(store, 'gold pairs are chosen')
        if (store.pairs.byId(pairId) === null)
          throw new GradusError('not-found', 'This pair is not in the project: choose another one.')
        if (gold === null) store.gold.remove(pairId)
        else store.gold.write({ pairId, ...gold })
        // Everybody rates gold pairs: their orders are built anew.
        store.assignments.planChanged()
        store.wrote()
        context.projectChanged()
        return {}
      }),
  }
}
