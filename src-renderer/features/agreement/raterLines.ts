import type { AgreementReport, RaterFigures } from '#shared/contract/agreement.ts'
import type { AgreementFigure } from '#shared/domain/agreement.ts'
import type { TableColumn, TableSort } from '../../components/dataTable.ts'
import { count, percent } from '../../format/numbers.ts'
import { duration } from '../../format/time.ts'
import { figureText, signed, type FigureText } from './figureWords.ts'

/** Columns whose cells are figures. */
export const figureKeys = [
  'bias',
  'scale',
  'noise',
  'pearson',
  'mae',
  'retest',
  'gold',
  'pace',
  'cannotJudge',
] as const
type FigureKey = (typeof figureKeys)[number]

/** What a column says, for its head and for the explanation below the table. */
export const columnWords: Readonly<Record<FigureKey, { label: string; hint: string; width: string }>> = {
  bias: {
    label: 'bias',
    hint: 'how much higher they score than the consensus, on the average pair',
    width: '94px',
  },
  scale: { label: 'scale use', hint: '1 as the consensus, less: they keep to the middle', width: '94px' },
  noise: {
    label: 'noise',
    hint: 'standard deviation of their scores once bias and scale are taken out; precision is its inverse',
    width: '94px',
  },
  pearson: { label: 'r', hint: 'correlation with the mean of the others', width: '94px' },
  mae: { label: 'MAE', hint: 'mean absolute difference from the mean of the others', width: '94px' },
  retest: { label: 'retest', hint: 'mean absolute difference of blind repeats', width: '76px' },
  gold: { label: 'gold', hint: 'share of gold pairs within their tolerance', width: '76px' },
  pace: { label: 'pace', hint: 'median time to a commit', width: '76px' },
  cannotJudge: { label: "can't judge", hint: 'share of their answers', width: '108px' },
}

export const raterColumns: readonly TableColumn[] = [
  { key: 'name', label: 'rater', width: 'minmax(130px, 1fr)', sortable: true },
  { key: 'ratings', label: 'ratings', width: '76px', align: 'end', sortable: true },
  ...figureKeys.map((key) => ({
    key,
    label: columnWords[key].label,
    width: columnWords[key].width,
    align: 'end' as const,
    sortable: true,
  })),
]

/** One line of the table of raters, as text. */
export interface RaterLine {
  readonly id: string
  readonly name: string
  readonly ratings: string
  readonly isSetAside: boolean
  readonly figures: Readonly<Record<FigureKey, FigureText>>
}

function figureOf(rater: RaterFigures, key: FigureKey): AgreementFigure {
  return key === 'cannotJudge' ? rater.cannotJudgeShare : rater[key]
}

/** A count behind a figure stands where its interval would. */
const over = (text: FigureText, n: number): FigureText => ({
  ...text,
  ends: n === 0 ? '' : `of ${count(n)}`,
})

function toLine(rater: RaterFigures): RaterLine {
  return {
    id: rater.raterId,
    name: rater.name,
    ratings: count(rater.ratings),
    isSetAside: rater.setAside !== null,
    figures: {
      bias: figureText(rater.bias, signed),
      scale: figureText(rater.scale),
      noise: figureText(rater.noise),
      pearson: figureText(rater.pearson),
      mae: figureText(rater.mae),
      retest: over(figureText(rater.retest), rater.retests),
      gold: over(figureText(rater.gold, percent), rater.golds),
      pace: { ...figureText(rater.pace, duration), ends: '' },
      cannotJudge: { ...figureText(rater.cannotJudgeShare, percent), ends: '' },
    },
  }
}

/** The raters in the order asked for; those without the figure come last either way. */
export function raterLines(table: AgreementReport['table'], sort: TableSort): RaterLine[] {
  const sign = sort.descending ? -1 : 1
  const key = figureKeys.find((known) => known === sort.key)
  const valueOf = (rater: RaterFigures): number | null =>
    key === undefined ? rater.ratings : figureOf(rater, key).value
  const byName = (one: RaterFigures, other: RaterFigures): number => one.name.localeCompare(other.name)
  const compare = (one: RaterFigures, other: RaterFigures): number => {
    if (sort.key === 'name') return sign * byName(one, other)
    const [left, right] = [valueOf(one), valueOf(other)]
    if (left === null || right === null)
      return Number(left === null) - Number(right === null) || byName(one, other)
    return sign * (left - right) || byName(one, other)
  }
  return table.toSorted(compare).map(toLine)
}

/** What the rater's own line says, for the head of their sheet; `reason` says why a value is missing, else "". */
export function raterFacts(
  rater: RaterFigures,
): { label: string; value: string; ends: string; reason: string }[] {
  const { figures, ratings } = toLine(rater)
  const facts = figureKeys.map((key) => ({ label: columnWords[key].label, ...figures[key] }))
  return [{ label: 'ratings', value: ratings, ends: '', reason: '' }, ...facts]
}
