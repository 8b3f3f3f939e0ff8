import type { CustomSeriesOption } from 'echarts/charts'
import { coefficient } from '../../format/numbers.ts'
import { axisLabel, axisText, commonOption, roundAxis, tooltipStyle } from './axes.ts'
import type { ChartOption } from './echarts.ts'
import type { Palette } from './palette.ts'

/** How a line looks: the one that matters and the quiet one beside it, or up to four of equal weight. */
export type CurveTone = 'accent' | 'quiet' | 'second' | 'third' | 'fourth'

/** One curve over whole steps; null where the value is not defined. */
interface Curve {
  readonly label: string
  readonly tone: CurveTone
  /** [x, y] by rising x. */
  readonly points: readonly (readonly [number, number | null])[]
  /** The interval at each of the points that has one, drawn as a band; by rising x. */
  readonly band?: readonly BandPoint[]
}

/** An interval at a step; both ends null where it is not defined. */
export type BandPoint = readonly [x: number, low: number | null, high: number | null]

export interface CurvesChart {
  readonly curves: readonly Curve[]
  /** What the steps are: "epoch". */
  readonly step: string
  /** The last step the axis shows, where it is known before the curves get there. */
  readonly lastStep: number
  /** Horizontal line to reach or beat. */
  readonly level: { readonly label: string; readonly value: number } | null
  /** Vertical line at a step. */
  readonly mark: { readonly label: string; readonly step: number } | null
  readonly decimals: number
  /** What the axis shows at least, so that charts beside one another compare. */
  readonly range?: { readonly low: number; readonly high: number } | null
}

/** Dashes tell curves apart without colour; ChartCard's legend draws the same. */
const lineStyles: Readonly<
  Record<CurveTone, { colour: keyof Palette; width: number; dash: 'solid' | number[] }>
> = {
  accent: { colour: 'accent', width: 2, dash: 'solid' },
  quiet: { colour: 'ink3', width: 1.5, dash: [5, 4] },
  second: { colour: 'warn', width: 2, dash: [8, 3] },
  third: { colour: 'good', width: 2, dash: [2, 3] },
  fourth: { colour: 'ink', width: 2, dash: [8, 3, 2, 3] },
}

/** The lowest and highest value shown. A first point far off (before training took hold) does not flatten the rest. */
export function curveRange(chart: CurvesChart): { low: number; high: number } | null {
  const values = chart.curves
    .flatMap(({ points, band = [] }) => [
      ...points.map(([, value]) => value),
      ...band.flatMap(([, low, high]) => [low, high]),
    ])
    .flatMap((value) => (value === null || !Number.isFinite(value) ? [] : [value]))
  if (values.length === 0) return null
  const all = [
    ...values,
    ...(chart.level === null ? [] : [chart.level.value]),
    ...(chart.range == null ? [] : [chart.range.low, chart.range.high]),
  ]
  return { low: Math.min(...all), high: Math.max(...all) }
}

/** The stretches of a band in which it is defined, each as the corners of a polygon. */
export function bandStretches(band: readonly BandPoint[]): (readonly [number, number])[][] {
  const stretches: { x: number; low: number; high: number }[][] = [[]]
  for (const [x, low, high] of band)
    if (low === null || high === null) stretches.push([])
    else stretches.at(-1)?.push({ x, low, high })
  return stretches
    .filter((stretch) => stretch.length > 1)
    .map((stretch) => [
      ...stretch.map(({ x, high }) => [x, high] as const),
      ...stretch.toReversed().map(({ x, low }) => [x, low] as const),
    ])
}

/** A band behind its curve. */
function bandSeries({ tone, band = [] }: Curve, palette: Palette): CustomSeriesOption[] {
  const stretches = bandStretches(band)
  if (stretches.length === 0) return []
  return [
    {
      type: 'custom',
      silent: true,
      z: 2,
      data: stretches.map((corners) => [...(corners[0] ?? [])]),
      encode: { x: 0, y: 1 },
      renderItem: ({ dataIndex }, api) => ({
        type: 'polygon',
        shape: { points: (stretches[dataIndex] ?? []).map(([x, y]) => api.coord([x, y])) },
        style: { fill: palette[lineStyles[tone].colour], opacity: tone === 'accent' ? 0.18 : 0.14 },
      }),
    },
  ]
}

