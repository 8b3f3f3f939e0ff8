import { expect, test } from 'vitest'
import type { Evaluation, Judgement } from '#shared/domain/run.ts'
import { formatEvaluation, formatSlices } from './judgements.ts'

const at = (value: number) => ({ value, low: value - 0.1, high: value + 0.1 })
const judged: Judgement = {
  n: 40,
  pearson: at(0.8),
  spearman: at(0.7),
  rmse: at(0.2),
  mae: at(0.15),
  mse: at(0.04),
}
const plain: Evaluation = {
  used: judged,
  models: { blend: judged, interaction: { ...judged, pearson: null } },
  baselines: { mean: judged, cosine: judged, 'hypothesis-only': judged, ridge: judged },
  classification: null,
  reliability: null,
  conformal: null,
  abstention: null,
}
const confusion = {
  n: 40,
  counts: { truePositive: 10, falsePositive: 5, trueNegative: 20, falseNegative: 5 },
  accuracy: at(0.75),
  precision: at(0.6),
  recall: null,
  f1: at(0.5),
}

test('the models of a split, those that were judged, with MSE; nothing more where nothing more is known', () => {
  const lines = formatEvaluation(plain, 'blend').split('\n')
  expect(lines.map((line) => line.split('  ')[0]?.trim())).toEqual([
    '',
    'in use: blend',
    'blend',
    'interaction',
    'ridge',
    'cosine',
    'hypothesis only',
    'mean',
  ])
  expect(lines[1]).toContain('0.040 (-0.060 to 0.140)')
  expect(lines[3]).toContain('not defined')
})

test('decisions, intervals and abstaining follow in words', () => {
  const curve = { n: 40, points: [], aurc: at(0.2), excessAurc: 0.05, riskAt80: null }
  const bins = { n: 40, bins: [], calibrationError: 0.031 }
  const text = formatEvaluation(
    {
      ...plain,
      classification: { threshold: 0.5, ...confusion },
      reliability: { score: bins, calibrated: { ...bins, calibrationError: null } },
      conformal: {
        fit: { level: 0.9, n: 120, quantile: 2, reason: null },
        n: 40,
        coverage: at(0.85),
        meanWidth: at(0.4),
      },
      abstention: {
        tolerance: 0.12,
        signal: 'variance',
        curves: { variance: curve },
        figures: null,
        half: { ...confusion, threshold: 0.1, coverage: at(0.5), acceptedError: at(0.2), baseError: at(0.3) },
      },
    },
    'blend',
  )
  expect(text.split('\n').slice(8)).toEqual([
    '',
    'Yes or no at 0.5: accuracy 0.750 (0.650 to 0.850), precision 0.600 (0.500 to 0.700), recall not defined, F1 0.500 (0.400 to 0.600).',
    'Scores are 0.031 off what people say on average, calibrated ones not defined.',
    '90% intervals hold 0.850 (0.750 to 0.950) of 40 pairs; mean width 0.400 (0.300 to 0.500).',
    '',
    'A score is wrong where it is more than 0.120 off; in use to tell: ensemble variance.',
    expect.stringMatching(/^ +AURC +excess +risk at 80%$/),
    expect.stringMatching(/^ensemble variance +0\.200 \(0\.100 to 0\.300\) +0\.050 +not defined$/),
    'At about half coverage: accepted 0.500 (0.400 to 0.600), wrong among them 0.200 (0.100 to 0.300); accuracy 0.750 (0.650 to 0.850), precision 0.600 (0.500 to 0.700), recall not defined, F1 0.500 (0.400 to 0.600).',
  ])
})

test('why there are no intervals is told', () => {
  const fit = {
    level: 0.9,
    n: 40,
    quantile: null,
    reason: 'Intervals need 100 labelled validation pairs; there are 40.',
  }
  expect(
    formatEvaluation({ ...plain, conformal: { fit, n: 40, coverage: null, meanWidth: null } }, 'ridge'),
  ).toContain(fit.reason)
})

test('slices are a line each, or the reason why there are none', () => {
  const slice = {
    column: 'genre',
    label: 'letters',
    n: 40,
    pearson: at(0.8),
    rmse: at(0.2),
    mae: null,
    worst: [],
  }
  const head = { runNumber: 1, n: 40, reason: null }
  expect(formatSlices({ ...head, slices: [slice] }).split('\n')[1]).toMatch(
    /^genre: letters +40 +0\.800 \(0\.700 to 0\.900\) +0\.200 .* not defined$/,
  )
  expect(formatSlices({ ...head, n: 0, slices: [], reason: 'No pair is held out.' })).toBe(
    'No pair is held out.',
  )
})
