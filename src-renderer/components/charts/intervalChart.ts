import type { Interval } from '#shared/domain/run.ts'
import { coefficient, intervalEnds, noValue } from '../../format/numbers.ts'
import { axisLabel, axisText, commonOption, roundAxis } from './axes.ts'
import type { ChartOption } from './echarts.ts'
import type { Palette } from './palette.ts'

/** One row: a figure with its interval; null where it is not defined, and then `reason` says why. */
export interface IntervalRow {
  readonly label: string
  readonly interval: Interval | null
  readonly reason?: string
  /** The one the reader came for. */
  readonly strong: boolean
}

/** A vertical line across all rows. */
export interface ReferenceLine {
  readonly label: string
  readonly value: number
}

/** Figures beside the rows stand in a column of their own, so that nothing crosses a line. */
export function intervalFigures(row: IntervalRow): string {
  return row.interval === null ? noValue : `${coefficient(row.interval.value)}  ${intervalEnds(row.interval)}`
}

/** Room for the longest figures at 11 px, in pixels. */
function figuresWidth(rows: readonly IntervalRow[]): number {
  return 14 + 5.6 * Math.max(0, ...rows.map((row) => intervalFigures(row).length))
}

/** Dots with whiskers, one row each, from top to bottom; the reference line is named above the plot. */
export function intervalChartOption(
  rows: readonly IntervalRow[],
  reference: ReferenceLine | null,
  palette: Palette,
): ChartOption {
  const known = rows.flatMap((row) => (row.interval === null ? [] : [row.interval.low, row.interval.high]))
  const all = reference === null ? known : [...known, reference.value]
  const axis =
    all.length === 0 ? { min: 0, max: 1, step: 0.2 } : roundAxis(Math.min(...all), Math.max(...all), 4)
  const dots = rows.flatMap((row, index) =>
    row.interval === null
      ? []
      : [
          {
            value: [row.interval.value, index],
            symbolSize: row.strong ? 11 : 8,
            itemStyle: { color: row.strong ? palette.accent : palette.ink3, opacity: 1 },
          },
        ],
  )
  const whiskers = rows.flatMap((row, index) =>
    row.interval === null
      ? []
      : [{ value: [row.interval.low, row.interval.high, index, row.strong ? 1 : 0] }],
  )
  const labels = (text: (row: IntervalRow) => string): string[] => rows.map(text)
  const category = {
    type: 'category' as const,
    inverse: true,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: false },
  }
  return {
    ...commonOption(palette),
    tooltip: { show: false },
    grid: {
      outerBoundsMode: 'none',
      left: 104,
      right: figuresWidth(rows),
      top: reference === null ? 8 : 26,
      bottom: 22,
    },
    xAxis: {
      type: 'value',
      min: axis.min,
      max: axis.max,
      interval: axis.step,
      axisLabel: { ...axisText(palette), formatter: axisLabel(axis.step) },
      axisLine: { show: true, lineStyle: { color: palette.line2 } },
      axisTick: { show: true, lineStyle: { color: palette.line2 }, length: 4 },
      splitLine: { show: true, lineStyle: { color: palette.line } },
    },
    yAxis: [
      {
        ...category,
        data: labels((row) => row.label),
        axisLabel: {
          ...axisText(palette),
          fontSize: 12,
          align: 'left',
          margin: 104,
          color: (_label, index) => (rows[index ?? -1]?.strong === true ? palette.ink : palette.ink2),
        },
      },
      {
        ...category,
        position: 'right',
        data: labels(intervalFigures),
        axisLabel: {
          ...axisText(palette),
          align: 'left',
          margin: 8,
          color: (_label, index) => (rows[index ?? -1]?.strong === true ? palette.ink : palette.ink2),
        },
      },
    ],
    series: [
      {
        type: 'custom',
        silent: true,
        data: whiskers,
        encode: { x: [0, 1], y: 2 },
        renderItem: (_parameters, api) => {
          const from = api.coord([api.value(0), api.value(2)])
          const to = api.coord([api.value(1), api.value(2)])
          const strong = api.value(3) === 1
          return {
            type: 'line',
            shape: { x1: from[0] ?? 0, y1: from[1] ?? 0, x2: to[0] ?? 0, y2: to[1] ?? 0 },
            style: {
              stroke: strong ? palette.accent : palette.line2,
              lineWidth: strong ? 2.5 : 2,
              opacity: strong ? 0.55 : 1,
            },
          }
        },
        ...(reference === null
          ? {}
          : {
              markLine: {
                silent: true,
                symbol: 'none',
                data: [{ xAxis: reference.value }],
                lineStyle: { color: palette.good, type: [3, 3], width: 1.5 },
                label: {
                  formatter: `${reference.label} ${coefficient(reference.value)}`,
                  position: 'start',
                  distance: 6,
                  color: palette.good,
                  fontSize: 11,
                },
              },
            }),
      },
      { type: 'scatter', silent: true, data: dots, z: 3 },
    ],
  }
}
