import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { GradusError } from '#shared/contract/errors.ts'
import type { AppContract } from '#shared/contract/index.ts'
import type { Neighbour, ReviewCounts, ReviewModel, ReviewRow } from '#shared/contract/review.ts'
import type { ReviewQuery, ReviewTab } from '#shared/domain/reviewFilter.ts'
import type { Run } from '#shared/domain/run.ts'
import type { Ranking } from '#shared/domain/suggestion.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { ServiceContext } from '../context.ts'
import { grouped, toRows } from '../settling/queue.ts'
import { weighPair } from '../settling/weighPair.ts'
import type { ReadWeighedPairs } from '../settling/weighedPairs.ts'
import { requireStillOpen, withProject } from '../withProject.ts'
import { usualDeviation } from './ambiguity.ts'
import { createPredictedPairs } from './predictedPairs.ts'
import { createRatedVectors } from './ratedVectors.ts'
import { countLists, listPairs, type ReviewPair, type ReviewSources } from './reviewPairs.ts'
import { whyListed } from './why.ts'

export type ReviewListHandlers = Pick<
  Handlers<AppContract>,
  | 'review.list'
  | 'review.ids'
  | 'review.neighbours'
  | 'review.filters'
  | 'review.saveFilter'
  | 'review.removeFilter'
>

/** More than a run ever suggests. */
const allSuggestions = 10_000
/** Places searched before other work gets its turn: some milliseconds. */
const placesPerTurn = 2000
/** Lists kept while nothing changes, so that paging and changing tabs sorts none twice. */
const mostLists = 12
const nearestShown = 5

/** The project at one moment, with what has been made of it. */
interface Snapshot {
  readonly store: ProjectStore
  readonly version: string
  readonly sources: ReviewSources
  readonly counts: ReviewCounts
  readonly model: ReviewModel | null
  readonly ranking: Ranking | null
  /** By query. */
  readonly lists: Map<string, ReviewPair[]>
}

/** What the run in use knows of its own doubt. */
function describeModel(run: Run | null): ReviewModel | null {
  if (run === null) return null
  const { conformal = null, signal = null, holdout = null } = run.report ?? {}
  return {
    runNumber: run.number,
    level: conformal?.quantile == null ? 0.95 : conformal.level,
    signal: signal?.used ?? null,
    tolerance: signal?.tolerance ?? null,
    threshold: holdout?.abstention?.figures?.threshold ?? null,
  }
}

