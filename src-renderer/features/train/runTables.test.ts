import { expect, test } from 'vitest'
import {
  exampleEpochs,
  exampleEvaluation,
  exampleReport,
  exampleRun,
  judged,
} from '../../testing/examples.ts'
import {
  correlationCurves,
  keptRuns,
  lossTable,
  holdoutRows,
  holdoutTable,
  legendOf,
  peopleLine,
  runLines,
} from './runTables.ts'

test('the holdout chart has a row for each model, the used one strong', () => {
  const rows = holdoutRows(exampleReport())
  expect(rows.map((row) => [row.label, row.interval?.value ?? null, row.strong])).toEqual([
    ['blend', 0.81, true],
    ['interaction', 0.79, false],
    ['regression', 0.76, false],
    ['ridge', 0.78, false],
    ['cosine', 0.71, false],
    ['hypothesis only', 0.47, false],
    ['mean', null, false],
  ])
  expect([holdoutRows(exampleReport({ holdout: null })), peopleLine(null)]).toEqual([[], null])
})

test('the model in use is marked: ridge, or the regression heads of a run without a blend', () => {
  const strong = (report: Parameters<typeof holdoutRows>[0]): string[] =>
    holdoutRows(report)
      .filter((row) => row.strong)
      .map((row) => row.label)
  const first = exampleEvaluation({ models: { regression: judged(0.76) } })
  expect([strong(exampleReport({ used: 'ridge' })), strong(exampleReport({ holdout: first }))]).toEqual([
    ['ridge'],
    ['regression'],
  ])
})

test('the table has what the chart shows, the mean and people too', () => {
  const table = holdoutTable(exampleReport())
  expect([table.rows[0], table.rows[6], table.rows[7]]).toEqual([
    ['blend (used)', '.81 [.78, .84]', '.80', '.158', '.121', '.0250'],
    ['mean', '–', '–', '.158', '.121', '.0250'],
    ['people', '.86', '–', '–', '.090', '–'],
  ])
})

test('the legend names the curve and ridge', () => {
  const epochs = exampleEpochs(14, 0.76)
  expect(legendOf(correlationCurves('interaction', epochs, 50, 9, 0.77)).map((entry) => entry.label)).toEqual(
    ['interaction', 'ridge .77'],
  )
  expect(
    lossTable([{ epoch: 1, trainingLoss: 0.1, validationLoss: 0.2, validationPearson: null }]).rows,
  ).toEqual([['1', '.1000', '.2000']])
})

test('runs as lines: figures where they finished, the failure where not', () => {
  const failed = exampleRun(8, { status: 'failed', report: null, failure: 'The process died.' })
  expect(
    runLines([failed, exampleRun(7)]).map(
      ({ number, status, labels, model, pearson, rmse, time, failure }) => [
        number,
        status,
        labels,
        model,
        pearson,
        rmse,
        time,
        failure,
      ],
    ),
  ).toEqual([
    [8, 'did not finish', '1,240', '–', '–', '–', '–', 'The process died.'],
    [7, 'in use', '1,240', 'blend', '.81 [.78, .84]', '.158', '38 s', null],
  ])
})

test('runs are counted with those in the bin', () => {
  const binned = exampleRun(5, { inUse: false, binnedAt: '2026-11-23T11:00:00.000Z' })
  expect([keptRuns([exampleRun(7), binned]), keptRuns([exampleRun(7)])]).toEqual([
    { kept: '1 kept', binned: '1 in the bin' },
    { kept: '1 kept', binned: null },
  ])
})
