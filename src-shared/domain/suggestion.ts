import { z } from 'zod'
import { ulid } from './ids.ts'

export const strategyName = z.enum([
  'hybrid',
  'random',
  'ensemble-variance',
  'predicted-spread',
  'core-set',
  'igs',
  'lcmd',
  'near-threshold',
])
export type StrategyName = z.infer<typeof strategyName>

/** What chooses unless the project says otherwise. */
export const defaultStrategy: StrategyName = 'hybrid'

/** What people call each strategy. */
export const strategyNames: Readonly<Record<StrategyName, string>> = {
  hybrid: 'Hybrid',
  random: 'Random',
  'ensemble-variance': 'Ensemble variance',
  'predicted-spread': 'Predicted spread',
  'core-set': 'Core-set',
  igs: 'iGS',
  lcmd: 'LCMD',
  'near-threshold': 'Near the threshold',
}

/** What each strategy chooses, in a line for people. */
export const strategyDescriptions: Record<StrategyName, string> = {
  hybrid: 'Pairs unlike the rated ones until 50 are rated, then those the heads differ on, spread out.',
  random: 'Pairs drawn at random: what the others are compared with.',
  'ensemble-variance': 'Pairs that the heads differ on most.',
  'predicted-spread': 'Pairs that raters are expected to differ on most.',
  'core-set': 'Pairs least like anything rated or chosen so far.',
  igs: 'Pairs unlike the rated ones both in text and in predicted score.',
  lcmd: 'Pairs that stand for the largest parts of the pool that nothing rated is near.',
  'near-threshold': 'Pairs whose score is closest to the threshold.',
}

/** What a suggestion asks for: a first score of a pair, or one more rater's score of a pair that has some. */
export const suggestionAsk = z.enum(['new-pair', 'another-rating'])
export type SuggestionAsk = z.infer<typeof suggestionAsk>

/** What became of a suggestion since its run began. `replaced`: a later ranking took its place before anybody answered. */
export const suggestionOutcome = z.enum([
  'waiting',
  'skipped',
  'scored',
  'cannot-judge',
  'in-bin',
  'replaced',
])
export type SuggestionOutcome = z.infer<typeof suggestionOutcome>

/** How pairs are chosen for people: what a project says. */
export const choosingSettings = z.object({
  strategy: strategyName,
  /** Suggestions in a batch. */
  batchSize: z.number().int().min(5).max(100),
  /** Share of each batch that is drawn at random, so that what the strategy gains can be told; 0–0.9. */
  randomShare: z.number().min(0).max(0.9),
  /** Ratings after which a new run is trained in the background; null: only when somebody asks for it. */
  retrainAfter: z.number().int().min(5).max(1000).nullable(),
})
export type ChoosingSettings = z.infer<typeof choosingSettings>

/** How the suggestions of a run were ranked. */
export const ranking = z.object({
  strategy: strategyName,
  batchSize: z.number().int().positive(),
  randomShare: z.number().min(0).max(1),
  /** Pairs that could be suggested, and how many of them were compared. */
  waiting: z.number().int().nonnegative(),
  considered: z.number().int().nonnegative(),
  /** What a person should know of it, such as that all heads agree; null where all went as meant. */
  remark: z.string().nullable(),
  createdAt: z.iso.datetime(),
})
export type Ranking = z.infer<typeof ranking>

/** A chosen pair with its reason. */
export const suggestion = z.object({
  id: ulid,
  runId: ulid,
  pairId: ulid,
  strategy: strategyName,
  ask: suggestionAsk,
  /** 1 is the pair most worth a person's time. */
  rank: z.number().int().positive(),
  /** In words, for the person who will rate it. */
  reason: z.string(),
})
export type Suggestion = z.infer<typeof suggestion>
