import type { AgreementReport } from '#shared/contract/agreement.ts'
import type { AgreementFigure } from '#shared/domain/agreement.ts'
import { formatTable } from './terminal.ts'

/** A figure with its ends, or a dash. */
function figure({ value, low, high }: AgreementFigure, decimals = 3): string {
  if (value === null) return '-'
  const ends = low === null || high === null ? '' : ` [${low.toFixed(decimals)}, ${high.toFixed(decimals)}]`
  return `${value.toFixed(decimals)}${ends}`
}

/** A named figure in a line of its own, with the reason where there is none. */
function line(name: string, of: AgreementFigure): string {
  return `${name}  ${figure(of)}${of.value === null && of.reason !== null ? ` (${of.reason})` : ''}`
}

/** The whole report as text, with intervals in brackets. */
export function formatAgreement(report: AgreementReport): string {
  const { ratings, pairs, raters, overlapping, alpha, iccSingle, iccMean, k, table } = report
  const lines = [
    `${ratings} ratings of ${pairs} pairs by ${raters} raters; ${overlapping} pairs have two raters or more.`,
    line('alpha', alpha),
    line('ICC(1)', iccSingle),
    line(`ICC(2,k)${k === null ? '' : `, k = ${k.toFixed(2)}`}`, iccMean),
    '',
    table.length === 0 ? 'Nobody has rated yet.' : formatRaters(table),
  ]
  const measured = new Map(report.projection.measured.map(({ raters: at, reliability }) => [at, reliability]))
  if (report.projection.curve.length > 0)
    lines.push(
      '',
      formatTable([
        ['raters a pair', 'projected', 'measured'],
        ...report.projection.curve.map(({ raters: at, reliability }) => {
          const found = measured.get(at)
          return [String(at), reliability.toFixed(3), found === undefined ? '-' : figure(found)]
        }),
      ]),
    )
  if (report.differences.length > 0)
    lines.push(
      '',
      formatTable([
        ['consensus', 'mean difference from the mean', 'pairs that move by more than .1'],
        ...report.differences.map(({ rule, meanDifference, moved, reason }) => [
          rule,
          meanDifference?.toFixed(4) ?? reason ?? '-',
          meanDifference === null ? '-' : String(moved),
        ]),
      ]),
    )
  return lines.join('\n')
}

function formatRaters(table: AgreementReport['table']): string {
  const percent = ({ value }: AgreementFigure): string =>
    value === null ? '-' : `${(100 * value).toFixed(0)}%`
  return formatTable([
    ['rater', 'ratings', 'bias', 'scale', 'noise', 'r', 'MAE', 'retest', 'gold', 's', "can't judge"],
    ...table.map((rater) => [
      rater.setAside === null ? rater.name : `${rater.name} (set aside)`,
      String(rater.ratings),
      ...[rater.bias, rater.scale, rater.noise, rater.pearson, rater.mae, rater.retest].map((of) =>
        figure(of, 2),
      ),
      percent(rater.gold),
      rater.pace.value?.toFixed(1) ?? '-',
      percent(rater.cannotJudgeShare),
    ]),
  ])
}
