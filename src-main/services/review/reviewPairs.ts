import type { ReviewCounts } from '#shared/contract/review.ts'
import {
  reviewTab,
  type ReviewFilter,
  type ReviewOrder,
  type ReviewQuery,
  type ReviewTab,
} from '#shared/domain/reviewFilter.ts'
import type { Suggestion, SuggestionOutcome } from '#shared/domain/suggestion.ts'
import type { DisputedPair, PredictedPair } from '../../store/repositories/reviewLists.ts'
import { hasLargeGap, isDisagreement, type WeighedPair } from '../settling/weighPair.ts'
import { fewestForAmbiguity, isAmbiguous, isExpectedAmbiguous } from './ambiguity.ts'

/** A suggestion of the run in use with what became of it. */
export interface KnownSuggestion extends Suggestion {
  readonly outcome: SuggestionOutcome
}

/** What the lists are made of, as the project is at one moment; by pair. */
export interface ReviewSources {
  readonly weighed: ReadonlyMap<string, WeighedPair>
  readonly predicted: ReadonlyMap<string, PredictedPair>
  readonly suggestions: ReadonlyMap<string, KnownSuggestion>
  readonly disputed: ReadonlyMap<string, DisputedPair>
  /** Pairs accepted as ambiguous. */
  readonly accepted: ReadonlySet<string>
  /** What raters' scores of a pair usually differ by; null where no pair has two. */
  readonly usual: number | null
}

/** One pair with all that a list may choose and sort it by; null where there is nothing of the kind. */
export interface ReviewPair {
  readonly pairId: string
  readonly weighed: WeighedPair | null
  readonly predicted: PredictedPair | null
  readonly suggestion: KnownSuggestion | null
  readonly disputed: DisputedPair | null
}

/** One pair, whatever is known of it. */
export function reviewPair(sources: ReviewSources, pairId: string): ReviewPair {
  return {
    pairId,
    weighed: sources.weighed.get(pairId) ?? null,
    predicted: sources.predicted.get(pairId) ?? null,
    suggestion: sources.suggestions.get(pairId) ?? null,
    disputed: sources.disputed.get(pairId) ?? null,
  }
}

const openOutcomes: ReadonlySet<SuggestionOutcome> = new Set(['waiting', 'skipped'])

/** The pairs that a list can have at all; as few as can be told cheaply, since a project has 100,000 of them. */
function candidates(sources: ReviewSources, tab: ReviewTab): Iterable<string> {
  const { weighed, predicted, suggestions, disputed, accepted, usual } = sources
  switch (tab) {
    case 'uncertain':
      return suggestions.keys()
    case 'ambiguous': {
      const pairIds = new Set(accepted)
      for (const pair of weighed.values()) if (isAmbiguous(pair, usual)) pairIds.add(pair.pairId)
      for (const { pairId, spread } of predicted.values())
        if (isExpectedAmbiguous(spread, weighed.get(pairId) ?? null, usual)) pairIds.add(pairId)
      return pairIds
    }
    case 'disputed':
      return disputed.keys()
    case 'abstained':
      return idsOf(predicted, ({ abstained }) => abstained)
    case 'model-gap':
      return idsOf(weighed, hasLargeGap)
    case 'disagreements':
      return weighed.keys()
  }
}

function idsOf<Known>(known: ReadonlyMap<string, Known>, isWanted: (value: Known) => boolean): string[] {
  const pairIds: string[] = []
  for (const [pairId, value] of known) if (isWanted(value)) pairIds.push(pairId)
  return pairIds
}

type Wanted = Pick<ReviewFilter, 'kind' | 'outcome' | 'includeDone'>

/** Whether a pair belongs into a list, whatever else is asked of it. */
function belongs(sources: ReviewSources, tab: ReviewTab, pair: ReviewPair, wanted: Wanted): boolean {
  const { weighed, predicted, suggestion } = pair
  const isSettled = weighed?.settled === true
  switch (tab) {
    case 'uncertain':
      return (
        suggestion !== null &&
        (wanted.includeDone || wanted.outcome !== null || openOutcomes.has(suggestion.outcome))
      )
    case 'ambiguous':
      if (wanted.includeDone && sources.accepted.has(pair.pairId)) return true
      return (
        (wanted.includeDone || !isSettled) &&
        ((weighed !== null && isAmbiguous(weighed, sources.usual)) ||
          isExpectedAmbiguous(predicted?.spread ?? null, weighed, sources.usual))
      )
    case 'disputed':
      return wanted.includeDone || (weighed !== null && weighed.disputes > 0 && !isSettled)
    case 'model-gap':
      return weighed !== null && hasLargeGap(weighed) && (wanted.includeDone || !isSettled)
    case 'abstained':
      return predicted?.abstained === true && (wanted.includeDone || weighed === null)
    case 'disagreements':
      if (weighed === null || (isSettled && !wanted.includeDone)) return false
      // What was settled is shown on request whatever has become of its scores, and agreeing pairs where they are asked for.
      return wanted.kind !== null || isDisagreement(weighed) || isSettled
  }
}

