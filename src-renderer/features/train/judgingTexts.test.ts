import { expect, test } from 'vitest'
import type { JudgedSlice } from '#shared/contract/judging.ts'
import type { ThresholdDesign } from '#shared/domain/judging.ts'
import { exampleEvaluation, exampleReport } from '../../testing/examples.ts'
import {
  abstentionTable,
  operatingPoint,
  riskLegend,
  riskSeries,
  riskTable,
  toleranceSentence,
} from './abstentionTables.ts'
import { conformalSentence, reliabilityLegend, reliabilityTable } from './calibrationTables.ts'
import {
  classificationFigures,
  costText,
  decisionFigures,
  decisionSentence,
  precisionFigures,
  precisionSentence,
  scoresTable,
} from './decisionWords.ts'
import { epochText } from './liveCurves.ts'
import { blendText } from './modelWords.ts'
import { sliceLines, worstSlice } from './sliceLines.ts'
import { readThreshold, startTexts } from './thresholdForm.ts'

const around = (value: number, half = 0.02) => ({ value, low: value - half, high: value + half })
const evaluation = exampleEvaluation()
const abstention = evaluation.abstention!
const conformal = evaluation.conformal!

test('intervals are judged in one sentence, or their absence is explained', () => {
  const refused = {
    level: 0.9,
    n: 40,
    quantile: null,
    reason: 'Intervals need 100 labelled validation pairs; there are 40.',
  }
  expect([
    conformalSentence(conformal, conformal.fit),
    conformalSentence(null, refused),
    conformalSentence({ ...conformal, n: 0, coverage: null, meanWidth: null }, null),
    conformalSentence(null, conformal.fit),
    conformalSentence(null, null),
  ]).toEqual([
    '90% intervals hold 91% [89, 93] of 310 held-out pairs; mean width .42. They were fitted on 160 validation pairs.',
    'Intervals need 100 labelled validation pairs; there are 40.',
    '90% intervals were fitted on 160 validation pairs; no held-out pair is labelled to check them.',
    '90% intervals were fitted on 160 validation pairs; no held-out pair is labelled to check them.',
    'This run has no calibrated intervals; a score is shown with the spread of its validation errors.',
  ])
})

test('reliability has a row for each bin of both curves', () => {
  const reliability = evaluation.reliability!
  expect(reliabilityLegend(reliability).map(({ label }) => label)).toEqual([
    'score, .038 off on average',
    'calibrated, .013',
  ])
  const { rows } = reliabilityTable(reliability)
  expect([rows.length, rows[0], rows[10]?.[0]]).toEqual([
    20,
    ['score', '.05', '.07 [.02, .12]', '31'],
    'calibrated',
  ])
})

test('the signal in use comes first, its rivals after it, each with its area', () => {
  const series = riskSeries({ ...abstention, signal: 'spread' })
  expect(riskLegend(series)).toEqual([
    { label: 'predicted spread, AURC .190', tone: 'accent' },
    { label: 'abstention head, AURC .140', tone: 'quiet' },
    { label: 'ensemble variance, AURC .170', tone: 'dotted' },
    { label: 'nearness to the threshold, AURC .220', tone: 'mixed' },
  ])
  expect(riskTable(series).rows[0]?.slice(0, 3)).toEqual([
    'predicted spread (used)',
    '.190 [.170, .210]',
    '.140',
  ])
  expect(riskSeries({ ...abstention, curves: {} })).toEqual([])
})

test('abstaining at the run’s threshold and at half coverage, or a dash where it could not be set', () => {
  expect(toleranceSentence(abstention)).toBe(
    'A score counts as wrong where it is more than .12 off the consensus. The abstention head says which ones to abstain from.',
  )
  expect(abstentionTable({ ...abstention, figures: null }).rows.slice(0, 2)).toEqual([
    ['scores accepted', '–', '.50 [.47, .53]'],
    ['wrong among accepted', '–', '.14 [.11, .17]'],
  ])
  expect([operatingPoint(abstention), operatingPoint({ ...abstention, figures: null })]).toEqual([
    { label: "the run's threshold", coverage: 0.6, risk: 0.168 },
    null,
  ])
})

const design: ThresholdDesign = {
  n: 310,
  costs: { wrongYes: 2, wrongNo: 1, abstention: 0.3 },
  truth: 0.5,
  threshold: 0.52,
  band: { low: 0.31, high: 0.62 },
  cost: around(0.123),
  costWithoutAbstaining: around(0.15),
  shares: { yes: 0.42, no: 0.4, abstain: 0.18 },
  wrongYes: around(0.08),
  wrongNo: null,
  wrong: around(0.09),
}

test.each([
  [0.31, 0.62, 'Yes from .62, no below .31, abstain in between.'],
  [0.47, 0.47, 'Yes from .47, no below: abstaining does not pay.'],
  [1.01, 1.01, 'Always say no: a yes never pays at these costs, and abstaining does not either.'],
  [0, 0, 'Always say yes: a no never pays at these costs, and abstaining does not either.'],
  [0, 1.01, 'Always abstain: no decision pays at these costs.'],
  [0.3, 1.01, 'No below .30, abstain from there: a yes never pays.'],
  [0, 0.7, 'Yes from .70, abstain below: a no never pays.'],
])('the band %j to %j in words', (low, high, words) => {
  expect(decisionSentence({ ...design, band: { low, high } })).toBe(words)
})

