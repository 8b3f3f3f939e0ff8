import type { EpochRecord, HumanCeiling, Judgement, Run, RunReport } from '#shared/domain/run.ts'
import type { ChartTable, LegendEntry } from '../../components/charts/chartTable.ts'
import type { CurvesChart } from '../../components/charts/curvesChart.ts'
import type { IntervalRow, ReferenceLine } from '../../components/charts/intervalChart.ts'
import { coefficient, count, noValue, withInterval } from '../../format/numbers.ts'
import { duration } from '../../format/time.ts'
import { blendText, modelLabels } from './modelWords.ts'

interface JudgedModel {
  readonly label: string
  readonly judgement: Judgement
  readonly used: boolean
}

/** All models of a run that were judged on the holdout: ours first, then the simpler ones. */
function judgedModels(report: RunReport): JudgedModel[] {
  if (report.holdout === null) return []
  const { models, baselines } = report.holdout
  const ours = (['blend', 'interaction', 'regression'] as const).flatMap((name) => {
    const judgement = models[name]
    // A run of the first version has a regression head in the place of a blend.
    const used = report.used === 'blend' && (name === 'blend' || models.blend === undefined)
    return judgement === undefined ? [] : [{ label: modelLabels[name], judgement, used }]
  })
  return [
    ...ours,
    ...(['ridge', 'cosine', 'hypothesis-only', 'mean'] as const).map((name) => ({
      label: modelLabels[name],
      judgement: baselines[name],
      used: name === 'ridge' && report.used === 'ridge',
    })),
  ]
}

/** Rows of the holdout chart; the mean gives one score to all, so it has no correlation. */
export function holdoutRows(report: RunReport): IntervalRow[] {
  return judgedModels(report).map(({ label, judgement, used }) => ({
    label,
    interval: judgement.pearson,
    strong: used,
  }))
}

export function peopleLine(ceiling: HumanCeiling | null): ReferenceLine | null {
  return ceiling?.pearson == null ? null : { label: 'people', value: ceiling.pearson }
}

/** The numbers behind the holdout chart. */
export function holdoutTable(report: RunReport): ChartTable {
  const rows = judgedModels(report).map(({ label, judgement, used }) => [
    used ? `${label} (used)` : label,
    withInterval(judgement.pearson),
    coefficient(judgement.spearman?.value),
    coefficient(judgement.rmse?.value, 3),
    coefficient(judgement.mae?.value, 3),
    coefficient(judgement.mse?.value, 4),
  ])
  const people =
    report.ceiling === null
      ? []
      : [
          [
            'people',
            coefficient(report.ceiling.pearson),
            noValue,
            noValue,
            coefficient(report.ceiling.mae, 3),
            noValue,
          ],
        ]
  return { columns: ['model', 'r', 'Spearman', 'RMSE', 'MAE', 'mse'], rows: [...rows, ...people] }
}

/** Loss by epoch. */
export function lossCurves(
  epochs: readonly EpochRecord[],
  lastEpoch: number,
  best: number | null,
): CurvesChart {
  return {
    curves: [
      {
        label: 'validation',
        tone: 'accent',
        points: epochs.map((epoch) => [epoch.epoch, epoch.validationLoss] as const),
      },
      {
        label: 'training',
        tone: 'quiet',
        points: epochs.map((epoch) => [epoch.epoch, epoch.trainingLoss] as const),
      },
    ],
    step: 'epoch',
    lastStep: lastEpoch,
    level: null,
    mark: best === null ? null : { label: `best epoch ${best}`, step: best },
    decimals: 4,
  }
}

/** Validation r of a head by epoch, against ridge on the same rows. */
export function correlationCurves(
  label: string,
  epochs: readonly EpochRecord[],
  lastEpoch: number,
  best: number | null,
  ridge: number | null,
): CurvesChart {
  return {
    curves: [
      {
        label,
        tone: 'accent',
        points: epochs.map((epoch) => [epoch.epoch, epoch.validationPearson] as const),
      },
    ],
    step: 'epoch',
    lastStep: lastEpoch,
    level: ridge === null ? null : { label: `ridge ${coefficient(ridge)}`, value: ridge },
    mark: best === null ? null : { label: `best epoch ${best}`, step: best },
    decimals: 3,
  }
}

/** What the legend above the curves names; the best epoch is named at its own line. */
export function legendOf(chart: CurvesChart): LegendEntry[] {
  return [
    ...chart.curves.map(({ label, tone }) => ({ label, tone })),
    ...(chart.level === null ? [] : [{ label: chart.level.label, tone: 'level' as const }]),
  ]
}

/** The numbers behind the curve of validation r. */
export function correlationTable(epochs: readonly EpochRecord[]): ChartTable {
  return {
    columns: ['epoch', 'validation r'],
    rows: epochs.map((epoch) => [String(epoch.epoch), coefficient(epoch.validationPearson, 3)]),
  }
}

/** The numbers behind the curves of the loss. */
export function lossTable(epochs: readonly EpochRecord[]): ChartTable {
  return {
    columns: ['epoch', 'training', 'validation'],
    rows: epochs.map((epoch) => [
      String(epoch.epoch),
      coefficient(epoch.trainingLoss, 4),
      coefficient(epoch.validationLoss, 4),
    ]),
  }
}

/** How many runs there are: "5 kept", "5 kept, 2 in the bin". */
export function keptRuns(runs: readonly Run[]): { kept: string; binned: string | null } {
  const binned = runs.filter(({ binnedAt }) => binnedAt !== null).length
  return {
    kept: `${count(runs.length - binned)} kept`,
    binned: binned === 0 ? null : `${count(binned)} in the bin`,
  }
}

/** One line of the runs table, as text. */
export interface RunLine {
  readonly id: string
  readonly number: number
  readonly name: string | null
  readonly pinned: boolean
  readonly status: string
  readonly labels: string
  readonly model: string
  readonly pearson: string
  readonly rmse: string
  readonly time: string
  readonly createdAt: string
  readonly failure: string | null
  readonly inUse: boolean
}

const statusWords: Readonly<Record<Run['status'], string>> = {
  running: 'running',
  finished: 'finished',
  cancelled: 'cancelled',
  failed: 'did not finish',
}

/** What a run with a blend scores with, in a word or two. */
function blendName({ blend }: RunReport): string {
  const parts = Object.values(blend).filter((weight) => weight >= 0.005).length
  return parts > 1 ? 'blend' : blendText(blend)
}

export function runLines(runs: readonly Run[]): RunLine[] {
  return runs.map((run) => {
    const used = run.report?.holdout?.used ?? null
    const seconds = run.report?.seconds
    return {
      id: run.id,
      number: run.number,
      name: run.name,
      pinned: run.pinned,
      status: run.inUse ? 'in use' : statusWords[run.status],
      labels: count(run.labelledPairs),
      model: run.report === null ? noValue : run.report.used === 'ridge' ? 'ridge' : blendName(run.report),
      pearson: withInterval(used?.pearson ?? null),
      rmse: coefficient(used?.rmse?.value, 3),
      time: seconds === undefined ? noValue : duration(seconds.encode + seconds.fit + seconds.judge),
      createdAt: run.createdAt,
      failure: run.status === 'failed' ? run.failure : null,
      inUse: run.inUse,
    }
  })
}
