import type { EvidencePace, EvidenceReport, StopAdvice } from '#shared/domain/evidence.ts'
import type { BandChart } from '../../components/charts/bandChart.ts'
import type { ChartTable, LegendEntry } from '../../components/charts/chartTable.ts'
import { coefficient, count, counted, withInterval } from '../../format/numbers.ts'

/** r as labels came, what it is projected to, the runs, and what people reach. */
export function curveChart({ figures, runs, ceiling }: EvidenceReport): BandChart {
  const points = figures.curve.points.map(({ labels, pearson }) => ({ x: labels, y: pearson }))
  const last = points.at(-1)
  const { fit } = figures.projection
  const projected = figures.projection.points.map(({ labels, pearson }) => ({ x: labels, y: pearson }))
  // The law goes through the points, not from the last of them.
  const from =
    last === undefined || fit === null
      ? []
      : [{ x: last.x, y: { ...last.y, value: fit.a - fit.b * last.x ** -fit.c } }]
  return {
    xName: 'labels outside the holdout',
    yName: 'r on the holdout',
    step: 'label',
    lines: [
      { label: 'r', tone: 'accent', points },
      {
        label: 'projected',
        tone: 'quiet',
        points: [...from, ...projected],
      },
    ],
    dots: runs.map(({ number, labels, pearson }) => ({ label: `run ${number}`, x: labels, y: pearson })),
    level: ceiling === null || ceiling.pearson === null ? null : { label: 'people', value: ceiling.pearson },
    decimals: 3,
  }
}

export function curveLegend({ lines, dots, level }: BandChart): LegendEntry[] {
  return [
    { label: 'as labels came (ridge)', tone: 'accent' },
    ...(lines.some(({ label, points }) => label === 'projected' && points.length > 0)
      ? [{ label: 'projected', tone: 'quiet' } as const]
      : []),
    ...(dots.length > 0 ? [{ label: 'runs', tone: 'ring' } as const] : []),
    ...(level === null
      ? []
      : [{ label: `one rater against the others ${coefficient(level.value)}`, tone: 'level' } as const]),
  ]
}

export function curveTable({ figures, runs, ceiling }: EvidenceReport): ChartTable {
  return {
    columns: ['', 'labels', 'r on the holdout'],
    rows: [
      ...figures.curve.points.map(({ labels, pearson }) => [
        'as labels came',
        count(labels),
        withInterval(pearson, 3),
      ]),
      ...figures.projection.points.map(({ more, labels, pearson }) => [
        `projected, ${more} more`,
        count(labels),
        withInterval(pearson, 3),
      ]),
      ...runs.map(({ number, labels, pearson }) => [
        `run ${number}`,
        count(labels),
        withInterval(pearson, 3),
      ]),
      ...(ceiling === null || ceiling.pearson === null
        ? []
        : [['one rater against the others', '', coefficient(ceiling.pearson, 3)]]),
    ],
  }
}

/** What the projection is made of, or why there is none. */
export function curveNote({ figures, runs }: EvidenceReport): string {
  const { projection, holdout } = figures
  const then = runs.length === 0 ? '' : ' Runs were judged on the holdout as it was then.'
  const judged = `${counted(holdout.used, 'held-out pair')} of ${counted(holdout.premises, 'premise')}. Bands are 95% intervals.${then}`
  if (projection.fit === null) return `${judged} ${projection.reason ?? ''}`.trim()
  const steps = projection.points.map(({ more, pearson }) => `${more} more ${withInterval(pearson)}`)
  return `${judged} Projected by a power law through ${counted(projection.fit.points, 'point')}: ${steps.join(', ')}.`
}

/** r with chosen labels less r with as many random ones. */
export function differenceChart({ figures }: EvidenceReport): BandChart {
  const { comparison } = figures
  return {
    xName: 'labels of each, beside the first ones',
    yName: 'r, chosen less random',
    step: 'label',
    lines: [
      {
        label: 'chosen less random',
        tone: 'accent',
        points: comparison.points.map(({ added, difference }) => ({ x: added, y: difference })),
      },
    ],
    dots: [],
    level: { label: 'no difference', value: 0 },
    decimals: 3,
  }
}

export const differenceLegend: readonly LegendEntry[] = [
  { label: 'chosen less random', tone: 'accent' },
  { label: 'no difference', tone: 'level' },
]

export function differenceTable({ figures }: EvidenceReport): ChartTable {
  return {
    columns: ['labels of each', 'chosen', 'random', 'difference'],
    rows: figures.comparison.points.map(({ added, chosen, random, difference }) => [
      count(added),
      coefficient(chosen, 3),
      coefficient(random, 3),
      withInterval(difference, 3),
    ]),
  }
}

/** The advice, and what it rests on. */
export function adviceParts({ sentence }: StopAdvice): { lead: string; rest: string } {
  const [lead = ''] = /^[^:.]+[:.]/.exec(sentence) ?? []
  return { lead, rest: sentence.slice(lead.length) }
}

/** How the labels came to be given. */
export function labelWords({ figures }: EvidenceReport): string {
  const { given, used, random, chosen, other } = figures.labels
  const parts = [
    `${count(random)} at random`,
    `${count(chosen)} chosen by a strategy`,
    ...(other === 0 ? [] : [`${count(other)} otherwise`]),
  ]
  return `${counted(used, 'label')}${used === given ? '' : ` of ${count(given)}`}: ${parts.join(', ')}.`
}

/** How fast people rate, and what the next 50 labels take. */
export function paceWords({ raters, pairsPerMinute, minutesForNext, reason }: EvidencePace): string {
  if (pairsPerMinute === null || minutesForNext === null) return reason ?? ''
  const own =
    raters.length < 2
      ? ''
      : ` (${raters.map((rater) => `${rater.name} ${rater.pairsPerMinute.toFixed(1)}`).join(', ')})`
  const minutes = Math.max(1, Math.round(minutesForNext))
  return `${pairsPerMinute.toFixed(1)} pairs a minute${own}: the next 50 labels take one person about ${minutes} min.`
}