/** A label above a vertical line stays inside the drawing. */
function markAlign(share: number): 'left' | 'center' | 'right' {
  if (share > 0.75) return 'right'
  return share < 0.25 ? 'left' : 'center'
}

/** Curves over steps. Their names stand in the legend above, outside the canvas, so that no label crosses a curve. */
export function curvesChartOption(chart: CurvesChart, palette: Palette): ChartOption {
  const range = curveRange(chart)
  const axis = range === null ? { min: 0, max: 1, step: 0.2 } : roundAxis(range.low, range.high, 4)
  const stepAxis = roundAxis(0, Math.max(1, chart.lastStep), 5)
  const label = axisLabel(axis.step)
  const markLines = [
    ...(chart.level === null
      ? []
      : [
          {
            yAxis: chart.level.value,
            lineStyle: { color: palette.good, type: [3, 3], width: 1.5 },
            label: { show: false },
          },
        ]),
    ...(chart.mark === null
      ? []
      : [
          {
            xAxis: chart.mark.step,
            lineStyle: { color: palette.line2, type: 'solid' as const, width: 1 },
            label: {
              formatter: chart.mark.label,
              position: 'end' as const,
              distance: 5,
              align: markAlign(chart.mark.step / Math.max(1, chart.lastStep)),
              color: palette.ink3,
              fontSize: 11,
            },
          },
        ]),
  ]
  return {
    ...commonOption(palette),
    tooltip: {
      ...tooltipStyle(palette),
      trigger: 'axis',
      axisPointer: { type: 'line', lineStyle: { color: palette.line2 }, label: { show: false } },
      formatter: (parameters) => {
        // Bands are no curves.
        const at = [parameters].flat().filter(({ seriesType }) => seriesType === 'line')
        const lines = at.map((entry) => {
          const value = Array.isArray(entry.value) ? entry.value[1] : null
          return `${entry.seriesName ?? ''}  ${coefficient(typeof value === 'number' ? value : null, chart.decimals)}`
        })
        const first = at[0]?.value
        const step = Array.isArray(first) ? String(first[0]) : ''
        return [`${chart.step} ${step}`, ...lines].join('\n')
      },
    },
    grid: { outerBoundsMode: 'none', left: 34, right: 12, top: chart.mark === null ? 8 : 22, bottom: 22 },
    xAxis: {
      type: 'value',
      min: 0,
      max: Math.max(1, chart.lastStep),
      interval: Math.max(1, stepAxis.step),
      minInterval: 1,
      axisLabel: { ...axisText(palette), showMaxLabel: false },
      axisLine: { show: true, lineStyle: { color: palette.line2 } },
      axisTick: { show: false },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      min: axis.min,
      max: axis.max,
      interval: axis.step,
      axisLabel: { ...axisText(palette), formatter: label },
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: palette.line } },
    },
    series: [
      ...chart.curves.flatMap((curve) => bandSeries(curve, palette)),
      ...chart.curves.map((curve, index) => ({
        type: 'line' as const,
        name: curve.label,
        data: curve.points.map(([x, y]) => [x, y]),
        connectNulls: false,
        showSymbol: curve.points.length < 2,
        symbol: 'circle',
        symbolSize: 6,
        lineStyle: {
          color: palette[lineStyles[curve.tone].colour],
          width: lineStyles[curve.tone].width,
          type: lineStyles[curve.tone].dash,
        },
        itemStyle: { color: palette[lineStyles[curve.tone].colour] },
        z: curve.tone === 'accent' ? 4 : 3,
        ...(index === 0 && markLines.length > 0
          ? { markLine: { silent: true, symbol: 'none', animation: false, data: markLines } }
          : {}),
      })),
    ],
  }
}
