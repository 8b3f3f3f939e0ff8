import type { Evaluation, Interval, Judgement, UsedModel } from '#shared/domain/run.ts'
import { formatTable } from './terminal.ts'

/** A figure with its interval in words. */
export function formatFigure(figure: Interval | null): string {
  if (figure === null) return 'not defined'
  const [value, low, high] = [figure.value, figure.low, figure.high].map((number) => number.toFixed(3))
  return `${value} (${low} to ${high})`
}

function row(name: string, { pearson, spearman, rmse, mae }: Judgement): string[] {
  return [name, ...[pearson, spearman, rmse, mae].map(formatFigure)]
}

/** The table of a split: the model in use, all models and the baselines with 95% intervals. */
export function formatEvaluation(evaluation: Evaluation, used: UsedModel): string {
  const { baselines } = evaluation
  return formatTable([
    ['', 'Pearson', 'Spearman', 'RMSE', 'MAE'],
    row(`in use: ${used}`, evaluation.used),
    ...Object.entries(evaluation.models).map(([name, own]) => row(name, own)),
    row('cosine', baselines.cosine),
    row('hypothesis only', baselines['hypothesis-only']),
    row('mean', baselines.mean),
  ])
}
