import { expect, test } from 'vitest'
import type { JobDetail } from '#shared/contract/jobs.ts'
import { trainingConfiguration, type TrainingConfiguration } from '#shared/domain/run.ts'
import {
  searchedSettings,
  type KeptSearch,
  type SearchedSettings,
  type TriedConfiguration,
} from '#shared/domain/search.ts'
import { exampleId, exampleJob, exampleOverview, exampleRun } from '../../testing/examples.ts'
import { connectInMemory } from '../../testing/inMemoryBackend.ts'
import { mountView, settled } from '../../testing/mountView.ts'
import { defaultDraft, readConfiguration } from './configurationForm.ts'
import { searchFailures, searchTable, withSettings } from './searchTable.ts'
import { useTrainStore } from './trainStore.ts'
import View from './View.vue'

const shipped = searchedSettings.parse(trainingConfiguration.parse({}))
const other: SearchedSettings = {
  learningRate: 0.00005,
  hiddenWidth: 128,
  dropout: 0.45,
  loss: 'cosent',
  weightDecay: 0.0012,
}

function tried(number: number, settings: SearchedSettings, pearson: number | null): TriedConfiguration {
  return {
    number,
    settings,
    pearson: pearson === null ? null : { value: pearson, low: pearson - 0.02, high: pearson + 0.02 },
    standardError: pearson === null ? null : 0.01,
    mae: pearson === null ? null : 0.123,
    rmse: pearson === null ? null : 0.2,
    epochs: pearson === null ? null : 8,
    seconds: 2,
    reason: pearson === null ? 'Diverged in epoch 3: a loss was no longer a number.' : null,
  }
}

const all = [tried(0, shipped, 0.8), tried(1, other, 0.83), tried(2, { ...other, learningRate: 0.002 }, null)]
const kept: KeptSearch = {
  report: {
    method: 'sobol',
    seed: 42,
    rows: 500,
    folds: 5,
    tried: all,
    best: 1,
    behind: [{ value: 0.03, standardError: 0.01 }, { value: 0, standardError: 0 }, null],
    givenIsEnough: false,
    seconds: 6,
    remarks: [],
  },
  createdAt: '2026-11-23T10:00:00.000Z',
}

test('the table has the best first, names the default, and leaves what diverged for the end', () => {
  const { columns, rows } = searchTable({ tried: all, best: 1 })
  expect(rows.map(([title]) => title)).toEqual(['1 (best)', '0 (default)', '2'])
  expect(rows[0]).toEqual([
    '1 (best)',
    '.830 [.810, .850]',
    '.123',
    '0.00005',
    '128',
    '0.45',
    '0.0012',
    'CoSENT',
    '8',
  ])
  expect(rows[2]?.slice(0, 3)).toEqual(['2', '–', '–'])
  expect(rows.every((row) => row.length === columns.length)).toBe(true)
  expect(searchTable({ tried: [tried(0, other, 0.5)], best: 0 }).rows[0]?.[0]).toBe('0 (given, best)')
  expect(searchFailures({ tried: all })).toEqual(['2: Diverged in epoch 3: a loss was no longer a number.'])
})

test('settings that were found go into the form, and the form still reads', () => {
  const draft = withSettings({ ...defaultDraft(), seed: '7' }, other)
  const read = readConfiguration(draft)
  expect(read).toMatchObject({ kind: 'valid', configuration: { ...other, seed: 7, batchSize: 64 } })
})

test('a search is started from the form, shows what was tried, and its best goes into the form', async () => {
  const asked: { count: number; configuration: TrainingConfiguration }[] = []
  let last: KeptSearch | null = null
  const served = await connectInMemory({
    'project.current': () => exampleOverview(),
    'jobs.list': () => [],
    'train.outlook': () => ({
      labelledPairs: 1272,
      train: 954,
      validation: 160,
      holdout: 158,
      pool: 1128,
      obstacle: null,
    }),
    'train.runs': () => [exampleRun(7)],
    'train.lastSearch': () => last,
    'replay.read': () => null,
    'train.search': (input) => {
      asked.push(input)
      return { jobId: exampleId(90) }
    },
  })
  const { wrapper } = await mountView(View, '/train')
  const button = (text: string) => wrapper.findAll('button').find((found) => found.text() === text)
  await button('Advanced')?.trigger('click')
  await settled()
  const panel = wrapper.get('[aria-label="Other settings"]')
  const number = panel.get('input[type="number"]')
  await number.setValue('1')
  expect(panel.get('.error').text()).toBe('A whole number from 2 to 200')
  expect(button('Search settings')?.attributes('disabled')).toBeDefined()
  await number.setValue('3')
  await button('Search settings')?.trigger('click')
  await settled()
  expect(asked).toMatchObject([{ count: 3, configuration: trainingConfiguration.parse({}) }])

  const detail: JobDetail = { kind: 'search', done: 2, count: 3, tried: [all[1]!, all[0]!] }
  served.emit('job', exampleJob(90, detail))
  await settled()
  expect(panel.get('[role="progressbar"]').attributes('aria-valuenow')).toBe('40')
  expect(panel.findAll('tbody tr')).toHaveLength(2)
  expect(button('Search settings')?.attributes('disabled')).toBeDefined()
  expect(button('Use these settings')).toBeUndefined()

  last = kept
  served.emit('job', exampleJob(90, { ...detail, done: 3, tried: all }, { status: 'finished' }))
  await settled()
  expect(panel.get('.verdict').text()).toBe(
    'The default settings are more than one standard error behind the best: r .800 against .830, a difference of .030 with a standard error of .010.',
  )
  await button('Use these settings')?.trigger('click')
  await settled()
  expect(useTrainStore().configuration).toMatchObject({ kind: 'valid', configuration: other })
  expect(wrapper.get('[aria-label="Settings of the next run"]').text()).toContain('5 changed')
  wrapper.unmount()
})
