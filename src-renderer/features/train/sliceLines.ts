import type { JudgedSlice } from '#shared/contract/judging.ts'
import { coefficient, count, intervalEnds, withInterval } from '../../format/numbers.ts'

/** One line of the table of slices, as text. */
export interface SliceLine {
  readonly key: number
  /** What the rows are cut by; empty where the line before says it. */
  readonly column: string
  readonly label: string
  readonly n: string
  readonly pearson: string
  readonly rmse: string
  readonly mae: string
  readonly isWorst: boolean
  readonly slice: JudgedSlice
}

/**
 * The slice that is surely worst: whose RMSE is highest at the lower end of its interval, so that a few unlucky pairs
 * do not make one. @returns its place; null without figures.
 */
export function worstSlice(slices: readonly JudgedSlice[]): number | null {
  let worst: { place: number; low: number } | null = null
  for (const [place, { rmse }] of slices.entries())
    if (rmse !== null && (worst === null || rmse.low > worst.low)) worst = { place, low: rmse.low }
  return worst?.place ?? null
}

export function sliceLines(slices: readonly JudgedSlice[]): SliceLine[] {
  const worst = worstSlice(slices)
  return slices.map((slice, key) => ({
    key,
    column: slice.column === slices[key - 1]?.column ? '' : slice.column,
    label: slice.label,
    n: count(slice.n),
    pearson: withInterval(slice.pearson),
    rmse: withInterval(slice.rmse),
    mae: withInterval(slice.mae),
    isWorst: key === worst,
    slice,
  }))
}

/** A prediction with its interval and what people say: ".82 [.61, .95]". */
export function givenText({ score, low, high }: JudgedSlice['worst'][number]): string {
  return `${coefficient(score)} ${intervalEnds({ low, high })}`
}
