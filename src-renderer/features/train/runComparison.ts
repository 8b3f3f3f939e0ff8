import { differingConfiguration, differingLibraries, sameDataAs } from '#shared/domain/compareRuns.ts'
import type { EpochRecord, Judgement, Run, RunReport } from '#shared/domain/run.ts'
import type { ChartTable } from '../../components/charts/chartTable.ts'
import type { CurvesChart, CurveTone } from '../../components/charts/curvesChart.ts'
import { coefficient, count, counted, noValue, withInterval } from '../../format/numbers.ts'
import { duration } from '../../format/time.ts'
import { configurationGroups } from './configurationForm.ts'
import { blendText, modelLabels } from './modelWords.ts'

/** How many runs stand side by side. */
export const fewestCompared = 2
export const mostCompared = 4

/** One line of the comparison: a value for each run, in their order. */
export interface ComparedRow {
  readonly label: string
  readonly values: readonly string[]
}

/** Lines that belong together; without rows, `none` says so. */
export interface ComparedGroup {
  readonly title: string
  readonly rows: readonly ComparedRow[]
  readonly none: string
}

/** Lines are told apart by these, in the order of the runs. */
const tones: readonly CurveTone[] = ['accent', 'second', 'third', 'fourth']

/** Labels of the form; those of interaction heads stand under that heading there, and name it here. */
const labels = new Map<string, string>(
  configurationGroups.flatMap(({ title, fields }) =>
    fields.map(({ key, label }): [string, string] => [
      key,
      key.startsWith('interaction')
        ? key === 'interaction'
          ? title
          : `${title}, ${label.toLowerCase()}`
        : label,
    ]),
  ),
)

