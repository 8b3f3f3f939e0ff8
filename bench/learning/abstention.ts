import type { Interval } from '../../src-shared/domain/interval.ts'
import type { RiskCoverageCurve } from '../../src-shared/domain/judging.ts'
import { judgeAbstention, thresholdForCoverage } from '../../src-main/learning/metrics/abstention.ts'
import { aurcDifference, riskCoverage } from '../../src-main/learning/metrics/riskCoverage.ts'
import { wrongScores } from '../../src-main/learning/training/calibrate.ts'
import { figure, printTable } from '../support/tables.ts'
import { skipped, target } from '../support/targets.ts'
import { hindsight, placesWithin } from '../support/uncertainty.ts'
import { dataSet, type DataSetName } from './dataSet.ts'
import { outOfFoldOf, type OutOfFold } from './outOfFold.ts'

/** The published head's: recall and precision at about half coverage, where 29% are wrong. */
const wanted = { share: 0.9, recall: 0.766, precision: 0.446 }
const baseError = 0.29
const coverages = Array.from({ length: 10 }, (_, index) => (index + 1) / 10)

/** What each training chose to abstain by; by its place within the fold where they did not all choose the same. */
function chosenSignal({ reports, signals, fold }: OutOfFold): { name: string; values: Float32Array } | null {
  const names = reports.map(({ signal }) => signal?.used)
  const [first] = names
  const of = (name: (typeof names)[number]): Float32Array | undefined =>
    name === undefined ? undefined : signals.get(name)
  const own = of(first)
  if (own !== undefined && names.every((name) => name === first))
    return { name: `used: ${first ?? ''}`, values: own }
  if (names.some((name) => of(name) === undefined)) return null
  const mixed = Float32Array.from(fold, (index, row) => of(names[index])?.[row] ?? NaN)
  return { name: `used, by place in fold (${names.join(', ')})`, values: placesWithin(mixed, fold) }
}

/** The tolerance by which `share` of the scores are wrong. */
function toleranceFor(share: number, score: Float32Array, target: Float32Array): number {
  const errors = score.map((value, row) => Math.abs(value - (target[row] ?? 0))).sort()
  return errors[Math.round((1 - share) * errors.length) - 1] ?? NaN
}

/** All that a weighting could be of: the signals, the score and its square, and how far the models are apart. */
function weighable({ scores, signals }: OutOfFold): Float32Array[] {
  const score = scores.get('score') ?? new Float32Array()
  const apart = (name: 'ridge' | 'interaction' | 'regression' | 'cosine'): Float32Array =>
    score.map((value, row) => Math.abs(value - (scores.get(name)?.[row] ?? 0)))
  return [
    ...signals.values(),
    score,
    score.map((value) => value * value),
    ...(['ridge', 'interaction', 'regression', 'cosine'] as const).map(apart),
  ]
}

/** The mean over folds of a figure of a fold's rows. */
function meanOverFolds({ fold }: OutOfFold, of: (rows: number[]) => number): number {
  const folds = [...new Set(fold)]
  const rows = [...fold.keys()]
  return folds.reduce((sum, own) => sum + of(rows.filter((row) => fold[row] === own)), 0) / folds.length
}

/** The risk at the point of a curve that is nearest to a coverage. */
function riskAt({ points }: RiskCoverageCurve, coverage: number): string {
  const away = (point: { coverage: number }): number => Math.abs(point.coverage - coverage)
  const nearest = points.toSorted((one, other) => away(one) - away(other))[0]
  return (nearest?.risk ?? NaN).toFixed(3)
}

function short(share: Interval | null): string {
  return share === null ? '–' : share.value.toFixed(3)
}

