import type { Interval } from '#shared/domain/interval.ts'
import { pointsBehindRandom, type ReplayCell, type ReplaySummary } from '#shared/domain/replay.ts'

/** Every point of every curve as CSV: strategy, seed, labels, pairs, r; r is empty where it is not defined. */
export function curvesAsCsv(cells: readonly ReplayCell[]): string {
  const lines = cells
    .toSorted((left, right) => left.strategy.localeCompare(right.strategy) || left.seed - right.seed)
    .flatMap(({ strategy, seed, points }) =>
      points.map(({ labels, pairs, pearson }) =>
        [strategy, seed, labels, pairs, pearson === null ? '' : pearson.toFixed(6)].join(','),
      ),
    )
  return `${['strategy,seed,labels,pairs,pearson', ...lines].join('\n')}\n`
}

/** The numbers of labels at which a table shows r: six at most, closer together where labels are few. */
export function shownLabels(summaries: readonly ReplaySummary[]): number[] {
  const all = summaries[0]?.curve.map(({ labels }) => labels) ?? []
  const last = all.length - 1
  // Quadratic in the place: 20 labels more say much at first and little later.
  const places = [0, 1, 2, 3, 4, 5].map((step) => Math.round(last * (step / 5) ** 2))
  return [...new Set(places)].flatMap((place) => all[place] ?? [])
}

/** A row for each strategy under a head: r at some numbers of labels, labels to the wanted r, and both against random. */
export function replayRows(
  summaries: readonly ReplaySummary[],
  labels: readonly number[] = shownLabels(summaries),
): string[][] {
  return [
    [
      'strategy',
      ...labels.map((count) => `r at ${count}`),
      'labels to 95%',
      "of random's",
      'behind random at',
    ],
    ...summaries.map((summary) => {
      const { strategy, curve, labelsToReach, unreached, seeds, shareOfRandom, overRandom } = summary
      const missed = unreached === 0 ? '' : `, ${unreached} of ${seeds} not`
      return [
        strategy,
        ...labels.map((count) =>
          plusMinus(curve.find((point) => point.labels === count)?.pearson ?? null, 4),
        ),
        `${plusMinus(labelsToReach, 0)}${missed}`,
        shareOfRandom === null ? '-' : within(shareOfRandom, 2),
        overRandom === null ? '-' : `${pointsBehindRandom(summary)} of ${overRandom.length}`,
      ]
    }),
  ]
}

/** "0.8541 ±0.0021": a mean with half its interval. */
function plusMinus(interval: Interval | null, digits: number): string {
  if (interval === null) return '-'
  const { value, high } = interval
  return `${value.toFixed(digits)} ±${(high - value).toFixed(digits)}`
}

function within({ value, low, high }: Interval, digits: number): string {
  return `${value.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`
}