/** The label of a setting; one that the form does not have is named by its place. */
function settingLabel(key: string): string {
  const words = key
    .replaceAll('.', ', ')
    .replaceAll(/([a-z])([A-Z])/g, (_, low: string, high: string) => `${low} ${high.toLowerCase()}`)
  return labels.get(key) ?? `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
}

function fromReports(runs: readonly Run[], tell: (report: RunReport) => string): string[] {
  return runs.map(({ report }) => (report === null ? noValue : tell(report)))
}

function figures(runs: readonly Run[], tell: (judgement: Judgement) => string): string[] {
  return fromReports(runs, ({ holdout }) => (holdout === null ? noValue : tell(holdout.used)))
}

/** The same letter for runs on the same data; "the same" where all are. */
function snapshotNames(runs: readonly Run[]): string[] {
  const first = sameDataAs(runs)
  const different = [...new Set(first)]
  if (different.length === 1) return runs.map(() => 'the same')
  return first.map((number) => String.fromCharCode('A'.charCodeAt(0) + different.indexOf(number)))
}

/** Runs side by side: the settings and libraries that differ, the data, the back end, and how well each does. */
export function comparedGroups(runs: readonly Run[]): ComparedGroup[] {
  const texts = (values: readonly (string | null)[]): string[] => values.map((value) => value ?? noValue)
  return [
    {
      title: 'Settings',
      rows: differingConfiguration(runs).map(({ key, values }) => ({
        label: settingLabel(key),
        values: texts(values),
      })),
      none: 'All settings are the same.',
    },
    {
      title: 'Trained on',
      rows: [
        { label: 'Labelled pairs', values: runs.map((run) => count(run.labelledPairs)) },
        { label: 'Data snapshot', values: snapshotNames(runs) },
        {
          label: 'Back end',
          values: fromReports(
            runs,
            ({ backend }) => `${backend.name}, ${counted(backend.threads, 'thread')}`,
          ),
        },
        {
          label: 'Time',
          values: fromReports(runs, ({ seconds }) =>
            duration(Object.values(seconds).reduce((sum, part) => sum + part, 0)),
          ),
        },
      ],
      none: '',
    },
    {
      title: 'Libraries',
      rows: differingLibraries(runs).map(({ key, values }) => ({ label: key, values: texts(values) })),
      none: 'All versions are the same.',
    },
    {
      title: 'Result',
      rows: [
        {
          label: 'Used',
          values: fromReports(runs, ({ used, blend }) => (used === 'ridge' ? 'ridge' : blendText(blend))),
        },
        {
          label: 'Out-of-fold r, blend',
          values: fromReports(runs, ({ outOfFoldPearson }) => coefficient(outOfFoldPearson.blend)),
        },
        ...(['blend', 'regression', 'interaction', 'ridge'] as const).map((name) => ({
          label: `Validation r, ${modelLabels[name]}`,
          values: fromReports(runs, ({ validationPearson }) => coefficient(validationPearson[name])),
        })),
        { label: 'Held-out pairs', values: figures(runs, ({ n }) => count(n)) },
        ...(['regression', 'interaction', 'ridge'] as const).map((name) => ({
          label: `Holdout r, ${modelLabels[name]}`,
          values: fromReports(runs, ({ holdout }) => withInterval(holdout?.models[name]?.pearson ?? null)),
        })),
        { label: 'Holdout r, used', values: figures(runs, ({ pearson }) => withInterval(pearson)) },
        { label: 'Spearman, used', values: figures(runs, ({ spearman }) => withInterval(spearman)) },
        { label: 'RMSE, used', values: figures(runs, ({ rmse }) => withInterval(rmse, 3)) },
        { label: 'MAE, used', values: figures(runs, ({ mae }) => withInterval(mae, 3)) },
        {
          label: 'AURC of the signal',
          values: fromReports(runs, ({ holdout }) => {
            const judged = holdout?.abstention ?? null
            return withInterval(judged?.curves[judged.signal]?.aurc ?? null, 3)
          }),
        },
        {
          label: 'Coverage of 90% intervals',
          values: fromReports(runs, ({ holdout }) => withInterval(holdout?.conformal?.coverage ?? null)),
        },
      ],
      none: '',
    },
  ]
}

/** What to mind when reading the figures; null where nothing speaks against comparing them. */
export function comparisonCaution(runs: readonly Run[]): string | null {
  return new Set(sameDataAs(runs)).size === 1
    ? null
    : 'These runs were trained on different data, and their held-out pairs may differ, too.'
}

/** Which figure of an epoch is drawn. */
export type ComparedCurve = 'validationPearson' | 'validationLoss'
const decimals: Readonly<Record<ComparedCurve, number>> = { validationPearson: 3, validationLoss: 4 }

/** The heads whose curves are compared: what most runs score with. */
const comparedHeads = ['interaction', 'regression'] as const

/** The head whose curves are overlaid: the interaction head where every finished run has one, else regression. */
export function comparedHead(runs: readonly Run[]): (typeof comparedHeads)[number] {
  const reports = runs.flatMap(({ report }) => report ?? [])
  const inAll = comparedHeads.find((name) =>
    reports.every(({ curves }) => curves.some(({ head }) => head === name)),
  )
  return inAll ?? 'regression'
}

/** Runs with their tone and epochs of that head, in their order; those that did not finish have none. */
function drawn(runs: readonly Run[]): { run: Run; tone: CurveTone; epochs: readonly EpochRecord[] }[] {
  const wanted = comparedHead(runs)
  return runs.flatMap((run, index) => {
    const found = run.report?.curves.find(({ head }) => head === wanted)
    return found === undefined ? [] : [{ run, tone: tones[index] ?? 'quiet', epochs: found.epochs }]
  })
}

/** The same curve of several runs over one another. */
export function comparedCurves(runs: readonly Run[], which: ComparedCurve): CurvesChart {
  const all = drawn(runs)
  return {
    curves: all.map(({ run, tone, epochs }) => ({
      label: `run ${run.number}`,
      tone,
      points: epochs.map((epoch) => [epoch.epoch, epoch[which]] as const),
    })),
    step: 'epoch',
    lastStep: Math.max(5, ...all.map(({ epochs }) => epochs.at(-1)?.epoch ?? 0)),
    level: null,
    mark: null,
    decimals: decimals[which],
  }
}

/** The numbers behind those curves. */
export function comparedCurvesTable(runs: readonly Run[], which: ComparedCurve): ChartTable {
  const all = drawn(runs)
  const steps = [...new Set(all.flatMap(({ epochs }) => epochs.map(({ epoch }) => epoch)))].sort(
    (one, other) => one - other,
  )
  return {
    columns: ['epoch', ...all.map(({ run }) => `run ${run.number}`)],
    rows: steps.map((step) => [
      String(step),
      ...all.map(({ epochs }) =>
        coefficient(epochs.find(({ epoch }) => epoch === step)?.[which], decimals[which]),
      ),
    ]),
  }
}