/** How well signals tell, out of fold, which scores are wrong. */
export async function abstention(name: DataSetName): Promise<void> {
  const ending = name === 'UNLI' ? 'unli' : 'stsb'
  const names = ['aurc', 'recall', 'precision'].map((kind) => `abstention-${kind}-${ending}`)
  const data = dataSet(name, names)
  if (data === null) return
  const found = await outOfFoldOf(name, data.pairs, data.tolerance)
  const { group, fold } = found
  const score = found.scores.get('score') ?? new Float32Array()
  const tolerance = toleranceFor(baseError, score, found.target)
  const wrong = wrongScores(score, found.target, tolerance)
  const losses = wrong.map(Number)
  const chosen = chosenSignal(found)
  const rival = found.signals.get('threshold') ?? new Float32Array()
  const contestants = new Map<string, ArrayLike<number>>([
    ...(chosen === null ? [] : [[chosen.name, chosen.values] as const]),
    ...found.signals,
    ['best reweighting', hindsight(weighable(found), wrong)],
    ['oracle', score.map((value, row) => Math.abs(value - (found.target[row] ?? 0)))],
  ])
  const curves = [...contestants].map(([own, values]) => ({
    own,
    values,
    curve: riskCoverage(values, losses, group),
    /** The mean of the folds' own, since signals of different trainings may not compare. */
    ofFolds: meanOverFolds(found, (rows) => {
      const of = (all: ArrayLike<number>): number[] => rows.map((row) => all[row] ?? 0)
      return riskCoverage(of(values), of(losses), of(group)).aurc?.value ?? NaN
    }),
  }))
  const rivalArea = curves.find(({ own }) => own === 'threshold')
  const base = rivalArea?.curve.aurc?.value ?? NaN

  printTable(
    `${name}: ${fold.length} scores out of fold, wrong where off by more than ${tolerance.toFixed(3)}` +
      ` (trained with ${data.tolerance}): share wrong of those accepted, by coverage`,
    [
      ['signal', ...coverages.map((coverage) => `${Math.round(100 * coverage)}%`)],
      ...curves.map(({ own, curve }) => [own, ...coverages.map((coverage) => riskAt(curve, coverage))]),
    ],
  )
  printTable(`${name}: area under these curves (AURC)`, [
    ['signal', 'pooled (95% interval)', 'over threshold’s', 'mean of folds', 'over threshold’s'],
    ...curves.map(({ own, curve, ofFolds }) => [
      own,
      figure(curve.aurc),
      ((curve.aurc?.value ?? NaN) / base).toFixed(3),
      ofFolds.toFixed(4),
      (ofFolds / (rivalArea?.ofFolds ?? NaN)).toFixed(3),
    ]),
  ])
  const halves = curves.flatMap(({ own, values }) => {
    const at = thresholdForCoverage(values, 0.5)
    return at === null ? [] : [{ own, judged: judgeAbstention(values, wrong, group, at.threshold) }]
  })
  printTable(`${name}: abstaining from the less sure half, “this score is wrong”`, [
    [
      'signal',
      'coverage',
      'recall (95% interval)',
      'precision (95% interval)',
      'F1',
      'wrong of accepted',
      'of all',
    ],
    ...halves.map(({ own, judged }) => [
      own,
      short(judged.coverage),
      figure(judged.recall, 3),
      figure(judged.precision, 3),
      short(judged.f1),
      short(judged.acceptedError),
      short(judged.baseError),
    ]),
  ])
  console.log(
    'best reweighting: a logistic regression on all signals, the score, its square and how far the models are apart,\n' +
      'fitted with hindsight on these very scores; oracle: knows which are wrong. Half coverage at a base error b and a\n' +
      'recall r is a precision of 2·b·r, so the two targets are nearly one.',
  )
  for (const [index, { signal }] of found.reports.entries()) {
    const areas = Object.entries(signal?.aurc ?? {}).map(([own, area]) => `${own} ${area.toFixed(4)}`)
    console.log(
      `fold ${index + 1} chose on validation: ${signal?.used ?? 'nothing'} (AURC ${areas.join(', ')})`,
    )
  }

  if (chosen === null) {
    for (const own of names) skipped(own, 'a training could not choose a signal')
    return
  }
  const apart = aurcDifference(chosen.values, rival, losses, group)
  console.log(`AURC of the signal in use less that of the threshold’s: ${figure(apart)}`)
  const used = curves.find(({ own }) => own === chosen.name)
  const half = halves.find(({ own }) => own === chosen.name)?.judged
  const [aurc = '', recall = '', precision = ''] = names
  target(aurc, (used?.curve.aurc?.value ?? NaN) / base, '<=', wanted.share, 3)
  target(recall, half?.recall?.value ?? NaN, '>=', wanted.recall, 3)
  target(precision, half?.precision?.value ?? NaN, '>=', wanted.precision, 3)
}
