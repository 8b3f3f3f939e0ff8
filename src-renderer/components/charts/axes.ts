import type { TooltipComponentOption } from 'echarts/components'
import { coefficient } from '../../format/numbers.ts'
import type { ChartOption } from './echarts.ts'
import type { Palette } from './palette.ts'

/** Round ends and step of an axis that holds `low`…`high`; steps are 1, 2 or 5 times a power of ten. */
export function roundAxis(low: number, high: number, steps = 5): { min: number; max: number; step: number } {
  const span = high > low ? high - low : Math.max(Math.abs(high) * 0.2, 0.1)
  const rough = span / steps
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough - 1e-12) ?? 10) * power
  const decimals = Math.max(0, -Math.floor(Math.log10(step)))
  const round = (value: number): number => Number(value.toFixed(decimals + 1))
  const min = round(Math.floor(low / step + 1e-9) * step)
  const max = round(Math.ceil(high / step - 1e-9) * step)
  return { min, max: max > min ? max : round(min + step), step: round(step) }
}

/** As many decimals as the step needs, no leading zero. */
export function axisLabel(step: number): (value: number) => string {
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  return (value) => (decimals === 0 ? String(Math.round(value)) : coefficient(value, decimals))
}

/** What all charts share: type, and no motion. */
export function commonOption(palette: Palette): ChartOption {
  return {
    // Curves grow several times a second: a transition would never come to rest.
    animation: false,
    textStyle: { fontFamily: palette.font, fontSize: 11, color: palette.ink3 },
  }
}

/** Tooltips are drawn on the canvas: the page's policy allows no inline styles in HTML text. */
export function tooltipStyle(palette: Palette): TooltipComponentOption {
  return {
    renderMode: 'richText',
    confine: true,
    backgroundColor: palette.raised,
    borderColor: palette.line2,
    borderWidth: 1,
    padding: [5, 8],
    textStyle: { color: palette.ink, fontFamily: palette.font, fontSize: 12 },
  }
}

/** Text of an axis. */
export function axisText(palette: Palette): { color: string; fontSize: number; fontFamily: string } {
  return { color: palette.ink3, fontSize: 11, fontFamily: palette.font }
}

/**
 * A line that follows the pointer along x, with words beside it.
 * @param words what is said at an x; "" for nothing.
 */
export function pointerTooltip(palette: Palette, words: (x: number) => string): TooltipComponentOption {
  return {
    ...tooltipStyle(palette),
    trigger: 'axis',
    axisPointer: { type: 'line', lineStyle: { color: palette.line2 }, label: { show: false } },
    formatter: (parameters) => {
      const value: unknown = (Array.isArray(parameters) ? parameters[0] : parameters)?.value
      return Array.isArray(value) ? words(Number(value[0])) : ''
    },
  }
}
