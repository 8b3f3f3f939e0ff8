import type { BarSeriesOption } from 'echarts/charts'
import { coefficient, counted } from '../../format/numbers.ts'
import { axisText, commonOption, roundAxis, tooltipStyle } from './axes.ts'
import type { ChartOption } from './echarts.ts'
import type { Palette } from './palette.ts'

/** The range of values a bin holds, of equal bins from 0 to `end`: ".35–.40". */
export function binLabel(index: number, bins: number, end = 1): string {
  return `${coefficient((index * end) / bins)}–${coefficient(((index + 1) * end) / bins)}`
}

/** Counts in equal bins from 0 to `end`, a multiple of .25. */
export function histogramOption(
  bins: readonly number[],
  noun: string,
  palette: Palette,
  end = 1,
): ChartOption {
  const bars: BarSeriesOption = {
    type: 'bar',
    xAxisIndex: 0,
    data: [...bins],
    barCategoryGap: '12%',
    itemStyle: { color: palette.accent, opacity: 0.8, borderRadius: [2, 2, 0, 0] },
    emphasis: { itemStyle: { opacity: 1 } },
  }
  const axis = roundAxis(0, Math.max(1, ...bins), 3)
  return {
    ...commonOption(palette),
    tooltip: {
      ...tooltipStyle(palette),
      trigger: 'axis',
      axisPointer: { type: 'none' },
      formatter: (parameters) => {
        const entry = Array.isArray(parameters) ? parameters[0] : parameters
        const index = entry?.dataIndex ?? 0
        return `${binLabel(index, bins.length, end)}\n${counted(bins[index] ?? 0, noun)}`
      },
    },
    grid: { outerBoundsMode: 'none', left: 34, right: 16, top: 8, bottom: 22 },
    xAxis: [
      { type: 'category', show: false, data: bins.map((_, index) => binLabel(index, bins.length, end)) },
      {
        type: 'value',
        min: 0,
        max: end,
        interval: 0.25,
        position: 'bottom',
        axisLabel: { ...axisText(palette), formatter: (value: number) => coefficient(value) },
        axisLine: { show: true, lineStyle: { color: palette.line2 } },
        axisTick: { show: true, lineStyle: { color: palette.line2 }, length: 4 },
        splitLine: { show: false },
      },
    ],
    yAxis: {
      type: 'value',
      min: 0,
      max: axis.max,
      interval: Math.max(1, axis.step),
      minInterval: 1,
      axisLabel: axisText(palette),
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: palette.line } },
    },
    series: [bars],
  }
}
