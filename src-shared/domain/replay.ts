import { z } from 'zod'
import { interval, type Interval } from './interval.ts'
import { strategyName, type StrategyName } from './suggestion.ts'

/** What one label is, and what it costs. */
export const bought = z.discriminatedUnion('kind', [
  /** The consensus of all raters, for one. */
  z.object({ kind: z.literal('consensus') }),
  /** The mean of so many single ratings, each for one. */
  z.object({ kind: z.literal('each'), ratings: z.number().int().positive() }),
  /** Single ratings, each for one: of a new pair, or again of one whose rating is in doubt. */
  z.object({ kind: z.literal('new-or-again') }),
])
export type Bought = z.infer<typeof bought>

/** How labels come in a replay. */
export const replaySettings = z.object({
  /** Labels that are drawn at random before the strategy chooses. */
  start: z.number().int().min(3),
  /** Labels that are chosen at once. */
  batch: z.number().int().positive(),
  /** Labels after which the replay ends. */
  to: z.number().int().positive(),
  buys: bought,
  /** Share of each batch that is drawn at random, as a project mixes it in; 0–1. */
  randomShare: z.number().min(0).max(1).default(0),
})
export type ReplaySettings = z.infer<typeof replaySettings>

export const replayPoint = z.object({
  /** What was spent: labels, or single ratings. */
  labels: z.number().int(),
  /** Pairs with a label. */
  pairs: z.number().int(),
  /** r on the holdout; null where it is not defined. */
  pearson: z.number().nullable(),
})
export type ReplayPoint = z.infer<typeof replayPoint>

/** One strategy with one seed, from the start to the end. */
export const replayCell = z.object({
  strategy: strategyName,
  seed: z.number().int().nonnegative(),
  points: z.array(replayPoint),
  seconds: z.number(),
})
export type ReplayCell = z.infer<typeof replayCell>

/** What is replayed: strategies, each with the seeds 0 to `seeds` − 1, and how labels come. */
export const askedReplay = replaySettings.omit({ buys: true }).extend({
  strategies: z.array(strategyName).min(1).max(strategyName.options.length),
  seeds: z.number().int().min(1).max(100),
  /** The score that near-threshold looks around. */
  threshold: z.number().min(0).max(1).default(0.5),
})
export type AskedReplay = z.infer<typeof askedReplay>

/** What is replayed and on what. */
export const replayPlan = z.object({
  /** With random among the strategies, and an end that the labels reach. */
  asked: askedReplay,
  /** Labelled pairs that could be chosen, and that judged. */
  pairs: z.object({ pool: z.number().int(), holdout: z.number().int() }),
  /** What is done otherwise than asked, and what to beware of: one sentence each. */
  remarks: z.array(z.string()),
})
export type ReplayPlan = z.infer<typeof replayPlan>

/** What the same model reaches with all labels of the pool. */
export const replayReference = z.object({
  pearson: z.number().nullable(),
  lambda: z.number(),
  pairs: z.number(),
})
export type ReplayReference = z.infer<typeof replayReference>

/** The share of the full-data r that a strategy is timed to. */
export const reachedShare = 0.95

/** What the seeds of a strategy say together. Intervals are Student's 95% over seeds: they know nothing of other data. */
export const replaySummary = z.object({
  strategy: strategyName,
  seeds: z.number().int().nonnegative(),
  curve: z.array(z.object({ labels: z.number().int(), pearson: interval.nullable() })),
  /** r less random's, over the seeds that both have; null for random itself, or without it. */
  overRandom: z.array(z.object({ labels: z.number().int(), difference: interval.nullable() })).nullable(),
  /** Labels from which on r stays at the level or above. */
  labelsToReach: interval.nullable(),
  /** Seeds that did not get there: they count with the last number of labels, so the mean is a lower bound. */
  unreached: z.number().int().nonnegative(),
  /** Those labels over random's; null for random itself, or without it. */
  shareOfRandom: interval.nullable(),
})
export type ReplaySummary = z.infer<typeof replaySummary>

/** 97.5% points of Student's t with 1 to 30 degrees of freedom. */
const studentPoints = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
] as const

/** The mean of values with Student's 95% interval; a single value has no width; null of none. */
export function meanInterval(values: readonly number[]): Interval | null {
  const n = values.length
  if (n === 0) return null
  const value = values.reduce((sum, own) => sum + own, 0) / n
  if (n === 1) return { value, low: value, high: value }
  const variance = values.reduce((sum, own) => sum + (own - value) ** 2, 0) / (n - 1)
  const half = (studentPoints[n - 2] ?? 1.96) * Math.sqrt(variance / n)
  return { value, low: value - half, high: value + half }
}

/**
 * The labels from which on r stays at `level` or above, between two points by a straight line; null where it does not
 * get there. The first crossing would favour a curve that jumps.
 */
