import type { ScatterSeriesOption } from 'echarts/charts'
import { coefficient } from '../../format/numbers.ts'
import { axisText, commonOption } from './axes.ts'
import type { ChartOption } from './echarts.ts'
import type { Palette } from './palette.ts'

/** Scores beside what people say, and where decisions are cut. */
export interface DecisionChart {
  /** Both 0–1 [rows]. */
  readonly score: ArrayLike<number>
  readonly target: ArrayLike<number>
  /** No below `low`, yes from `high`, abstain in between; null where nothing is decided yet. */
  readonly band: { readonly low: number; readonly high: number } | null
  /** A pair is truly a yes from here. */
  readonly truth: number
}

/** Vertical lines at the cuts that lie inside the scale, each with the decision that begins there. */
export function decisionCuts(band: DecisionChart['band']): { at: number; label: string }[] {
  if (band === null) return []
  const { low, high } = band
  const cuts =
    low === high
      ? [{ at: high, label: 'yes' }]
      : [
          { at: low, label: 'abstain' },
          { at: high, label: 'yes' },
        ]
  return cuts.filter(({ at }) => at > 0 && at <= 1)
}

/** More points than this are drawn fainter, so that crowds show. */
const fewPoints = 500

/** One dot a pair, score across and consensus up, with the cuts of decisions and the line above which a pair is a yes. */
export function decisionOption({ score, target, band, truth }: DecisionChart, palette: Palette): ChartOption {
  const axis = {
    type: 'value' as const,
    min: 0,
    max: 1,
    interval: 0.25,
    nameLocation: 'middle' as const,
    nameTextStyle: axisText(palette),
    axisLabel: { ...axisText(palette), formatter: (value: number) => coefficient(value) },
    axisTick: { show: false },
    splitLine: { show: false },
  }
  const points: ScatterSeriesOption = {
    type: 'scatter',
    silent: true,
    symbolSize: 5,
    itemStyle: { color: palette.ink3, opacity: score.length > fewPoints ? 0.25 : 0.5 },
    data: Array.from({ length: score.length }, (_, row) => [score[row] ?? 0, target[row] ?? 0]),
    markLine: {
      silent: true,
      symbol: 'none',
      animation: false,
      data: [
        ...decisionCuts(band).map(({ at, label }) => ({
          xAxis: at,
          lineStyle: { color: palette.accent, type: 'solid' as const, width: 2 },
          label: {
            formatter: `${label} →`,
            position: 'end' as const,
            distance: 4,
            align: 'left' as const,
            color: palette.ink2,
            fontSize: 11,
          },
        })),
        {
          yAxis: truth,
          lineStyle: { color: palette.good, type: [3, 3], width: 1.5 },
          label: {
            formatter: 'yes',
            position: 'end' as const,
            distance: 6,
            color: palette.good,
            fontSize: 11,
          },
        },
      ],
    },
  }
  return {
    ...commonOption(palette),
    tooltip: { show: false },
    grid: { outerBoundsMode: 'none', left: 56, right: 40, top: 24, bottom: 40 },
    xAxis: {
      ...axis,
      name: 'score',
      nameGap: 24,
      axisLine: { show: true, lineStyle: { color: palette.line2 } },
    },
    yAxis: {
      ...axis,
      name: 'people say',
      nameGap: 40,
      axisLine: { show: true, lineStyle: { color: palette.line2 } },
    },
    series: [points],
  }
}
