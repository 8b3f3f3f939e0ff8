import type { ConformalFit, ConformalReport } from '#shared/domain/judging.ts'
import type { Evaluation } from '#shared/domain/run.ts'
import type { ChartTable, LegendEntry } from '../../components/charts/chartTable.ts'
import type { ReliabilitySeries } from '../../components/charts/reliabilityChart.ts'
import { coefficient, count, counted, percent, withInterval } from '../../format/numbers.ts'
import type { Interval } from '#shared/domain/interval.ts'

type Reliability = NonNullable<Evaluation['reliability']>

/** Both curves; the calibrated one is drawn behind. */
export function reliabilitySeries({ score, calibrated }: Reliability): ReliabilitySeries[] {
  return [
    { label: 'calibrated', curve: calibrated, strong: false },
    { label: 'score', curve: score, strong: true },
  ]
}

/** What the marks are, with how far each curve is off on average. */
export function reliabilityLegend({ score, calibrated }: Reliability): LegendEntry[] {
  return [
    { label: `score, ${coefficient(score.calibrationError, 3)} off on average`, tone: 'dot' },
    { label: `calibrated, ${coefficient(calibrated.calibrationError, 3)}`, tone: 'ring' },
  ]
}

/** The numbers behind the reliability curves. */
export function reliabilityTable({ score, calibrated }: Reliability): ChartTable {
  const rows = [
    ...score.bins.map((bin) => ({ name: 'score', ...bin })),
    ...calibrated.bins.map((bin) => ({ name: 'calibrated', ...bin })),
  ]
  return {
    columns: ['curve', 'given', 'people say', 'pairs'],
    rows: rows.map(({ name, predicted, observed, n }) => [
      name,
      coefficient(predicted),
      withInterval(observed),
      count(n),
    ]),
  }
}

/** An interval of shares in percent: "91% [89, 93]". */
function percentWithInterval({ value, low, high }: Interval): string {
  const ends = [low, high].map((end) => percent(end).replace('%', ''))
  return `${percent(value)} [${ends.join(', ')}]`
}

/**
 * What intervals hold on pairs they were not fitted on, or why there are none.
 * @param report of the holdout; @param fit of the run, where the holdout was not judged.
 */
export function conformalSentence(report: ConformalReport | null, fit: ConformalFit | null): string {
  const fitted = report?.fit ?? fit
  if (fitted === null)
    return 'This run has no calibrated intervals; a score is shown with the spread of its validation errors.'
  if (fitted.quantile === null)
    return fitted.reason ?? 'This run has no calibrated intervals, and did not say why.'
  const intervals = `${percent(fitted.level)} intervals`
  if (report === null || report.coverage === null)
    return `${intervals} were fitted on ${counted(fitted.n, 'validation pair')}; no held-out pair is labelled to check them.`
  const width = report.meanWidth === null ? '' : `; mean width ${coefficient(report.meanWidth.value)}`
  return `${intervals} hold ${percentWithInterval(report.coverage)} of ${counted(report.n, 'held-out pair')}${width}. They were fitted on ${counted(fitted.n, 'validation pair')}.`
}
