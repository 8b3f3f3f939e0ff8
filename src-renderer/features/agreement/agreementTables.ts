import type { AgreementReport, RaterDetail, RatersCompared } from '#shared/contract/agreement.ts'
import type { ChartTable, LegendEntry } from '../../components/charts/chartTable.ts'
import type { CurvesChart } from '../../components/charts/curvesChart.ts'
import { binLabel } from '../../components/charts/histogramChart.ts'
import type { ProjectionChart } from '../../components/charts/projectionChart.ts'
import { coefficient, count, counted, noValue } from '../../format/numbers.ts'
import { duration, moment } from '../../format/time.ts'
import { figureWords, intervalOf } from './figureWords.ts'

function share(part: number, total: number): string {
  return total === 0 ? noValue : `${((part / total) * 100).toFixed(1)}%`
}

/** Counts of a histogram with their shares. @param noun of what is counted, many. */
export function binsTable(bins: readonly number[], end: number, value: string, noun: string): ChartTable {
  const total = bins.reduce((sum, bin) => sum + bin, 0)
  return {
    columns: [value, noun, 'share'],
    rows: bins.map((bin, index) => [binLabel(index, bins.length, end), count(bin), share(bin, total)]),
  }
}

export function projectionChart({ projection }: AgreementReport): ProjectionChart {
  return {
    xName: 'raters a pair',
    yName: 'reliability of their mean',
    step: 'rater',
    curve: projection.curve.map(({ raters, reliability }) => ({ x: raters, y: reliability })),
    measured: projection.measured.flatMap(({ raters, reliability }) => {
      const { value } = reliability
      // Without an interval yet, the dot alone.
      const y = intervalOf(reliability) ?? (value === null ? null : { value, low: value, high: value })
      return y === null ? [] : [{ x: raters, y }]
    }),
    levels: [
      { label: '.80', value: 0.8 },
      { label: '.90', value: 0.9 },
    ],
  }
}

export const projectionLegend: readonly LegendEntry[] = [
  { label: 'projected', tone: 'quiet' },
  { label: 'measured', tone: 'dot' },
]

export function projectionTable({ projection }: AgreementReport): ChartTable {
  const measured = new Map(projection.measured.map(({ raters, reliability }) => [raters, reliability]))
  const projected = new Map(projection.curve.map(({ raters, reliability }) => [raters, reliability]))
  const steps = [...new Set([...projected.keys(), ...measured.keys()])].toSorted((one, other) => one - other)
  return {
    columns: ['raters', 'projected', 'measured'],
    rows: steps.map((raters) => {
      const found = measured.get(raters)
      return [
        String(raters),
        coefficient(projected.get(raters)),
        found === undefined ? noValue : figureWords(found),
      ]
    }),
  }
}

/** How many raters the mean needs to reach a reliability, by the projection; null where it does not get there. */
export function ratersFor({ projection }: AgreementReport, wanted: number): number | null {
  return projection.curve.find(({ reliability }) => reliability >= wanted)?.raters ?? null
}

/** What more raters buy, in one sentence. */
export function projectionWords(report: AgreementReport): string {
  const last = report.projection.curve.at(-1)
  if (last === undefined) return ''
  const said = [0.8, 0.9].flatMap((wanted) => {
    const raters = ratersFor(report, wanted)
    return raters === null ? [] : [`${raters} for ${coefficient(wanted)}`]
  })
  return said.length === 0
    ? `Even with ${counted(last.raters, 'rater')} a pair their mean reaches only ${coefficient(last.reliability)}.`
    : `Raters a pair needs: ${said.join(', ')}.`
}

/** More rows than this would make a page that nobody reads to its end; the exported ratings have them all. */
const mostRows = 500

/** Both raters' scores of the pairs that both have scored. */
export function comparedTable(
  { first, second, shared }: RatersCompared,
  names: readonly [string, string],
): ChartTable {
  const rows = Array.from(first.subarray(0, mostRows), (score, index) => {
    const other = second[index] ?? 0
    return [String(index + 1), coefficient(score), coefficient(other), coefficient(other - score)]
  })
  const left = shared - rows.length
  return {
    columns: ['pair', ...names, 'difference'],
    rows: left === 0 ? rows : [...rows, [`${count(left)} more`, '', '', '']],
  }
}

type Drift = RaterDetail['drift']

function driftCurves(
  drift: Drift,
  curves: CurvesChart['curves'],
  level: CurvesChart['level'],
  decimals: number,
): CurvesChart {
  return { curves, step: 'rating', lastStep: drift.at(-1)?.to ?? 1, level, mark: null, decimals }
}

/** Mean score of each block, and how far it lies from the others'. */
export function scoreDrift(drift: Drift): CurvesChart {
  const points = (
    of: (block: Drift[number]) => number | null,
  ): readonly (readonly [number, number | null])[] => drift.map((block) => [block.to, of(block)])
  return driftCurves(
    drift,
    [
      { label: 'mean score', tone: 'accent', points: points(({ score }) => score) },
      {
        label: 'less the others’ mean on the same pairs',
        tone: 'second',
        points: points(({ difference }) => difference),
      },
    ],
    { label: 'no difference', value: 0 },
    2,
  )
}

export const scoreDriftLegend: readonly LegendEntry[] = [
  { label: 'mean score', tone: 'accent' },
  { label: 'less the others’ mean on the same pairs', tone: 'second' },
]

/** Median seconds of each block. */
export function paceDrift(drift: Drift): CurvesChart {
  return driftCurves(
    drift,
    [{ label: 'median seconds', tone: 'accent', points: drift.map(({ to, pace }) => [to, pace]) }],
    null,
    1,
  )
}

export function driftTable(drift: Drift): ChartTable {
  return {
    columns: ['ratings', 'mean score', 'less the others', 'pace', 'from'],
    rows: drift.map(({ from, to, score, difference, pace, startedAt }) => [
      `${from}–${to}`,
      coefficient(score),
      coefficient(difference),
      pace === null ? noValue : duration(pace),
      moment(startedAt),
    ]),
  }
}
