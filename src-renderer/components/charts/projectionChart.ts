import type { LineSeriesOption, ScatterSeriesOption } from 'echarts/charts'
import type { Interval } from '#shared/domain/interval.ts'
import { coefficient, withInterval } from '../../format/numbers.ts'
import { axisText, commonOption, pointerTooltip } from './axes.ts'
import type { ChartOption } from './echarts.ts'
import type { Palette } from './palette.ts'

/** What more of something buys: a projected curve, and what was measured, by rising x from 1 on; y 0–1. */
export interface ProjectionChart {
  readonly xName: string
  readonly yName: string
  /** What a step is called in a tooltip, "rater". */
  readonly step: string
  readonly curve: readonly { readonly x: number; readonly y: number }[]
  readonly measured: readonly { readonly x: number; readonly y: Interval }[]
  /** Levels to reach, with their names. */
  readonly levels: readonly { readonly label: string; readonly value: number }[]
}

/** What is known at one step, in words. */
export function stepWords({ curve, measured, step }: ProjectionChart, x: number): string {
  const projected = curve.find((point) => point.x === x)
  const found = measured.find((point) => point.x === x)
  return [
    `${x} ${step}${x === 1 ? '' : 's'}`,
    ...(projected === undefined ? [] : [`projected ${coefficient(projected.y)}`]),
    ...(found === undefined ? [] : [`measured ${withInterval(found.y)}`]),
  ].join('\n')
}

/** A curve from 0 to 1 over whole steps, with measured dots and whiskers on it. */
export function projectionOption(chart: ProjectionChart, palette: Palette): ChartOption {
  const last = Math.max(2, ...chart.curve.map(({ x }) => x), ...chart.measured.map(({ x }) => x))
  const projected: LineSeriesOption = {
    type: 'line',
    data: chart.curve.map(({ x, y }) => [x, y]),
    showSymbol: false,
    lineStyle: { color: palette.ink3, width: 1.5, type: [5, 4] },
    itemStyle: { color: palette.ink3 },
    z: 3,
    markLine: {
      silent: true,
      symbol: 'none',
      animation: false,
      data: chart.levels.map(({ label, value }) => ({
        yAxis: value,
        lineStyle: { color: palette.good, type: [3, 3], width: 1.5 },
        label: {
          formatter: label,
          position: 'end' as const,
          distance: 6,
          color: palette.good,
          fontSize: 11,
        },
      })),
    },
  }
  const measured: ScatterSeriesOption = {
    type: 'scatter',
    symbolSize: 9,
    itemStyle: { color: palette.accent, opacity: 1 },
    data: chart.measured.map(({ x, y }) => [x, y.value]),
    z: 5,
  }
  return {
    ...commonOption(palette),
    tooltip: pointerTooltip(palette, (x) => stepWords(chart, x)),
    grid: { outerBoundsMode: 'none', left: 56, right: 44, top: 10, bottom: 40 },
    xAxis: {
      type: 'value',
      min: 0,
      max: last,
      minInterval: 1,
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
      min: 0,
      max: 1,
      interval: 0.25,
      name: chart.yName,
      nameLocation: 'middle',
      nameGap: 40,
      nameTextStyle: axisText(palette),
      axisLabel: { ...axisText(palette), formatter: (value: number) => coefficient(value) },
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: palette.line } },
    },
    series: [
      projected,
      {
        type: 'custom',
        silent: true,
        data: chart.measured.map(({ x, y }) => [x, y.low, y.high]),
        encode: { x: 0, y: [1, 2] },
        renderItem: (_parameters, api) => {
          const from = api.coord([api.value(0), api.value(1)])
          const to = api.coord([api.value(0), api.value(2)])
          return {
            type: 'line',
            shape: { x1: from[0] ?? 0, y1: from[1] ?? 0, x2: to[0] ?? 0, y2: to[1] ?? 0 },
            style: { stroke: palette.accent, lineWidth: 2, opacity: 0.55 },
          }
        },
        z: 4,
      },
      measured,
    ],
  }
}
