import type { Interval } from '#shared/domain/interval.ts'
import type { Classification, PrecisionDesign, ThresholdDesign } from '#shared/domain/judging.ts'
import type { ChartTable } from '../../components/charts/chartTable.ts'
import { coefficient, count, noValue, percent, withInterval } from '../../format/numbers.ts'

/** One line of a small table: what it is, its figure, and more of it on request. */
export interface Figure {
  readonly label: string
  readonly value: string
  readonly hint?: string
}

/** A cost in the user's own unit: three digits that matter. */
export function costText(value: number): string {
  if (!Number.isFinite(value)) return noValue
  if (value >= 100) return count(Math.round(value))
  return value >= 1 ? value.toFixed(2) : coefficient(value, 3)
}

function costWithInterval({ value, low, high }: Interval): string {
  return `${costText(value)} [${costText(low)}, ${costText(high)}]`
}

/** The rule in one sentence; ends of the band beyond the scale are decisions that never pay. */
export function decisionSentence({ band: { low, high } }: ThresholdDesign): string {
  const never = high > 1
  if (low >= high) {
    if (never) return 'Always say no: a yes never pays at these costs, and abstaining does not either.'
    return high <= 0
      ? 'Always say yes: a no never pays at these costs, and abstaining does not either.'
      : `Yes from ${coefficient(high)}, no below: abstaining does not pay.`
  }
  if (never && low <= 0) return 'Always abstain: no decision pays at these costs.'
  if (never) return `No below ${coefficient(low)}, abstain from there: a yes never pays.`
  if (low <= 0) return `Yes from ${coefficient(high)}, abstain below: a no never pays.`
  return `Yes from ${coefficient(high)}, no below ${coefficient(low)}, abstain in between.`
}

/** What the rule costs and how often it is wrong, beside the same without abstaining. */
export function decisionFigures(design: ThresholdDesign): Figure[] {
  const { threshold, shares } = design
  const alone =
    threshold > 1 ? 'always no' : threshold <= 0 ? 'always yes' : `threshold ${coefficient(threshold)}`
  return [
    { label: 'Expected cost per pair', value: costWithInterval(design.cost) },
    { label: `Without abstaining (${alone})`, value: costWithInterval(design.costWithoutAbstaining) },
    {
      label: 'Yes, no, abstain',
      value: `${percent(shares.yes)}, ${percent(shares.no)}, ${percent(shares.abstain)}`,
    },
    { label: 'Wrong among yes', value: withInterval(design.wrongYes) },
    { label: 'Wrong among no', value: withInterval(design.wrongNo) },
    { label: 'Wrong among all decided', value: withInterval(design.wrong) },
  ]
}

/** The threshold for a wanted precision in one sentence, or why there is none. */
export function precisionSentence({ threshold, reason, wanted }: PrecisionDesign): string {
  if (threshold === null) return reason ?? `No threshold reaches a precision of ${coefficient(wanted)}.`
  return threshold <= 0 ? 'Yes to every pair.' : `Yes from ${coefficient(threshold)}.`
}

export function precisionFigures({ precision, recall }: PrecisionDesign): Figure[] {
  return precision === null
    ? []
    : [
        { label: 'Precision', value: withInterval(precision) },
        { label: 'Recall', value: withInterval(recall) },
      ]
}

/** How scores do as yes or no at a fixed threshold. */
export function classificationFigures({ accuracy, precision, recall, f1, counts }: Classification): Figure[] {
  const { truePositive, falsePositive, trueNegative, falseNegative } = counts
  return [
    { label: 'Accuracy', value: withInterval(accuracy) },
    {
      label: 'Precision',
      value: withInterval(precision),
      hint: 'Of those scored yes, how many people call yes',
    },
    {
      label: 'Recall',
      value: withInterval(recall),
      hint: 'Of those people call yes, how many are scored yes',
    },
    { label: 'F1', value: withInterval(f1) },
    {
      label: 'Right yes, wrong yes',
      value: `${count(truePositive)}, ${count(falsePositive)}`,
    },
    {
      label: 'Right no, wrong no',
      value: `${count(trueNegative)}, ${count(falseNegative)}`,
    },
  ]
}

/** Scores beside what people say, as numbers: how many pairs lie in each tenth, and what people say of them. */
export function scoresTable(score: ArrayLike<number>, target: ArrayLike<number>): ChartTable {
  const tenths = Array.from({ length: 10 }, () => ({ n: 0, sum: 0 }))
  for (let row = 0; row < score.length; row++) {
    const bin = tenths[Math.min(9, Math.floor((score[row] ?? 0) * 10))]
    if (bin === undefined) continue
    bin.n += 1
    bin.sum += target[row] ?? 0
  }
  return {
    columns: ['score', 'pairs', 'people, mean'],
    rows: tenths.map(({ n, sum }, index) => [
      `${coefficient(index / 10, 1)}–${coefficient((index + 1) / 10, 1)}`,
      count(n),
      n === 0 ? noValue : coefficient(sum / n),
    ]),
  }
}
