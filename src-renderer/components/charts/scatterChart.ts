import type { ScatterSeriesOption } from 'echarts/charts'
import { coefficient } from '../../format/numbers.ts'
import { axisText, commonOption, tooltipStyle } from './axes.ts'
import type { ChartOption } from './echarts.ts'
import type { Palette } from './palette.ts'

/** Two scores of the same pairs, both 0–1 [pairs], and who gave them. */
export interface ScatterChart {
  readonly xName: string
  readonly yName: string
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
}

/** More points than this are drawn fainter, so that crowds show. */
const fewPoints = 500

/** One dot a pair; on the dotted diagonal both gave the same score. */
export function scatterOption({ xName, yName, x, y }: ScatterChart, palette: Palette): ChartOption {
  const axis = {
    type: 'value' as const,
    min: 0,
    max: 1,
    interval: 0.25,
    nameLocation: 'middle' as const,
    nameTextStyle: axisText(palette),
    nameTruncate: { maxWidth: 220 },
    axisLabel: { ...axisText(palette), formatter: (value: number) => coefficient(value) },
    axisTick: { show: false },
    axisLine: { show: true, lineStyle: { color: palette.line2 } },
    splitLine: { lineStyle: { color: palette.line } },
  }
  const points: ScatterSeriesOption = {
    type: 'scatter',
    symbolSize: 6,
    itemStyle: { color: palette.accent, opacity: x.length > fewPoints ? 0.3 : 0.6 },
    data: Array.from({ length: x.length }, (_, row) => [x[row] ?? 0, y[row] ?? 0]),
    z: 3,
  }
  return {
    ...commonOption(palette),
    tooltip: {
      ...tooltipStyle(palette),
      trigger: 'item',
      formatter: (parameters) => {
        const value: unknown = (Array.isArray(parameters) ? parameters[0] : parameters)?.value
        if (!Array.isArray(value)) return ''
        return `${xName} ${coefficient(Number(value[0]))}\n${yName} ${coefficient(Number(value[1]))}`
      },
    },
    grid: { outerBoundsMode: 'none', left: 56, right: 14, top: 10, bottom: 40 },
    xAxis: { ...axis, name: xName, nameGap: 24 },
    yAxis: { ...axis, name: yName, nameGap: 40 },
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
      points,
    ],
  }
}
