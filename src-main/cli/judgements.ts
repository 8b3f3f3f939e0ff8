import type { Evaluation, Interval, Judgement, ModelName } from '#shared/domain/run.ts'
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

/** The table of a split: the model in use, the ensemble and the baselines with 95% intervals. */
export function formatEvaluation(evaluation: Evaluation, used: ModelName): string {
  const { baselines } = evaluation
  return formatTable([
    ['', 'Pearson', 'Spearman', 'RMSE', 'MAE'],
    row(`in use: ${used}`, evaluation.used),
    row('ensemble', evaluation.ensemble),
    row('ridge', baselines.ridge),
    row('cosine', baselines.cosine),
    row('hypothesis only', baselines['hypothesis-only']),
    row('mean', baselines.mean),
  ])
}