/** The lists of Review, and the names that people gave them. */
export function createReviewListHandlers(
  context: ServiceContext,
  weighedPairs: ReadWeighedPairs,
): ReviewListHandlers {
  const predictedPairs = createPredictedPairs()
  const ratedVectors = createRatedVectors(context)
  let last: Snapshot | null = null
  /** The last search, so that its pages and the other lists search no texts again. */
  let searched: { readonly store: ProjectStore; readonly key: string; readonly found: Set<string> } | null =
    null

  async function snapshot(store: ProjectStore): Promise<Snapshot> {
    const predicted = await predictedPairs(store)
    const weighed = await weighedPairs(store)
    const version = `${weighed.version} ${predicted.version} ${store.tally.changes()}`
    if (last?.store === store && last.version === version) return last
    const run = store.runs.inUse()
    const suggestions =
      run === null
        ? []
        : store.suggestions.page(run.id, { offset: 0, limit: allSuggestions, includeRated: true }).rows
    const sources: ReviewSources = {
      weighed: weighed.pairs,
      predicted: predicted.pairs,
      suggestions: new Map(suggestions.map((suggestion) => [suggestion.pairId, suggestion])),
      disputed: new Map(store.reviewLists.disputed().map((pair) => [pair.pairId, pair])),
      accepted: new Set(store.reviewLists.accepted()),
      usual: usualDeviation(weighed.pairs.values()),
    }
    const setAside = store.raters.setAside()
    const raters = [...store.tally.read().raters].filter(
      ([raterId, { ratings }]) => ratings > 0 && !setAside.has(raterId),
    ).length
    last = {
      store,
      version,
      sources,
      counts: countLists(sources, raters),
      model: describeModel(run),
      ranking: run === null ? null : store.suggestions.ranking(run.id),
      lists: new Map(),
    }
    return last
  }

  /** The pairs whose texts hold what is searched for; null where nothing is. Searches in chunks and yields in between. */
  async function search(store: ProjectStore, text: string): Promise<ReadonlySet<string> | null> {
    if (text === '') return null
    const key = JSON.stringify([text, store.reviewLists.textsStamp()])
    if (searched?.store === store && searched.key === key) return searched.found
    const found = new Set<string>()
    const end = store.pairs.lastPlace()
    for (let after = 0; after < end; after += placesPerTurn) {
      for (const pairId of store.pairs.holding(text, { after, last: after + placesPerTurn }))
        found.add(pairId)
      await yieldToOthers()
      requireStillOpen(store)
    }
    searched = { store, key, found }
    return found
  }

  async function list(
    store: ProjectStore,
    query: ReviewQuery,
  ): Promise<{ of: Snapshot; pairs: ReviewPair[] }> {
    const found = await search(store, query.filter.search.trim())
    const of = await snapshot(store)
    const key = JSON.stringify(query)
    const known = of.lists.get(key)
    if (known !== undefined) return { of, pairs: known }
    const pairs = listPairs(of.sources, query, found)
    if (of.lists.size >= mostLists) of.lists.clear()
    of.lists.set(key, pairs)
    return { of, pairs }
  }

  function rowsOf(of: Snapshot, tab: ReviewTab, pairs: readonly ReviewPair[], offset: number): ReviewRow[] {
    const { store, model, sources } = of
    const disputes = grouped(store.disagreements.disputes(pairs.map(({ pairId }) => pairId)))
    const byId = new Map(pairs.map((pair) => [pair.pairId, pair]))
    const weighed = pairs.map(({ pairId, weighed: known }) => known ?? unscored(pairId))
    return toRows(store, weighed, offset).flatMap((row) => {
      const pair = byId.get(row.pairId)
      if (pair === undefined) return []
      const why = whyListed(tab, pair, row, {
        model,
        usual: sources.usual,
        disputes: disputes.get(row.pairId) ?? [],
      })
      const { suggestion } = pair
      return {
        ...row,
        why,
        suggestion:
          suggestion === null
            ? null
            : {
                id: suggestion.id,
                strategy: suggestion.strategy,
                ask: suggestion.ask,
                rank: suggestion.rank,
                reason: suggestion.reason,
                outcome: suggestion.outcome,
              },
        deviation: pair.weighed?.deviation ?? null,
      }
    })
  }

  return {
    'review.list': ({ offset, limit, query }) =>
      withProject(context, async (store) => {
        const { of, pairs } = await list(store, query)
        return {
          total: pairs.length,
          rows: rowsOf(of, query.tab, pairs.slice(offset, offset + limit), offset),
          counts: of.counts,
          usualDeviation: of.sources.usual,
          model: of.model,
          ranking: of.ranking,
        }
      }),

    'review.ids': ({ query, limit }) =>
      withProject(context, async (store) => {
        const { pairs } = await list(store, query)
        return { total: pairs.length, pairIds: pairs.slice(0, limit).map(({ pairId }) => pairId) }
      }),

    'review.neighbours': ({ pairId }) =>
      withProject(context, async (store) => {
        requireKnown(store, pairId)
        const { pairs } = await weighedPairs(store)
        const rated = pairs.size - (pairs.has(pairId) ? 1 : 0)
        const { near, compared } = await ratedVectors.nearest(store, pairId, pairs.keys(), nearestShown)
        const found = near ?? []
        const texts = store.labels.texts(found.map((known) => known.pairId))
        const rows = found.flatMap(({ pairId: id, distance }, index): Neighbour[] => {
          const [pair, text] = [pairs.get(id), texts[index]]
          if (pair?.consensus == null || text === undefined) return []
          const { premise, hypothesis } = text
          return [{ pairId: id, premise, hypothesis, score: pair.consensus, ratings: pair.raters, distance }]
        })
        return { rows, compared, rated, reason: whyNone(rated, near === null, compared) }
      }),

    'review.filters': () => withProject(context, (store) => store.savedFilters.list()),

    'review.saveFilter': ({ name, query }) =>
      withProject(context, (store) => {
        const saved = store.savedFilters.save(name, query)
        store.wrote()
        return saved
      }),

    'review.removeFilter': ({ id }) =>
      withProject(context, (store) => {
        if (!store.savedFilters.remove(id))
          throw new GradusError('not-found', 'This filter is not there any more: nothing was changed.')
        store.wrote()
        return {}
      }),
  }
}

/** @throws GradusError `not-found` where the pair is not in the project, or in its bin. */
function requireKnown(store: ProjectStore, pairId: string): void {
  if (store.pairs.byId(pairId) === null)
    throw new GradusError('not-found', 'This pair is not in the project: choose another one.')
}

/** Why there are no neighbours; null where there are. */
function whyNone(rated: number, isUnknown: boolean, compared: number): string | null {
  if (rated === 0) return 'No other pair is rated yet.'
  if (isUnknown) return 'These texts have no vectors yet: train or rank anew, and they are encoded.'
  return compared === 0 ? 'No rated pair has vectors yet: train once, and they are encoded.' : null
}

/** A pair that nobody has scored, as the queue knows pairs. */
function unscored(pairId: string): ReturnType<typeof weighPair> {
  return weighPair({ pairId, scores: [], consensus: null, predicted: null, disputes: 0, settled: false })
}
