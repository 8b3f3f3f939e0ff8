import { expect, test } from 'vitest'
import { trainingConfiguration } from './run.ts'
import { searchVerdict, type SearchReport, type TriedConfiguration } from './search.ts'

const shipped = trainingConfiguration.parse({})

function tried(number: number, pearson: number | null, dropout = shipped.dropout): TriedConfiguration {
  const { learningRate, hiddenWidth, loss, weightDecay } = shipped
  return {
    number,
    settings: { learningRate, hiddenWidth, dropout, loss, weightDecay },
    pearson: pearson === null ? null : { value: pearson, low: pearson - 0.02, high: pearson + 0.02 },
    standardError: pearson === null ? null : 0.01,
    mae: pearson === null ? null : 0.1,
    rmse: pearson === null ? null : 0.15,
    epochs: pearson === null ? null : 8,
    seconds: 2,
    reason: pearson === null ? 'Diverged in epoch 2: a loss was no longer a number.' : null,
  }
}

function reportOf(changes: Partial<SearchReport>): SearchReport {
  return {
    method: 'sobol',
    seed: 42,
    rows: 500,
    folds: 5,
    tried: [tried(0, 0.81), tried(1, 0.83, 0.1)],
    best: 1,
    behind: [
      { value: 0.02, standardError: 0.025 },
      { value: 0, standardError: 0 },
    ],
    givenIsEnough: true,
    seconds: 4,
    remarks: [],
    ...changes,
  }
}

const figure = (value: number): string => value.toFixed(3)

test.each<[string, Partial<SearchReport>, string]>([
  [
    'within',
    {},
    'The default settings are within one standard error of the best: r 0.810 against 0.830, a difference of 0.020 with a standard error of 0.025.',
  ],
  [
    'behind',
    { behind: [{ value: 0.02, standardError: 0.005 }], givenIsEnough: false },
    'The default settings are more than one standard error behind the best: r 0.810 against 0.830, a difference of 0.020 with a standard error of 0.005.',
  ],
  [
    'other settings than the shipped ones',
    { tried: [tried(0, 0.84, 0.2), tried(1, 0.83)], best: 0, behind: [{ value: 0, standardError: 0 }] },
    'The given settings are the best of those tried: r 0.840.',
  ],
  [
    'given settings that diverge',
    { tried: [tried(0, null), tried(1, 0.83, 0.1)], behind: [null], givenIsEnough: false },
    'The default settings gave no scores that could be judged; the best reach r 0.830.',
  ],
  [
    'nothing at all',
    { tried: [tried(0, null)], best: null, behind: [null], givenIsEnough: null },
    'None of the settings gave scores that could be judged.',
  ],
])('the verdict: %s', (_, changes, sentence) => {
  expect(searchVerdict(reportOf(changes), figure)).toBe(sentence)
})
