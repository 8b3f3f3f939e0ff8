import type { KeptReplay } from '#shared/contract/replay.ts'
import type { Interval } from '#shared/domain/interval.ts'
import { reachedShare, type ReplaySummary } from '#shared/domain/replay.ts'
import { replayTable, replayVerdict, shareWords, shownLabels } from '#shared/domain/replayWords.ts'
import { strategyNames, type StrategyName } from '#shared/domain/suggestion.ts'
import type { ChartTable, LegendEntry } from '../../components/charts/chartTable.ts'
import type { CurvesChart } from '../../components/charts/curvesChart.ts'
import { coefficient, count, noValue } from '../../format/numbers.ts'

type Replayed = Pick<KeptReplay, 'asked' | 'summaries' | 'reference'>

/** A mean with half its interval: ".812 ±.021"; without where a single seed leaves none. */
function plusMinus(interval: Interval | null, figure: (value: number) => string): string {
  if (interval === null) return noValue
  const half = interval.high - interval.value
  return half === 0 ? figure(interval.value) : `${figure(interval.value)} ±${figure(half)}`
}
const correlation = (value: number): string => coefficient(value, 3)
const labelCount = (value: number): string => count(Math.round(value))

export interface StrategyTable {
  readonly columns: readonly string[]
  readonly rows: readonly { readonly strategy: StrategyName; readonly cells: readonly string[] }[]
}

/** A row for each strategy: r at some numbers of labels, the labels it needs, and both against random. */
export function strategyTable({ summaries }: Pick<KeptReplay, 'summaries'>): StrategyTable {
  const labels = shownLabels(summaries)
  return {
    columns: [
      'strategy',
      ...labels.map((at) => `r at ${count(at)}`),
      `labels to ${Math.round(100 * reachedShare)}%`,
      "of random's",
      'behind random',
    ],
    rows: replayTable(summaries, labels).map((row) => ({
      strategy: row.strategy,
      cells: [
        ...row.pearson.map((interval) => plusMinus(interval, correlation)),
        `${plusMinus(row.labelsToReach, labelCount)}${row.unreached === 0 || row.labelsToReach === null ? '' : `, ${row.unreached} of ${row.seeds} not`}`,
        shareWords(row.shareOfRandom),
        row.behind === null ? noValue : `${row.behind.points} of ${row.behind.of} points`,
      ],
    })),
  }
}

/** What the replay says, in plain sentences; null before there is anything. */
export function verdictOf({
  asked,
  summaries,
  reference,
  pairs,
  done,
  count: all,
}: KeptReplay): string | null {
  if (reference === null || summaries.length === 0) return null
  const verdict = (): string => replayVerdict(summaries, pairs.pool, reference.pearson, correlation)
  if (done >= all) return verdict()
  const isCompared =
    summaries.length === asked.strategies.length && summaries.every(({ seeds }) => seeds >= 2)
  return isCompared
    ? `So far, with ${done} of ${all} parts: ${verdict()}`
    : `${done} of ${all} parts are done: too few yet to compare.`
}

/** The curve of a strategy beside random's, the same axes for all. */
export interface StrategyCurves {
  readonly title: string
  readonly chart: CurvesChart
  readonly legend: readonly LegendEntry[]
  readonly table: ChartTable
}

/** A chart for each strategy with random in it; random alone while nothing else is known. */
export function strategyCurves({ asked, summaries, reference }: Replayed): StrategyCurves[] {
  const random = summaries.find(({ strategy }) => strategy === 'random') ?? null
  const others = summaries.filter(({ strategy }) => strategy !== 'random')
  const full = reference?.pearson ?? null
  const level =
    full === null
      ? null
      : {
          label: `${Math.round(100 * reachedShare)}% of what all labels reach, ${correlation(reachedShare * full)}`,
          value: reachedShare * full,
        }
  const range = rangeOf(summaries)
  const shown = others.length === 0 && random !== null ? [random] : others
  return shown.map((own) => {
    const beside = own === random ? null : random
    const curves = [
      { ...curveOf(own), tone: 'accent' as const },
      ...(beside === null ? [] : [{ ...curveOf(beside), tone: 'quiet' as const }]),
    ]
    return {
      title: strategyNames[own.strategy],
      chart: { curves, step: 'labels', lastStep: asked.to, level, mark: null, decimals: 3, range },
      legend: [
        ...curves.map(({ label, tone }) => ({ label, tone })),
        ...(level === null ? [] : [{ label: level.label, tone: 'level' as const }]),
      ],
      table: curvesTable(own, beside),
    }
  })
}

function rangeOf(summaries: readonly ReplaySummary[]): { low: number; high: number } | null {
  const known = summaries.flatMap(({ curve }) =>
    curve.flatMap(({ pearson }) => (pearson === null ? [] : [pearson.low, pearson.high])),
  )
  return known.length === 0 ? null : { low: Math.min(...known), high: Math.max(...known) }
}

function curveOf({ strategy, curve }: ReplaySummary): Omit<CurvesChart['curves'][number], 'tone'> {
  return {
    label: strategyNames[strategy],
    points: curve.map(({ labels, pearson }) => [labels, pearson?.value ?? null]),
    band: curve.map(({ labels, pearson }) => [labels, pearson?.low ?? null, pearson?.high ?? null]),
  }
}

function curvesTable(
  { strategy, curve, overRandom }: ReplaySummary,
  random: ReplaySummary | null,
): ChartTable {
  return {
    columns: [
      'labels',
      strategyNames[strategy],
      ...(random === null ? [] : [strategyNames.random, 'difference']),
    ],
    rows: curve.map(({ labels, pearson }) => [
      count(labels),
      plusMinus(pearson, correlation),
      ...(random === null
        ? []
        : [
            plusMinus(random.curve.find((point) => point.labels === labels)?.pearson ?? null, correlation),
            plusMinus(overRandom?.find((point) => point.labels === labels)?.difference ?? null, correlation),
          ]),
    ]),
  }
}