export function labelsToReach(points: readonly ReplayPoint[], level: number): number | null {
  let reached: number | null = null
  let before: ReplayPoint | null = null
  for (const point of points) {
    const r = point.pearson ?? -1
    if (r < level) reached = null
    else if (reached === null) {
      const former = before?.pearson ?? null
      const share = before === null || former === null || r === former ? 1 : (level - former) / (r - former)
      reached = (before?.labels ?? point.labels) + share * (point.labels - (before?.labels ?? point.labels))
    }
    before = point
  }
  return reached
}

/** Summarises the cells of a replay, each strategy against random where that is among them. */
export function summariseReplay(
  cells: readonly ReplayCell[],
  reference: Pick<ReplayReference, 'pearson'>,
  share = reachedShare,
): ReplaySummary[] {
  const own = new Map<StrategyName, ReplayCell[]>()
  for (const cell of cells) own.set(cell.strategy, [...(own.get(cell.strategy) ?? []), cell])
  const level = reference.pearson === null ? null : share * reference.pearson
  return [...own].map(([strategy, some]) =>
    summariseCells(some, strategy === 'random' ? null : (own.get('random') ?? null), () => level),
  )
}

/**
 * Summarises cells of one strategy, of different seeds.
 * @param random cells that they are compared with; null without.
 * @param levelOf the r that a cell of this seed is timed to; null where there is none.
 */
export function summariseCells(
  cells: readonly ReplayCell[],
  random: readonly ReplayCell[] | null,
  levelOf: (seed: number) => number | null,
): ReplaySummary {
  const together = random === null ? null : pairUp(cells, random)
  const needs = cells.map((cell) => needOf(cell, levelOf(cell.seed)))
  const isTimed = cells.every(({ seed }) => levelOf(seed) !== null)
  const ratios = (together ?? []).map(([cell, other]) => {
    const level = levelOf(cell.seed)
    return [needOf(cell, level).labels, needOf(other, level).labels] as const
  })
  return {
    strategy: cells[0]?.strategy ?? 'random',
    seeds: cells.length,
    curve: pointsOf(cells).map(({ labels, values }) => ({
      labels,
      pearson: values.includes(null) ? null : meanInterval(values.filter((value) => value !== null)),
    })),
    overRandom: together === null ? null : differences(together),
    labelsToReach: isTimed ? meanInterval(needs.map(({ labels }) => labels)) : null,
    unreached: needs.filter(({ isReached }) => !isReached).length,
    shareOfRandom: together === null || !isTimed ? null : ratioOfMeans(ratios),
  }
}

/** The points at which a strategy is below random by more than the interval of the difference. */
export function pointsBehindRandom({ overRandom }: ReplaySummary): number {
  return (overRandom ?? []).filter(({ difference }) => difference !== null && difference.high < 0).length
}

/** Whether an interval is one: a single seed leaves none. */
export function hasWidth({ low, high }: Interval): boolean {
  return low < high
}

function needOf({ points }: ReplayCell, level: number | null): { labels: number; isReached: boolean } {
  const found = level === null ? null : labelsToReach(points, level)
  return { labels: found ?? points.at(-1)?.labels ?? 0, isReached: found !== null }
}

/** The cells of seeds that both have. */
function pairUp(own: readonly ReplayCell[], random: readonly ReplayCell[]): [ReplayCell, ReplayCell][] {
  return own.flatMap((cell) => {
    const other = random.find(({ seed }) => seed === cell.seed)
    return other === undefined ? [] : [[cell, other] satisfies [ReplayCell, ReplayCell]]
  })
}

/** The values of several cells at the numbers of labels that all of them have. */
function pointsOf(cells: readonly ReplayCell[]): { labels: number; values: (number | null)[] }[] {
  const [first, ...others] = cells.map(
    ({ points }) => new Map(points.map((point) => [point.labels, point.pearson])),
  )
  return [...(first ?? [])].flatMap(([labels, value]) =>
    others.every((other) => other.has(labels))
      ? [{ labels, values: [value, ...others.map((other) => other.get(labels) ?? null)] }]
      : [],
  )
}

function differences(
  together: readonly (readonly [ReplayCell, ReplayCell])[],
): { labels: number; difference: Interval | null }[] {
  const own = pointsOf(together.map(([cell]) => cell))
  const random = new Map(
    pointsOf(together.map(([, other]) => other)).map(({ labels, values }) => [labels, values]),
  )
  return own.flatMap(({ labels, values }) => {
    const others = random.get(labels)
    if (others === undefined) return []
    const each = values.flatMap((value, place) => {
      const other = others[place] ?? null
      return value === null || other === null ? [] : [value - other]
    })
    return [{ labels, difference: each.length < values.length ? null : meanInterval(each) }]
  })
}

/** The ratio of two means over pairs, with the interval of its linearised residuals; null where the second is 0. */
function ratioOfMeans(pairs: readonly (readonly [number, number])[]): Interval | null {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const below = mean(pairs.map(([, other]) => other))
  if (pairs.length === 0 || below === 0) return null
  const value = mean(pairs.map(([one]) => one)) / below
  const around = meanInterval(pairs.map(([one, other]) => (one - value * other) / below))
  return around === null ? null : { value, low: value + around.low, high: value + around.high }
}
