import type { AgreementReport } from '#shared/contract/agreement.ts'
import type { AgreementFigure } from '#shared/domain/agreement.ts'
import { coefficient, counted } from '../../format/numbers.ts'
import { figureWords } from './figureWords.ts'

/** A piece of a sentence; the strong ones are set bold. */
export interface Piece {
  readonly text: string
  readonly strong: boolean
}

const plain = (text: string): Piece => ({ text, strong: false })
const strong = (text: string): Piece => ({ text, strong: true })

/** Krippendorff (2004, 241): data from .8 on can be relied upon, from .667 on for tentative conclusions only. */
const reliable = 0.8
const tentative = 0.667

/** What α means by Krippendorff's conventions, minding its interval. */
export function alphaWords({ value, low, high }: AgreementFigure): string {
  if (value === null) return ''
  const grade = (at: number): 0 | 1 | 2 => (at >= reliable ? 2 : at >= tentative ? 1 : 0)
  const words = [
    'below .667, too low to rest conclusions on single scores',
    'between .667 and .8, good for tentative conclusions only',
    'at least .8, scores can be relied upon',
  ] as const
  const of = grade(value)
  if (low === null || high === null) return words[of]
  if (grade(low) === of && grade(high) === of) return words[of]
  const crossed = grade(low) === 0 ? (grade(high) === 2 ? '.667 and .8' : '.667') : '.8'
  return `${words[of]}, though its interval reaches across ${crossed}`
}

/** "6" and "5.2". */
const oneDecimal = (value: number): string => String(Number(value.toFixed(1)))

/** How far raters agree, in one or two sentences; what is missing where nothing can be said. */
export function agreementVerdict(report: AgreementReport): Piece[] {
  const { alpha, iccSingle, iccMean, k, overlapping } = report
  if (overlapping === 0) return []
  if (alpha.value === null) return [strong('No α: '), plain(`${alpha.reason ?? 'it is not defined'}.`)]
  const single =
    iccSingle.value === null ? [] : [plain(` One rater’s score: ICC(1) ${figureWords(iccSingle)}.`)]
  const mean =
    iccMean.value === null || k === null
      ? []
      : [
          plain(` The mean of ${oneDecimal(k)} raters, as many as a pair has: `),
          strong(`ICC(2,k) ${figureWords(iccMean)}`),
          plain('.'),
        ]
  return [strong(`α ${figureWords(alpha)}`), plain(`: ${alphaWords(alpha)}.`), ...single, ...mean]
}

/** What was counted, in short pieces for one quiet line. */
export function agreementFacts(report: AgreementReport): string[] {
  const { ratings, pairs, overlapping, ratersPerPair, raters, setAside } = report
  return [
    `${counted(ratings, 'rating')} of ${counted(pairs, 'pair')}`,
    `${counted(overlapping, 'pair')} with two raters or more${
      ratersPerPair === null ? '' : `, ${oneDecimal(ratersPerPair)} raters each`
    }`,
    counted(raters, 'rater'),
    ...(setAside === 0 ? [] : [`${setAside} set aside`]),
  ]
}

/** The scores of the two sides in one sentence: r, how far apart, and which is higher. */
export function comparedWords(first: string, second: string, difference: AgreementFigure): string {
  const { value } = difference
  if (value === null) return ''
  if (Math.abs(value) < 0.005) return `On average ${first} and ${second} give the same.`
  const [higher, lower] = value > 0 ? [second, first] : [first, second]
  return `On average ${higher} gives ${coefficient(Math.abs(value))} more than ${lower}.`
}
