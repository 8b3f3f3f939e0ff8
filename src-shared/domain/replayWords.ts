import type { Interval } from './interval.ts'
import { hasWidth, pointsBehindRandom, reachedShare, type ReplaySummary } from './replay.ts'
import type { StrategyName } from './suggestion.ts'

/** What a table says of a strategy; the program's hosts word the figures. */
export interface ReplayRow {
  readonly strategy: StrategyName
  /** r at each of the numbers of labels. */
  readonly pearson: readonly (Interval | null)[]
  readonly labelsToReach: Interval | null
  /** Seeds that did not get there, of all. */
  readonly unreached: number
  readonly seeds: number
  readonly shareOfRandom: Interval | null
  /** Points clearly behind random, of all that are compared; null for random itself, without it, and with one seed. */
  readonly behind: { readonly points: number; readonly of: number } | null
}

/** The numbers of labels at which a table shows r: six at most, closer together where labels are few. */
export function shownLabels(summaries: readonly ReplaySummary[]): number[] {
  const all = summaries[0]?.curve.map(({ labels }) => labels) ?? []
  const last = all.length - 1
  // Quadratic in the place: 20 labels more say much at first and little later.
  const places = [0, 1, 2, 3, 4, 5].map((step) => Math.round(last * (step / 5) ** 2))
  return [...new Set(places)].flatMap((place) => all[place] ?? [])
}

/** A row for each strategy, with r at these numbers of labels. */
export function replayTable(summaries: readonly ReplaySummary[], labels: readonly number[]): ReplayRow[] {
  return summaries.map((summary) => {
    const { strategy, curve, labelsToReach, unreached, seeds, shareOfRandom } = summary
    return {
      strategy,
      pearson: labels.map((count) => curve.find((point) => point.labels === count)?.pearson ?? null),
      labelsToReach,
      unreached,
      seeds,
      shareOfRandom,
      behind: behindOf(summary),
    }
  })
}

function behindOf(summary: ReplaySummary): ReplayRow['behind'] {
  const { overRandom } = summary
  const isMeasured =
    overRandom?.some(({ difference }) => difference !== null && hasWidth(difference)) ?? false
  return overRandom === null || !isMeasured
    ? null
    : { points: pointsBehindRandom(summary), of: overRandom.length }
}

/**
 * What a replay says of strategies, in plain sentences: which of them needed fewer labels than random beyond chance, the
 * best first, and which more.
 * @param labels rated pairs that could be chosen.
 * @param reference r with all of them; null where it is not defined.
 * @param figure a correlation as people read it.
 */
export function replayVerdict(
  summaries: readonly ReplaySummary[],
  labels: number,
  reference: number | null,
  figure: (value: number) => string,
): string {
  const random = summaries.find(({ strategy }) => strategy === 'random')
  const others = summaries.filter(({ strategy }) => strategy !== 'random')
  if (reference === null)
    return 'With all labels r is not defined, since the holdout or the scores do not vary: nothing can be compared.'
  if (reference <= 0)
    return 'With all labels the model has no r above 0 on the holdout: there is nothing to compare strategies by.'
  if (random === undefined || others.length === 0)
    return 'Random alone says nothing: replay a strategy to compare with it.'
  if (Math.min(random.seeds, ...others.map(({ seeds }) => seeds)) < 2)
    return 'One seed cannot tell a strategy from chance: replay with several.'
  const level = `r ${figure(reachedShare * reference)}, ${Math.round(100 * reachedShare)}% of what all labels reach`
  const on = `On these ${labels.toLocaleString('en')} labels`
  const [first] = others
  if (summaries.every(({ unreached, seeds }) => unreached === seeds))
    return `${on} neither random nor ${others.length === 1 ? (first?.strategy ?? '') : 'any strategy'} got to ${level}: let the replay end later.`

  // Of one seed that both have, the interval has no width.
  const told = others.filter(({ shareOfRandom: share }) => share !== null && hasWidth(share))
  const fewer = told
    .filter((own) => (own.shareOfRandom?.high ?? 1) < 1 && own.unreached === 0)
    .toSorted((one, other) => (one.shareOfRandom?.value ?? 1) - (other.shareOfRandom?.value ?? 1))
  // Where random did not get there, what it needed is not known.
  const more = random.unreached > 0 ? [] : told.filter((own) => (own.shareOfRandom?.low ?? 1) > 1)
  const needed = (some: readonly ReplaySummary[]): string =>
    some.map(({ strategy, shareOfRandom }) => `${strategy} ${shareWords(shareOfRandom)}`).join(', ')
  const alone = others.length === 1 ? `${first?.strategy ?? ''} did not need` : 'no strategy needed'
  return [
    fewer.length === 0
      ? `${on} ${alone} fewer labels than random beyond chance to get to ${level}.`
      : `${on} fewer labels than random were needed to get to ${level}: ${needed(fewer)} of random's.`,
    ...(more.length === 0 ? [] : [`More were needed by ${needed(more)}.`]),
    ...(random.unreached === 0
      ? []
      : [
          `Random did not get there with ${random.unreached} of ${random.seeds} seeds, which count with their last label.`,
        ]),
  ].join(' ')
}

/** A share of labels in percent: "71% (62 to 80%)"; "–" where there is none. */
export function shareWords(share: Interval | null): string {
  if (share === null) return '–'
  if (!hasWidth(share)) return `${Math.round(100 * share.value)}%`
  // The interval is symmetric, and what it is of is not below 0.
  const [value, low, high] = [share.value, share.low, share.high].map((part) =>
    Math.max(0, Math.round(100 * part)),
  )
  return `${value ?? 0}% (${low ?? 0} to ${high ?? 0}%)`
}
