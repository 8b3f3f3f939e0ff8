import type { RiskCoverageCurve } from '#shared/domain/judging.ts'
import { coefficient, percent } from '../../format/numbers.ts'
import { axisLabel, axisText, commonOption, roundAxis, pointerTooltip } from './axes.ts'
import type { LegendEntry } from './chartTable.ts'
import type { ChartOption } from './echarts.ts'
import type { Palette } from './palette.ts'

/** The curve of one signal. */
export interface RiskSeries {
  readonly label: string
  readonly curve: RiskCoverageCurve
  readonly strong: boolean
}

/** A place on the strong curve at which a run works. */
export interface OperatingPoint {
  readonly label: string
  readonly coverage: number
  readonly risk: number
}

const quietTones = ['quiet', 'dotted', 'mixed'] as const
const dashes = { quiet: [5, 4], dotted: [1.5, 3], mixed: [8, 3, 2, 3] } as const

/** How each curve is drawn: the strong one solid, the others told apart by their dashes. */
export function riskTones(series: readonly RiskSeries[]): LegendEntry['tone'][] {
  let quiet = 0
  return series.map(({ strong }) =>
    strong ? 'accent' : (quietTones[quiet++ % quietTones.length] ?? 'quiet'),
  )
}

/** The point of a curve nearest to a coverage; null without points. */
export function riskAt({ points }: RiskCoverageCurve, coverage: number): number | null {
  let nearest: { distance: number; risk: number } | null = null
  for (const point of points) {
    const distance = Math.abs(point.coverage - coverage)
    if (nearest === null || distance < nearest.distance) nearest = { distance, risk: point.risk }
  }
  return nearest?.risk ?? null
}

/** Share of wrong scores among those accepted, over the share that is accepted. */
export function riskCoverageOption(
  series: readonly RiskSeries[],
  operating: OperatingPoint | null,
  palette: Palette,
): ChartOption {
  const tones = riskTones(series)
  const highest = Math.max(0.01, ...series.flatMap(({ curve }) => curve.points.map(({ risk }) => risk)))
  const axis = roundAxis(0, highest, 4)
  return {
    ...commonOption(palette),
    tooltip: pointerTooltip(palette, (coverage) => {
      const lines = series.map(({ label, curve }) => `${label}  ${coefficient(riskAt(curve, coverage))}`)
      return [`${percent(coverage)} accepted, wrong among them`, ...lines].join('\n')
    }),
    grid: { outerBoundsMode: 'none', left: 56, right: 14, top: 10, bottom: 40 },
    xAxis: {
      type: 'value',
      min: 0,
      max: 1,
      interval: 0.25,
      name: 'share of scores accepted',
      nameLocation: 'middle',
      nameGap: 24,
      nameTextStyle: axisText(palette),
      axisLabel: { ...axisText(palette), formatter: (value: number) => coefficient(value) },
      axisLine: { show: true, lineStyle: { color: palette.line2 } },
      axisTick: { show: false },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      min: 0,
      max: axis.max,
      interval: axis.step,
      name: 'wrong among them',
      nameLocation: 'middle',
      nameGap: 40,
      nameTextStyle: axisText(palette),
      axisLabel: { ...axisText(palette), formatter: axisLabel(axis.step) },
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: palette.line } },
    },
    series: [
      ...series.map(({ label, curve, strong }, index) => {
        const tone = tones[index] ?? 'quiet'
        return {
          type: 'line' as const,
          name: label,
          data: curve.points.map(({ coverage, risk }) => [coverage, risk]),
          showSymbol: false,
          lineStyle: {
            color: strong ? palette.accent : palette.ink3,
            width: strong ? 2 : 1.5,
            type: tone in dashes ? [...dashes[tone as keyof typeof dashes]] : ('solid' as const),
          },
          itemStyle: { color: strong ? palette.accent : palette.ink3 },
          z: strong ? 4 : 3,
        }
      }),
      ...(operating === null
        ? []
        : [
            {
              type: 'scatter' as const,
              silent: true,
              data: [[operating.coverage, operating.risk]],
              symbolSize: 10,
              itemStyle: { color: palette.accent, borderColor: palette.raised, borderWidth: 1.5, opacity: 1 },
              label: {
                show: true,
                formatter: operating.label,
                position: operating.coverage > 0.7 ? ('left' as const) : ('right' as const),
                distance: 8,
                color: palette.ink2,
                fontSize: 11,
              },
              tooltip: { show: false },
              z: 6,
            },
          ]),
    ],
  }
}
