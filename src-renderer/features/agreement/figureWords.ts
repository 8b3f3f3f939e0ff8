import type { AgreementFigure } from '#shared/domain/agreement.ts'
import type { Interval } from '#shared/domain/interval.ts'
import { coefficient, intervalEnds, noValue } from '../../format/numbers.ts'

/** A figure as a cell shows it: its value, its ends below, and why it is missing. */
export interface FigureText {
  readonly value: string
  /** "" where there is no interval. */
  readonly ends: string
  /** "" where there is a value. */
  readonly reason: string
}

/** A figure with its ends as an interval; null where one of them is missing. */
export function intervalOf({ value, low, high }: AgreementFigure): Interval | null {
  return value === null || low === null || high === null ? null : { value, low, high }
}

/** @param say the value in words; by default a coefficient with two decimals. */
export function figureText(
  figure: AgreementFigure,
  say: (value: number) => string = coefficient,
): FigureText {
  const { value, reason } = figure
  return {
    value: value === null ? noValue : say(value),
    ends: intervalEnds(intervalOf(figure)),
    reason: value === null ? (reason ?? 'not defined') : '',
  }
}

/** A difference with its sign: "+.04", "−.11", ".00". */
export function signed(value: number): string {
  const text = coefficient(value)
  return value > 0 && Number(value.toFixed(2)) !== 0 ? `+${text}` : text
}

/** A figure in running text: ".81 [.78, .84]", ".81", or "–". */
export function figureWords(figure: AgreementFigure): string {
  const { value, ends } = figureText(figure)
  return ends === '' ? value : `${value} ${ends}`
}

/** A reason as a sentence of its own. */
export function asSentence(reason: string | null): string {
  return reason === null ? '' : `${reason.charAt(0).toUpperCase()}${reason.slice(1).replace(/\.$/, '')}.`
}
