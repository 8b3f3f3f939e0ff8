import type { CustomSeriesOption, LineSeriesOption, ScatterSeriesOption } from 'echarts/charts'
import type { Interval } from '#shared/domain/interval.ts'
import { coefficient, withInterval } from '../../format/numbers.ts'
import { axisLabel, axisText, commonOption, roundAxis, pointerTooltip } from './axes.ts'
import type { ChartOption } from './echarts.ts'
import type { Palette } from './palette.ts'

/** A figure with its interval at some x. */
export interface BandPoint {
  readonly x: number
  readonly y: Interval
}

/** Lines in bands of their intervals, and single figures with whiskers, over a count. */
export interface BandChart {
  readonly xName: string
  readonly yName: string
  /** What one of the count is called in a tooltip, "label". */
  readonly step: string
  readonly lines: readonly {
    readonly label: string
    readonly tone: 'accent' | 'quiet'
    /** By rising x. */
    readonly points: readonly BandPoint[]
  }[]
  readonly dots: readonly (BandPoint & { readonly label: string })[]
  /** Horizontal line, with its name. */
  readonly level: { readonly label: string; readonly value: number } | null
  readonly decimals: number
}

/** What is known at one x, in words. */
export function bandWords({ lines, dots, step, decimals }: BandChart, x: number): string {
  const found = [
    ...lines.flatMap(({ label, points }) =>
      points.filter((point) => point.x === x).map(({ y }) => ({ label, y })),
    ),
    ...dots.filter((dot) => dot.x === x),
  ]
  return [
    `${x.toLocaleString('en')} ${step}${x === 1 ? '' : 's'}`,
    ...found.map(({ label, y }) => `${label} ${withInterval(y, decimals)}`),
  ].join('\n')
}

/** The y axis holds every interval and the level. */
export function bandRange({ lines, dots, level }: BandChart): { min: number; max: number; step: number } {
  const intervals = [...lines.flatMap(({ points }) => points), ...dots].map(({ y }) => y)
  const ends = [
    ...intervals.flatMap(({ low, high }) => [low, high]),
    ...(level === null ? [] : [level.value]),
  ].filter(Number.isFinite)
  return ends.length === 0
    ? { min: 0, max: 1, step: 0.2 }
    : roundAxis(Math.min(...ends), Math.max(...ends), 5)
}

export function bandOption(chart: BandChart, palette: Palette): ChartOption {
  const axis = bandRange(chart)
  const colour = (tone: 'accent' | 'quiet'): string => (tone === 'accent' ? palette.accent : palette.ink3)
  const last = Math.max(
    1,
    ...chart.lines.flatMap(({ points }) => points.map(({ x }) => x)),
    ...chart.dots.map(({ x }) => x),
  )
  const { max, step } = roundAxis(0, last, 6)
  const band = ({ tone, points }: BandChart['lines'][number]): CustomSeriesOption => ({
    type: 'custom',
    silent: true,
    // One outline for all points, there and back.
    data: points.length < 2 ? [] : [[points[0]?.x ?? 0, points[0]?.y.value ?? 0]],
    renderItem: (_parameters, api) => ({
      type: 'polygon',
      shape: {
        points: [
          ...points.map(({ x, y }) => api.coord([x, y.high])),
          ...points.toReversed().map(({ x, y }) => api.coord([x, y.low])),
        ].map(([left, top]) => [left ?? 0, top ?? 0]),
      },
      style: { fill: colour(tone), opacity: 0.14 },
    }),
    z: 1,
  })
  const line = ({ label, tone, points }: BandChart['lines'][number], index: number): LineSeriesOption => ({
    type: 'line',
    name: label,
    data: points.map(({ x, y }) => [x, y.value]),
    showSymbol: tone === 'accent',
    symbol: 'circle',
    symbolSize: 4,
    lineStyle:
      tone === 'accent'
        ? { color: colour(tone), width: 2 }
        : { color: colour(tone), width: 1.5, type: [5, 4] },
    itemStyle: { color: colour(tone) },
    z: 3,
    ...(index === 0 && chart.level !== null
      ? {
          markLine: {
            silent: true,
            symbol: 'none',
            animation: false,
            data: [
              {
                yAxis: chart.level.value,
                lineStyle: { color: palette.good, type: [3, 3], width: 1.5 },
                label: { show: false },
              },
            ],
          },
        }
      : {}),
  })
  const dots: ScatterSeriesOption = {
    type: 'scatter',
    symbolSize: 8,
    itemStyle: { color: palette.raised, borderColor: palette.ink, borderWidth: 1.5, opacity: 1 },
    data: chart.dots.map(({ x, y }) => [x, y.value]),
    z: 5,
  }
  const whiskers: CustomSeriesOption = {
    type: 'custom',
    silent: true,
    data: chart.dots.map(({ x, y }) => [x, y.low, y.high]),
    encode: { x: 0, y: [1, 2] },
    renderItem: (_parameters, api) => {
      const from = api.coord([api.value(0), api.value(1)])
      const to = api.coord([api.value(0), api.value(2)])
      return {
        type: 'line',
        shape: { x1: from[0] ?? 0, y1: from[1] ?? 0, x2: to[0] ?? 0, y2: to[1] ?? 0 },
        style: { stroke: palette.ink, lineWidth: 1.5, opacity: 0.55 },
      }
    },
    z: 4,
  }
  return {
    ...commonOption(palette),
    tooltip: pointerTooltip(palette, (x) => bandWords(chart, x)),
    grid: { outerBoundsMode: 'none', left: 52, right: 16, top: 10, bottom: 40 },
    xAxis: {
      type: 'value',
      min: 0,
      max,
      interval: Math.max(1, step),
      name: chart.xName,
      nameLocation: 'middle',
      nameGap: 24,
      nameTextStyle: axisText(palette),
      axisLabel: axisText(palette),
      axisLine: { show: true, lineStyle: { color: palette.line2 } },
      axisTick: { show: false },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      min: axis.min,
      max: axis.max,
      interval: axis.step,
      name: chart.yName,
      nameLocation: 'middle',
      nameGap: 38,
      nameTextStyle: axisText(palette),
      axisLabel: { ...axisText(palette), formatter: axisLabel(axis.step) },
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: palette.line } },
    },
    series: [...chart.lines.map(band), ...chart.lines.map(line), whiskers, dots],
  }
}

/** The chart in a sentence, for those who do not see it: its lines' ends, its dots and its level. */
export function bandLabel(chart: BandChart): string {
  const xs = chart.lines.flatMap(({ points }) =>
    [points[0], points.at(-1)].flatMap((point) => (point === undefined ? [] : point.x)),
  )
  const said = [...new Set([...xs, ...chart.dots.map(({ x }) => x)])].toSorted((one, other) => one - other)
  return [
    ...said.map((x) => bandWords(chart, x).replaceAll('\n', ' ')),
    ...(chart.level === null
      ? []
      : [`${chart.level.label} ${coefficient(chart.level.value, chart.decimals)}`]),
  ].join('; ')
}
