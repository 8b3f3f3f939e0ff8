import { expect, test } from 'vitest'
import { trainingConfiguration } from '#shared/domain/run.ts'
import { exampleReport, exampleRun } from '../../testing/examples.ts'
import {
  comparedCurves,
  comparedCurvesTable,
  comparedGroups,
  comparisonCaution,
  mostCompared,
} from './runComparison.ts'

const wide = exampleRun(5, {
  name: 'wide',
  inUse: false,
  configuration: trainingConfiguration.parse({ hiddenWidth: 512, seed: 1 }),
  snapshotDigest: 'earlier',
  labelledPairs: 1020,
  libraries: { gradus: '0.1.0', node: '22.18.0', 'onnxruntime-node': '1.30.0' },
  report: exampleReport({
    used: 'ridge',
    curves: [
      {
        head: 'regression',
        epochs: [
          { epoch: 1, trainingLoss: 0.1, validationLoss: 0.08, validationPearson: null },
          { epoch: 2, trainingLoss: 0.05, validationLoss: 0.04, validationPearson: 0.6 },
        ],
        bestEpoch: 2,
        stoppingReason: 'maximum-epochs',
        maximumEpochs: 2,
      },
    ],
  }),
})
const cancelled = exampleRun(6, { status: 'cancelled', report: null })

test('settings that differ come first, then data, libraries that differ, and figures with their intervals', () => {
  const groups = comparedGroups([wide, exampleRun(7)])
  expect(groups.map(({ title }) => title)).toEqual(['Settings', 'Trained on', 'Libraries', 'Result'])
  const rows = groups.flatMap((group) => group.rows.map(({ label, values }) => [label, ...values]))
  expect(rows.slice(0, 6)).toEqual([
    ['Seed', '1', '42'],
    ['Hidden width', '512', '256'],
    ['Labelled pairs', '1,020', '1,240'],
    ['Data snapshot', 'A', 'B'],
    ['Back end', 'ONNX Runtime cpu, 2 threads', 'ONNX Runtime cpu, 2 threads'],
    ['Time', '38 s', '38 s'],
  ])
  expect(rows).toContainEqual(['node', '22.18.0', '24.21.0'])
  expect(rows).toContainEqual(['Used', 'ridge', 'ridge .66, interaction .34'])
  expect(rows).toContainEqual(['Validation r, ridge', '.78', '.78'])
  expect(rows).toContainEqual(['Holdout r, used', '.81 [.78, .84]', '.81 [.78, .84]'])
})

test('where nothing differs that is said, and a run without figures has none', () => {
  const groups = comparedGroups([cancelled, exampleRun(7)])
  expect(groups.filter(({ rows }) => rows.length === 0).map(({ none }) => none)).toEqual([
    'All settings are the same.',
    'All versions are the same.',
  ])
  const rows = groups.flatMap((group) => group.rows.map(({ label, values }) => [label, ...values]))
  expect(rows).toContainEqual(['Data snapshot', 'the same', 'the same'])
  expect(rows).toContainEqual(['Holdout r, used', '–', '.81 [.78, .84]'])
})

test('a setting that the form does not know is named by its place', () => {
  const deeper = exampleRun(8, {
    configuration: { ...trainingConfiguration.parse({}), ...{ lossWeights: { tailShare: 0.2 } } },
  })
  expect(comparedGroups([exampleRun(7), deeper])[0]?.rows).toEqual([
    { label: 'Loss weights, tail share', values: ['–', '0.2'] },
  ])
})

test('figures on different data are not put side by side without a word', () => {
  expect(comparisonCaution([wide, exampleRun(7)])).toContain('different data')
  expect(comparisonCaution([cancelled, exampleRun(7)])).toBeNull()
})

test('the curves of all finished runs lie over one another, each with its own look', () => {
  const runs = [wide, cancelled, exampleRun(7), exampleRun(8)]
  const chart = comparedCurves(runs, 'validationPearson')
  expect(chart.curves.map(({ label }) => label)).toEqual(['run 5', 'run 7', 'run 8'])
  expect(new Set(chart.curves.map(({ tone }) => tone)).size).toBe(3)
  expect(chart.curves[0]?.points).toEqual([
    [1, null],
    [2, 0.6],
  ])
  expect(chart.lastStep).toBe(14)
  const full = Array.from({ length: mostCompared }, (_, index) => exampleRun(index + 1))
  expect(new Set(comparedCurves(full, 'validationLoss').curves.map(({ tone }) => tone)).size).toBe(
    mostCompared,
  )

  const { columns, rows } = comparedCurvesTable(runs, 'validationLoss')
  expect([columns, rows.length, rows[0]?.slice(0, 2), rows[2]?.slice(0, 2)]).toEqual([
    ['epoch', 'run 5', 'run 7', 'run 8'],
    14,
    ['1', '.0800'],
    ['3', '–'],
  ])
})
