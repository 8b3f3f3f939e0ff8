import { expect, test } from 'vitest'
import { differingConfiguration, differingLibraries, sameDataAs } from './compareRuns.ts'
import { trainingConfiguration, type Run } from './run.ts'

function run(number: number, changes: Partial<Run>): Run {
  return {
    id: '01J00000000000000000000000',
    number,
    name: null,
    pinned: false,
    binnedAt: null,
    inUse: false,
    resumable: false,
    status: 'finished',
    configuration: trainingConfiguration.parse({}),
    encoderDigest: 'e',
    snapshotDigest: 's',
    labelledPairs: 3,
    libraries: {},
    createdAt: '2026-01-01T00:00:00.000Z',
    finishedAt: null,
    failure: null,
    report: null,
    ...changes,
  }
}

test('only what differs is named, in the order of the settings', () => {
  const runs = [
    run(3, { configuration: trainingConfiguration.parse({ seed: 1, dropout: 0.1 }) }),
    run(5, { configuration: trainingConfiguration.parse({ seed: 2, dropout: 0.1 }) }),
    run(6, { configuration: trainingConfiguration.parse({ seed: 1, dropout: 0.2 }) }),
  ]
  expect(differingConfiguration(runs)).toEqual([
    { key: 'seed', values: ['1', '2', '1'] },
    { key: 'dropout', values: ['0.1', '0.1', '0.2'] },
  ])
  expect([differingConfiguration(runs.slice(0, 1)), differingConfiguration([])]).toEqual([[], []])
})

test('settings that lie deeper are named by their place, and lists are compared whole', () => {
  const configured = (settings: object): Run['configuration'] => ({
    ...trainingConfiguration.parse({}),
    ...settings,
  })
  const runs = [
    run(1, { configuration: configured({ loss: { kind: 'mse' }, heads: ['a', 'b'] }) }),
    run(2, { configuration: configured({ loss: { kind: 'huber', delta: 0.1 }, heads: ['a'] }) }),
  ]
  expect(differingConfiguration(runs)).toEqual([
    { key: 'loss.kind', values: ['mse', 'huber'] },
    { key: 'heads', values: ['["a","b"]', '["a"]'] },
    { key: 'loss.delta', values: [null, '0.1'] },
  ])
})

test('a library that an older run did not keep differs', () => {
  const runs = [run(1, {}), run(2, { libraries: { node: '24' } }), run(3, { libraries: { node: '24' } })]
  expect(differingLibraries(runs)).toEqual([{ key: 'node', values: [null, '24', '24'] }])
  expect(differingLibraries(runs.slice(1))).toEqual([])
})

test('runs on the same data point at the first of them', () => {
  const runs = ['a', 'b', 'a', 'b', 'c'].map((snapshotDigest, index) => run(index + 3, { snapshotDigest }))
  expect(sameDataAs(runs)).toEqual([3, 4, 3, 4, 7])
})
