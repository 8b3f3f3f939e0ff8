import type { JudgedSlices } from '#shared/contract/judging.ts'
import type { Interval } from '#shared/domain/interval.ts'
import type { AbstentionReport, Evaluation, Judgement, ModelName, SignalName } from '#shared/domain/run.ts'
import { formatTable } from './terminal.ts'

/** A figure with its interval in words. */
export function formatFigure(figure: Interval | null): string {
  if (figure === null) return 'not defined'
  const [value, low, high] = [figure.value, figure.low, figure.high].map((number) => number.toFixed(3))
  return `${value} (${low} to ${high})`
}

function row(name: string, { pearson, spearman, rmse, mae, mse }: Judgement): string[] {
  return [name, ...[pearson, spearman, rmse, mae, mse].map(formatFigure)]
}

/**
 * All that was judged on a split: the table of the model in use, its parts and the baselines with 95% intervals; then
 * what is there of decisions, intervals and abstaining.
 */
export function formatEvaluation(evaluation: Evaluation, used: ModelName): string {
  const { baselines, models } = evaluation
  const parts = (['blend', 'interaction', 'regression'] as const).flatMap((name) => {
    const judgement = models[name]
    return judgement === undefined ? [] : [row(name, judgement)]
  })
  const table = formatTable([
    ['', 'Pearson', 'Spearman', 'RMSE', 'MAE', 'MSE'],
    row(`in use: ${used}`, evaluation.used),
    ...parts,
    row('ridge', baselines.ridge),
    row('cosine', baselines.cosine),
    row('hypothesis only', baselines['hypothesis-only']),
    row('mean', baselines.mean),
  ])
  return [
    table,
    ...formatDecisions(evaluation),
    ...formatConformal(evaluation),
    ...formatAbstention(evaluation),
  ].join('\n')
}

function formatDecisions({ classification, reliability }: Evaluation): string[] {
  const lines: string[] = []
  if (classification !== null) {
    const { threshold, accuracy, precision, recall, f1 } = classification
    lines.push(
      '',
      `Yes or no at ${threshold}: accuracy ${formatFigure(accuracy)}, precision ${formatFigure(precision)}, recall ${formatFigure(recall)}, F1 ${formatFigure(f1)}.`,
    )
  }
  if (reliability !== null) {
    const [score, calibrated] = [reliability.score, reliability.calibrated].map(
      ({ calibrationError }) => calibrationError?.toFixed(3) ?? 'not defined',
    )
    lines.push(`Scores are ${score} off what people say on average, calibrated ones ${calibrated}.`)
  }
  return lines
}

function formatConformal({ conformal }: Evaluation): string[] {
  if (conformal === null) return []
  const { fit, coverage, meanWidth, n } = conformal
  if (fit.quantile === null) return [fit.reason ?? 'There are no calibrated intervals.']
  return [
    `${Math.round(100 * fit.level)}% intervals hold ${formatFigure(coverage)} of ${n} pairs; mean width ${formatFigure(meanWidth)}.`,
  ]
}

const signalNames: Readonly<Record<SignalName, string>> = {
  abstention: 'abstention head',
  variance: 'ensemble variance',
  spread: 'predicted spread',
  threshold: 'nearness to the threshold',
}

function formatAbstention({ abstention }: Evaluation): string[] {
  if (abstention === null) return []
  const { tolerance, signal, figures, half } = abstention
  return [
    '',
    `A score is wrong where it is more than ${tolerance.toFixed(3)} off; in use to tell: ${signalNames[signal]}.`,
    formatTable([['', 'AURC', 'excess', 'risk at 80%'], ...curveRows(abstention)]),
    ...[
      { name: 'At the run’s threshold', at: figures },
      { name: 'At about half coverage', at: half },
    ].flatMap(({ name, at }) =>
      at === null
        ? []
        : [
            `${name}: accepted ${formatFigure(at.coverage)}, wrong among them ${formatFigure(at.acceptedError)}; accuracy ${formatFigure(at.accuracy)}, precision ${formatFigure(at.precision)}, recall ${formatFigure(at.recall)}, F1 ${formatFigure(at.f1)}.`,
          ],
    ),
  ]
}

function curveRows({ curves }: AbstentionReport): string[][] {
  return (['abstention', 'variance', 'spread', 'threshold'] as const).flatMap((name) => {
    const curve = curves[name]
    if (curve === undefined) return []
    const { aurc, excessAurc, riskAt80 } = curve
    const figure = (value: number | null): string => value?.toFixed(3) ?? 'not defined'
    return [[signalNames[name], formatFigure(aurc), figure(excessAurc), figure(riskAt80)]]
  })
}

/** The table of slices, or why there are none. */
export function formatSlices({ slices, reason }: JudgedSlices): string {
  if (reason !== null) return reason
  if (slices.length === 0) return 'The held-out pairs differ in nothing they could be cut by.'
  return formatTable([
    ['slice', 'pairs', 'Pearson', 'RMSE', 'MAE'],
    ...slices.map(({ column, label, n, pearson, rmse, mae }) => [
      `${column}: ${label}`,
      String(n),
      ...[pearson, rmse, mae].map(formatFigure),
    ]),
  ])
}
