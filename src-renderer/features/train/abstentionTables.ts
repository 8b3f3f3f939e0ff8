import type { AbstentionFigures } from '#shared/domain/judging.ts'
import { signalName, type AbstentionReport } from '#shared/domain/run.ts'
import type { ChartTable, LegendEntry } from '../../components/charts/chartTable.ts'
import {
  riskAt,
  riskTones,
  type OperatingPoint,
  type RiskSeries,
} from '../../components/charts/riskCoverageChart.ts'
import { coefficient, noValue, withInterval } from '../../format/numbers.ts'
import { signalLabels } from './modelWords.ts'

/** The signals a run has, the one it uses first. */
export function riskSeries({ signal, curves }: AbstentionReport): RiskSeries[] {
  const names = signalName.options.filter((name) => name !== signal)
  return [signal, ...names].flatMap((name) => {
    const curve = curves[name]
    return curve === undefined ? [] : [{ label: signalLabels[name], curve, strong: name === signal }]
  })
}

/** Names of the curves with the area under each, lower is better. */
export function riskLegend(series: readonly RiskSeries[]): LegendEntry[] {
  const tones = riskTones(series)
  return series.map(({ label, curve }, index) => ({
    label: `${label}, AURC ${coefficient(curve.aurc?.value, 3)}`,
    tone: tones[index] ?? 'quiet',
  }))
}

/** Figures of each curve, and its risk at a few coverages. */
export function riskTable(series: readonly RiskSeries[]): ChartTable {
  const coverages = [0.25, 0.5, 0.75]
  return {
    columns: [
      'signal',
      'AURC',
      'above the best order',
      ...coverages.map((coverage) => `wrong at ${coefficient(coverage)}`),
      'at .80',
    ],
    rows: series.map(({ label, curve, strong }) => [
      strong ? `${label} (used)` : label,
      withInterval(curve.aurc, 3),
      coefficient(curve.excessAurc, 3),
      ...coverages.map((coverage) => coefficient(riskAt(curve, coverage))),
      coefficient(curve.riskAt80),
    ]),
  }
}

/** Where the run's own threshold stands on its curve. */
export function operatingPoint({ figures }: AbstentionReport): OperatingPoint | null {
  return figures?.coverage == null || figures.acceptedError === null
    ? null
    : { label: "the run's threshold", coverage: figures.coverage.value, risk: figures.acceptedError.value }
}

/** What counts as a wrong score, in words. */
export function toleranceSentence({ tolerance, signal }: AbstentionReport): string {
  return `A score counts as wrong where it is more than ${coefficient(tolerance)} off the consensus. The ${signalLabels[signal]} says which ones to abstain from.`
}

/** Figures at the run's threshold and at about half coverage, side by side. */
export function abstentionTable({ figures, half }: AbstentionReport): ChartTable {
  const cell = (of: AbstentionFigures | null, name: keyof AbstentionFigures): string => {
    const figure = of?.[name]
    return typeof figure === 'object' && figure !== null && 'low' in figure ? withInterval(figure) : noValue
  }
  const lines: readonly (readonly [string, keyof AbstentionFigures])[] = [
    ['scores accepted', 'coverage'],
    ['wrong among accepted', 'acceptedError'],
    ['wrong among all', 'baseError'],
    ['accuracy', 'accuracy'],
    ['precision', 'precision'],
    ['recall', 'recall'],
    ['F1', 'f1'],
  ]
  return {
    columns: ['abstaining finds wrong scores', "the run's threshold", 'about half accepted'],
    rows: lines.map(([label, name]) => [label, cell(figures, name), cell(half, name)]),
  }
}
