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

/** A chosen pair with its reason. */
export const suggestion = z.object({
  id: ulid,
  runId: ulid,
  pairId: ulid,
  strategy: strategyName,
  /** 1 is the pair most worth a person's time. */
  rank: z.number().int().positive(),
  /** In words, for the person who will rate it. */
  reason: z.string(),
})
export type Suggestion = z.infer<typeof suggestion>