test('a design is told with its cost, what it costs without abstaining, and how often it is wrong', () => {
  expect(decisionFigures(design).map(({ label, value }) => `${label}: ${value}`)).toEqual([
    'Expected cost per pair: .123 [.103, .143]',
    'Without abstaining (threshold .52): .150 [.130, .170]',
    'Yes, no, abstain: 42%, 40%, 18%',
    'Wrong among yes: .08 [.06, .10]',
    'Wrong among no: –',
    'Wrong among all decided: .09 [.07, .11]',
  ])
  expect(decisionFigures({ ...design, threshold: 1.01 })[1]?.label).toBe('Without abstaining (always no)')
  expect([costText(0.0421), costText(12.345), costText(1234.5)]).toEqual(['.042', '12.35', '1,235'])
})

test('a wanted precision: its threshold, or why there is none', () => {
  const found = {
    n: 310,
    wanted: 0.9,
    truth: 0.5,
    threshold: 0.66,
    precision: around(0.9),
    recall: around(0.7),
    reason: null,
  }
  const none = {
    ...found,
    threshold: null,
    precision: null,
    recall: null,
    reason: 'No judged pair is truly a yes.',
  }
  expect([precisionSentence(found), precisionFigures(found).length]).toEqual(['Yes from .66.', 2])
  expect([precisionSentence(none), precisionFigures(none)]).toEqual(['No judged pair is truly a yes.', []])
})

test('yes or no at .5, and the scatter as counts by tenths', () => {
  expect(classificationFigures(evaluation.classification!).map(({ value }) => value)).toEqual([
    '.87 [.84, .90]',
    '.85 [.82, .88]',
    '.87 [.84, .90]',
    '.86 [.83, .89]',
    '128, 22',
    '141, 19',
  ])
  const { rows } = scoresTable([0.05, 0.07, 1], [0.2, 0.4, 0.9])
  expect([rows[0], rows[1], rows[9]]).toEqual([
    ['.0–.1', '2', '.30'],
    ['.1–.2', '0', '–'],
    ['.9–1.0', '1', '.90'],
  ])
})

test('fields of the designer are read, and bad ones say what they take', () => {
  expect(readThreshold({ ...startTexts, abstention: '0,3' })).toEqual({
    truth: 0.5,
    costs: { wrongYes: 1, wrongNo: 1, abstention: 0.3 },
    wanted: 0.9,
    problems: {},
  })
  expect(
    readThreshold({ wrongYes: '', wrongNo: '-1', abstention: '1e12', truth: '1.2', wanted: 'most' }),
  ).toEqual({
    truth: null,
    costs: null,
    wanted: null,
    problems: {
      wrongYes: 'A number from 0',
      wrongNo: 'A number from 0',
      abstention: 'A number from 0',
      truth: 'A score, 0–1',
      wanted: 'A share, 0–1',
    },
  })
  expect(readThreshold({ ...startTexts, wrongYes: '0', wrongNo: '0' })).toMatchObject({
    costs: null,
    problems: { wrongYes: 'Where no mistake costs anything, any threshold does: name a cost.' },
  })
})

test('the worst slice is the one that is surely worst, and a column is named once', () => {
  const slice = (column: string, label: string, rmse: JudgedSlice['rmse']): JudgedSlice => ({
    column,
    label,
    n: rmse === null ? 3 : 40,
    pearson: null,
    rmse,
    mae: rmse,
    worst: [],
  })
  const slices = [
    slice('genre', 'letters', around(0.2, 0.01)),
    slice('genre', 'news', around(0.25, 0.15)),
    slice('ratings', '1', null),
  ]
  expect(worstSlice(slices)).toBe(0)
  expect(worstSlice([slice('ratings', '1', null)])).toBeNull()
  expect(
    sliceLines(slices).map(({ column, label, rmse, isWorst }) => [column, label, rmse, isWorst]),
  ).toEqual([
    ['genre', 'letters', '.20 [.19, .21]', true],
    ['', 'news', '.25 [.10, .40]', false],
    ['ratings', '1', '–', false],
  ])
})

test('a blend names its parts by weight, and a training the head and epoch it is at', () => {
  expect([
    blendText({ ridge: 0.34, cosine: 0, regression: 0.002, interaction: 0.658 }),
    blendText({ ridge: 0, cosine: 0, regression: 1, interaction: 0 }),
  ]).toEqual(['interaction .66, ridge .34', 'regression alone'])
  const { curves } = exampleReport()
  const detail = {
    kind: 'train' as const,
    runId: 'run',
    runNumber: 8,
    automatic: false,
    curves: curves.slice(0, 2),
  }
  expect([epochText(detail), epochText({ ...detail, curves: [] })]).toEqual([
    'Run 8, interaction, epoch 6 of at most 6',
    null,
  ])
})