function within(
  value: number | null | undefined,
  { low, high }: { low: number | null; high: number | null },
): boolean {
  if (low === null && high === null) return true
  return value != null && (low === null || value >= low) && (high === null || value <= high)
}

/** Whether a pair fits what is asked of any list. @param found pairs whose texts hold what is searched for; null for all. */
function fits(pair: ReviewPair, filter: ReviewFilter, found: ReadonlySet<string> | null): boolean {
  const { weighed, predicted, suggestion } = pair
  return (
    (found === null || found.has(pair.pairId)) &&
    within(weighed?.raters ?? 0, filter.ratings) &&
    within(weighed?.consensus, filter.consensus) &&
    within(predicted?.score, filter.predicted) &&
    (filter.kind === null || weighed?.kind === filter.kind) &&
    (filter.strategy === null || suggestion?.strategy === filter.strategy) &&
    (filter.ask === null || suggestion?.ask === filter.ask) &&
    (filter.outcome === null || suggestion?.outcome === filter.outcome) &&
    (!filter.disputed || (weighed !== null && weighed.disputes > 0)) &&
    (!filter.modelGap || (weighed !== null && hasLargeGap(weighed)))
  )
}

/** Numbers of which the largest comes first; null comes last either way. */
const sortedBy: Readonly<Record<ReviewOrder, (pair: ReviewPair) => number | null>> = {
  rank: ({ suggestion }) => (suggestion === null ? null : -suggestion.rank),
  weight: ({ weighed }) => weighed?.weight ?? null,
  spread: ({ weighed }) => weighed?.deviation ?? null,
  'expected-spread': ({ predicted }) => predicted?.spread ?? null,
  'model-gap': ({ weighed }) => weighed?.modelGap ?? null,
  ratings: ({ weighed }) => weighed?.raters ?? 0,
  // Ids sort by the time they were made, but as texts: they are compared in `compare`.
  latest: () => null,
  disputes: ({ disputed }) => disputed?.count ?? null,
  doubt: ({ predicted }) => predicted?.doubt ?? null,
  variance: ({ predicted }) => predicted?.variance ?? null,
  consensus: ({ weighed }) => (weighed?.consensus == null ? null : -weighed.consensus),
  predicted: ({ predicted }) => (predicted === null ? null : -predicted.score),
}

function compareValues(one: number | null, other: number | null, sign: 1 | -1): number {
  if (one === null || other === null) return one === other ? 0 : one === null ? 1 : -1
  return sign * (other - one)
}

/** The pairs of a list in the order wanted; equal ones by weight, then in the order they came into the project. */
export function listPairs(
  sources: ReviewSources,
  { tab, order, reversed, filter }: ReviewQuery,
  found: ReadonlySet<string> | null,
): ReviewPair[] {
  const listed: { readonly pair: ReviewPair; readonly value: number | null }[] = []
  const value = sortedBy[order]
  for (const pairId of candidates(sources, tab)) {
    const pair = reviewPair(sources, pairId)
    if (belongs(sources, tab, pair, filter) && fits(pair, filter, found))
      listed.push({ pair, value: value(pair) })
  }
  const sign = reversed ? -1 : 1
  const byTime = (one: ReviewPair, other: ReviewPair): number => {
    const [last, otherLast] = [one.disputed?.last ?? '', other.disputed?.last ?? '']
    return last === otherLast ? 0 : last > otherLast ? -sign : sign
  }
  listed.sort(
    (one, other) =>
      (order === 'latest' ? byTime(one.pair, other.pair) : compareValues(one.value, other.value, sign)) ||
      (other.pair.weighed?.weight ?? 0) - (one.pair.weighed?.weight ?? 0) ||
      (one.pair.pairId < other.pair.pairId ? -1 : 1),
  )
  return listed.map(({ pair }) => pair)
}

const open: Wanted = { kind: null, outcome: null, includeDone: false }

/** How many pairs each list has without a filter, and what tells why one is empty. @param raters who have scored anything. */
export function countLists(sources: ReviewSources, raters: number): ReviewCounts {
  const counts = {
    uncertain: 0,
    ambiguous: 0,
    disputed: 0,
    'model-gap': 0,
    abstained: 0,
    disagreements: 0,
    settled: 0,
    compared: 0,
    comparedByThree: 0,
    predicted: sources.predicted.size,
    predictedAndRated: 0,
    raters,
  }
  for (const tab of reviewTab.options)
    for (const pairId of candidates(sources, tab))
      if (belongs(sources, tab, reviewPair(sources, pairId), open)) counts[tab] += 1
  for (const { pairId, settled, raters: scores } of sources.weighed.values()) {
    if (settled) counts.settled += 1
    if (scores >= 2) counts.compared += 1
    if (scores >= fewestForAmbiguity) counts.comparedByThree += 1
    if (sources.predicted.has(pairId)) counts.predictedAndRated += 1
  }
  return counts
}
