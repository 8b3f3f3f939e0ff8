import type { Interval } from '#shared/domain/interval.ts'
import type { ReplayCell, ReplaySummary } from '#shared/domain/replay.ts'
import { replayTable, shownLabels } from '#shared/domain/replayWords.ts'

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
    ...replayTable(summaries, labels).map(
      ({ strategy, pearson, labelsToReach, unreached, seeds, shareOfRandom, behind }) => [
        strategy,
        ...pearson.map((interval) => plusMinus(interval, 4)),
        `${plusMinus(labelsToReach, 0)}${unreached === 0 ? '' : `, ${unreached} of ${seeds} not`}`,
        shareOfRandom === null ? '-' : within(shareOfRandom, 2),
        behind === null ? '-' : `${behind.points} of ${behind.of}`,
      ],
    ),
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
