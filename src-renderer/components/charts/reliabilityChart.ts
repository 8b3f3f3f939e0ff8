import type { ReliabilityCurve } from '#shared/domain/judging.ts'
import type { CustomSeriesOption, ScatterSeriesOption } from 'echarts/charts'
import { coefficient, counted, withInterval } from '../../format/numbers.ts'
import { axisText, commonOption, tooltipStyle } from './axes.ts'
import type { ChartOption } from './echarts.ts'
import type { Palette } from './palette.ts'

/** One set of bins; the strong one is filled, the other a ring. */
export interface ReliabilitySeries {
  readonly label: string
  readonly curve: ReliabilityCurve
  readonly strong: boolean
}

/** What a bin says, in words: score given, what people say, and how many pairs that is. */
export function binWords(
  label: string,
  { n, predicted, observed }: ReliabilityCurve['bins'][number],
): string {
  return `${label} ${coefficient(predicted)}\npeople ${withInterval(observed)}\n${counted(n, 'pair')}`
}

function whiskers({ curve, strong }: ReliabilitySeries, palette: Palette): CustomSeriesOption {
  return {
    type: 'custom',
    silent: true,
    data: curve.bins.map(({ predicted, observed }) => [predicted, observed.low, observed.high]),
    encode: { x: 0, y: [1, 2] },
    renderItem: (_parameters, api) => {
      const from = api.coord([api.value(0), api.value(1)])
      const to = api.coord([api.value(0), api.value(2)])
      return {
        type: 'line',
        shape: { x1: from[0] ?? 0, y1: from[1] ?? 0, x2: to[0] ?? 0, y2: to[1] ?? 0 },
        style: {
          stroke: strong ? palette.accent : palette.line2,
          lineWidth: strong ? 2 : 1.5,
          opacity: strong ? 0.55 : 1,
        },
      }
    },
    z: strong ? 3 : 2,
  }
}

/** @param first the number of the first bin among the bins of all series. */
function dots({ curve, strong }: ReliabilitySeries, first: number, palette: Palette): ScatterSeriesOption {
  return {
    type: 'scatter',
    symbolSize: strong ? 9 : 7,
    itemStyle: strong
      ? { color: palette.accent, opacity: 1 }
      : { color: palette.raised, borderColor: palette.ink3, borderWidth: 1.5, opacity: 1 },
    data: curve.bins.map(({ predicted, observed }, index) => [predicted, observed.value, first + index]),
    z: strong ? 5 : 4,
  }
}

/** What people say over what was scored, both 0–1, bin by bin with intervals; on the diagonal both agree. */
export function reliabilityOption(series: readonly ReliabilitySeries[], palette: Palette): ChartOption {
  const axis = {
    type: 'value' as const,
    min: 0,
    max: 1,
    interval: 0.25,
    nameLocation: 'middle' as const,
    nameTextStyle: axisText(palette),
    axisLabel: { ...axisText(palette), formatter: (value: number) => coefficient(value) },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: palette.line } },
  }
  const words = series.flatMap(({ label, curve }) => curve.bins.map((bin) => binWords(label, bin)))
  let before = 0
  return {
    ...commonOption(palette),
    tooltip: {
      ...tooltipStyle(palette),
      trigger: 'item',
      formatter: (parameters) => {
        const entry = Array.isArray(parameters) ? parameters[0] : parameters
        const value: unknown = entry?.value
        return Array.isArray(value) ? (words[Number(value[2])] ?? '') : ''
      },
    },
    grid: { outerBoundsMode: 'none', left: 56, right: 14, top: 10, bottom: 40 },
    xAxis: {
      ...axis,
      name: 'score given',
      nameGap: 24,
      axisLine: { show: true, lineStyle: { color: palette.line2 } },
    },
    yAxis: { ...axis, name: 'people say', nameGap: 40, axisLine: { show: false } },
    series: [
      {
        type: 'line',
        silent: true,
        showSymbol: false,
        data: [
          [0, 0],
          [1, 1],
        ],
        lineStyle: { color: palette.line2, width: 1.5, type: [3, 3] },
        tooltip: { show: false },
      },
      ...series.flatMap((entry) => {
        const first = before
        before += entry.curve.bins.length
        return [whiskers(entry, palette), dots(entry, first, palette)]
      }),
    ],
  }
}
