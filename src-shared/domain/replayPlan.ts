import type { ReplayCell, ReplaySettings } from './replay.ts'
import { strategyName, type StrategyName } from './suggestion.ts'

/** Labelled pairs that a replay takes labels from, and that it is judged on. */
export interface ReplayPairCounts {
  readonly pool: number
  readonly holdout: number
}

/** Under these a curve says nothing. */
export const fewestReplayed = { pool: 40, holdout: 10 } as const
/** From here on the holdout is not called small: an r of .8 is then known to less than ±.08. */
const ampleHoldout = 100

type Labels = Pick<ReplaySettings, 'start' | 'batch' | 'to'>

/** Why these pairs cannot be replayed so, in one sentence with what to do; null where they can. */
export function replayObstacle(
  { start, batch, to }: Labels,
  { pool, holdout }: ReplayPairCounts,
): string | null {
  if (holdout === 0)
    return 'No pair of the holdout is rated, so nothing could be judged. Rate pairs of the holdout first.'
  if (holdout < fewestReplayed.holdout)
    return `A replay needs at least ${fewestReplayed.holdout} rated pairs in the holdout to judge on, and there ${areThere(holdout)}. Rate ${fewestReplayed.holdout - holdout} more of them.`
  if (pool < fewestReplayed.pool)
    return `A replay needs at least ${fewestReplayed.pool} rated pairs outside the holdout to choose from, and there ${areThere(pool)}. Rate ${fewestReplayed.pool - pool} more.`
  if (pool < start + batch)
    return `A start of ${start} and a batch of ${batch} need ${start + batch} rated pairs outside the holdout, and there ${areThere(pool)}. Rate ${start + batch - pool} more, or start with fewer.`
  if (start >= to)
    return `A start of ${start} leaves nothing to choose before the end at ${to} labels. Start with fewer, or end later.`
  return null
}

function areThere(count: number): string {
  return `${count === 1 ? 'is' : 'are'} ${count}`
}

/** The settings with an end that the labels reach. */
export function cutReplay<Settings extends Labels>(settings: Settings, { pool }: ReplayPairCounts): Settings {
  return { ...settings, to: Math.min(settings.to, pool) }
}

/** What is done otherwise than asked, and what to beware of: one sentence each. */
export function replayRemarks({ to }: Labels, { pool, holdout }: ReplayPairCounts): string[] {
  return [
    ...(to > pool
      ? [
          `There are ${pool.toLocaleString('en')} rated pairs outside the holdout: the replay ends there, not at ${to.toLocaleString('en')}.`,
        ]
      : []),
    ...(holdout < ampleHoldout
      ? [
          `${holdout} rated pairs in the holdout are few to judge on: on so many, an r of .80 is known to about ±${widthAround(0.8, holdout).toFixed(2).slice(1)}.`,
        ]
      : []),
  ]
}

/** Half of the 95% interval of a correlation r on n > 3 pairs by Fisher's z, whose standard error is 1 / √(n − 3). */
function widthAround(r: number, n: number): number {
  const half = 1.96 / Math.sqrt(n - 3)
  return (Math.tanh(Math.atanh(r) + half) - Math.tanh(Math.atanh(r) - half)) / 2
}

/** Strategies in the order that all lists have, with random, which the others are compared with, at the head. */
export function withRandom(strategies: readonly StrategyName[]): StrategyName[] {
  return ['random', ...strategyName.options.filter((name) => name !== 'random' && strategies.includes(name))]
}

/** The cells of these strategies and of the seeds 0 to `seeds` − 1. */
export function askedCells(
  cells: readonly ReplayCell[],
  { strategies, seeds }: { readonly strategies: readonly StrategyName[]; readonly seeds: number },
): ReplayCell[] {
  return cells
    .filter(({ strategy, seed }) => strategies.includes(strategy) && seed < seeds)
    .toSorted(
      (one, other) =>
        strategies.indexOf(one.strategy) - strategies.indexOf(other.strategy) || one.seed - other.seed,
    )
}
