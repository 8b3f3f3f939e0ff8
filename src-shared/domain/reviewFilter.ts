import { z } from 'zod'
import { disagreementKind } from './disagreement.ts'
import { ulid } from './ids.ts'
import { score } from './score.ts'
import { strategyName, suggestionAsk, suggestionOutcome } from './suggestion.ts'

/**
 * The lists of Review: what the run suggests, spread that more raters would not remove, disputes, the model far from
 * people, what the model declines to score, and all that people or people and the model disagree on.
 */
export const reviewTab = z.enum([
  'uncertain',
  'ambiguous',
  'disputed',
  'model-gap',
  'abstained',
  'disagreements',
])
export type ReviewTab = z.infer<typeof reviewTab>

/** What a list is sorted by. Each has its own direction: the largest or latest first, but ranks and scores from below. */
export const reviewOrder = z.enum([
  'rank',
  'weight',
  'spread',
  'expected-spread',
  'model-gap',
  'ratings',
  'latest',
  'disputes',
  'doubt',
  'variance',
  'consensus',
  'predicted',
])
export type ReviewOrder = z.infer<typeof reviewOrder>

/** The orders that make sense in each list; the first holds unless somebody chooses. */
export const reviewOrders = {
  uncertain: ['rank', 'variance', 'predicted', 'ratings'],
  ambiguous: ['spread', 'expected-spread', 'ratings', 'consensus'],
  disputed: ['latest', 'disputes', 'weight', 'model-gap', 'ratings'],
  'model-gap': ['model-gap', 'variance', 'ratings', 'consensus', 'predicted'],
  abstained: ['doubt', 'variance', 'expected-spread', 'predicted'],
  disagreements: ['weight', 'spread', 'model-gap', 'ratings'],
} as const satisfies Record<ReviewTab, readonly [ReviewOrder, ...ReviewOrder[]]>

const scoreRange = z.object({ low: score.nullable(), high: score.nullable() })
const countRange = z.object({
  low: z.number().int().min(0).max(1000).nullable(),
  high: z.number().int().min(0).max(1000).nullable(),
})

/** Which pairs of a list are shown; an end of a range that is null is open, and a pair without the value is outside. */
export const reviewFilter = z.object({
  /** Part of premise, hypothesis or external id, whatever its case; empty for all. */
  search: z.string().max(200).default(''),
  /** Raters' scores that count. */
  ratings: countRange.default({ low: null, high: null }),
  consensus: scoreRange.default({ low: null, high: null }),
  predicted: scoreRange.default({ low: null, high: null }),
  /** How the scores lie; null for all. */
  kind: disagreementKind.nullable().default(null),
  /** Of the suggestion, in the list of suggestions; null for all. */
  strategy: strategyName.nullable().default(null),
  ask: suggestionAsk.nullable().default(null),
  outcome: suggestionOutcome.nullable().default(null),
  /** Only pairs with a dispute of a score that stands. */
  disputed: z.boolean().default(false),
  /** Only pairs on which the model is far from what people say. */
  modelGap: z.boolean().default(false),
  /** Also what is done with: settled, rated since it was suggested, disputed of a score that no longer stands. */
  includeDone: z.boolean().default(false),
})
export type ReviewFilter = z.infer<typeof reviewFilter>

/** What one list of Review shows, and in which order. */
export const reviewQuery = z.object({
  tab: reviewTab,
  order: reviewOrder,
  /** The other way round. */
  reversed: z.boolean().default(false),
  filter: reviewFilter,
})
export type ReviewQuery = z.infer<typeof reviewQuery>

/** A list with its filter and order, kept in the project under a name. */
export const savedFilter = z.object({
  id: ulid,
  name: z.string().trim().min(1).max(60),
  query: reviewQuery,
})
export type SavedFilter = z.infer<typeof savedFilter>
