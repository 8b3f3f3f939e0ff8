import {
  reviewFilter,
  reviewOrders,
  type ReviewFilter,
  type ReviewOrder,
  type ReviewQuery,
  type ReviewTab,
} from '#shared/domain/reviewFilter.ts'
import { strategyNames, type SuggestionAsk, type SuggestionOutcome } from '#shared/domain/suggestion.ts'
import { kindNames } from '../../format/disagreement.ts'
import { coefficient, count } from '../../format/numbers.ts'

/** What each list is called. */
export const tabNames: Readonly<Record<ReviewTab, string>> = {
  uncertain: 'Uncertain',
  ambiguous: 'Ambiguous',
  disputed: 'Disputed',
  'model-gap': 'Model against people',
  abstained: 'Abstained',
  disagreements: 'Disagreements',
}

/** What a list is for, in a line above it. */
export const tabAbout: Readonly<Record<ReviewTab, string>> = {
  uncertain: 'Pairs that the run asks people about, most worth their time first.',
  ambiguous: 'Spread that more raters would not remove.',
  disputed: 'Scores that stand and that a rater objects to.',
  'model-gap': 'Pairs on which the model is far from what people say.',
  abstained: 'Pairs that the model declines to score.',
  disagreements: 'All that people, or people and the model, disagree on.',
}

export const orderNames: Readonly<Record<ReviewOrder, string>> = {
  rank: 'Most worth a rating',
  weight: 'Most worth settling',
  spread: 'Widest spread',
  'expected-spread': 'Widest expected spread',
  'model-gap': 'Farthest from the model',
  ratings: 'Most raters',
  latest: 'Latest dispute',
  disputes: 'Most disputes',
  doubt: 'Most doubtful',
  variance: 'Heads differ most',
  consensus: 'Lowest consensus',
  predicted: 'Lowest prediction',
}

/** What "also those that are done with" means in each list. */
export const doneNames: Readonly<Record<ReviewTab, string>> = {
  uncertain: 'Show rated ones',
  ambiguous: 'Show accepted ones',
  disputed: 'Show settled and past ones',
  'model-gap': 'Show settled ones',
  abstained: 'Show rated ones',
  disagreements: 'Show settled ones',
}

export const askNames: Readonly<Record<SuggestionAsk, string>> = {
  'new-pair': 'new pair',
  'another-rating': 'another rating',
}
export const outcomeNames: Readonly<Record<SuggestionOutcome, string>> = {
  waiting: 'waiting',
  skipped: 'skipped',
  scored: 'rated',
  'cannot-judge': 'can’t judge',
  'in-bin': 'in the bin',
  replaced: 'replaced',
}

/** A filter that lets every open pair through. */
export function emptyFilter(): ReviewFilter {
  return reviewFilter.parse({})
}

/** A list as it is shown until somebody asks otherwise. */
export function usualQuery(tab: ReviewTab): ReviewQuery {
  return { tab, order: reviewOrders[tab][0], reversed: false, filter: emptyFilter() }
}

/** The orders that can be chosen in a list. */
export function ordersOf(tab: ReviewTab): { value: ReviewOrder; label: string }[] {
  return reviewOrders[tab].map((value) => ({ value, label: orderNames[value] }))
}

function rangeWords(
  name: string,
  { low, high }: { low: number | null; high: number | null },
  shown: (value: number) => string,
): string[] {
  if (low === null && high === null) return []
  if (low === null) return [`${name} to ${shown(high ?? 0)}`]
  return [high === null ? `${name} from ${shown(low)}` : `${name} ${shown(low)} to ${shown(high)}`]
}

/** What a filter leaves out, in words, but for the search; empty where it leaves out nothing. */
export function filterWords(filter: ReviewFilter): string[] {
  const { ratings, consensus, predicted, kind, strategy, ask, outcome, disputed, modelGap } = filter
  return [
    ...(kind === null ? [] : [kindNames[kind]]),
    ...(strategy === null ? [] : [`by ${strategyNames[strategy]}`]),
    ...(ask === null ? [] : [askNames[ask]]),
    ...(outcome === null ? [] : [outcomeNames[outcome]]),
    ...rangeWords('raters', ratings, count),
    ...rangeWords('consensus', consensus, coefficient),
    ...rangeWords('predicted', predicted, coefficient),
    ...(disputed ? ['disputed'] : []),
    ...(modelGap ? ['far from the model'] : []),
  ]
}

/** Whether a filter leaves out anything. */
export function isFiltered(filter: ReviewFilter): boolean {
  return filter.search.trim() !== '' || filterWords(filter).length > 0
}
