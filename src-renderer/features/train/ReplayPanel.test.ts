import { expect, test } from 'vitest'
import type { JobDetail } from '#shared/contract/jobs.ts'
import type { KeptReplay } from '#shared/contract/replay.ts'
import { defaultProjectSettings, type ProjectSettings } from '#shared/domain/project.ts'
import {
  summariseReplay,
  type AskedReplay,
  type ReplayCell,
  type ReplaySummary,
} from '#shared/domain/replay.ts'
import type { StrategyName } from '#shared/domain/suggestion.ts'
import { exampleId, exampleJob, exampleOverview } from '../../testing/examples.ts'
import { connectInMemory } from '../../testing/inMemoryBackend.ts'
import { mountView, settled } from '../../testing/mountView.ts'
import ReplayPanel from './ReplayPanel.vue'
import {
  draftOfReplay,
  goesOn,
  labelObstacle,
  outlookOfReplay,
  readReplay,
  suggestedReplay,
} from './replayForm.ts'
import { strategyCurves, strategyTable, verdictOf } from './replayTables.ts'
import { useTrainStore } from './trainStore.ts'

const labels = [20, 40, 60]
const cell = (strategy: StrategyName, seed: number, values: readonly number[]): ReplayCell => ({
  strategy,
  seed,
  points: values.map((pearson, at) => ({ labels: labels[at] ?? 0, pairs: labels[at] ?? 0, pearson })),
  seconds: 1,
})
/** igs gets to .76 at 40 − about 3 labels with each seed, random at 60 − about 1. */
const cells = [0, 1, 2].flatMap((seed) => [
  cell('random', seed, [0.4 + seed / 100, 0.6, 0.77 + seed / 1000]),
  cell('igs', seed, [0.4 + seed / 100, 0.8 + seed / 1000, 0.82]),
])
const asked: AskedReplay = {
  strategies: ['random', 'igs'],
  seeds: 3,
  start: 20,
  batch: 20,
  to: 60,
  randomShare: 0.2,
  threshold: 0.5,
}
function kept(some: readonly ReplayCell[] = cells, change: Partial<KeptReplay> = {}): KeptReplay {
  return {
    asked,
    pairs: { pool: 812, holdout: 150 },
    remarks: [],
    reference: { pearson: 0.8, lambda: 10, pairs: 812 },
    done: some.length,
    count: 6,
    summaries: summariseReplay(some, { pearson: 0.8 }),
    labelsChanged: false,
    begunAt: '2026-11-23T10:00:00.000Z',
    ...change,
  }
}

test('the form begins with the strategy and batches of the project, cut to its labels', () => {
  const settings: ProjectSettings = { ...defaultProjectSettings, strategy: 'lcmd', batchSize: 25 }
  expect(suggestedReplay(settings, { pool: 5000, holdout: 200 })).toEqual({
    strategies: ['lcmd'],
    seeds: 10,
    start: 20,
    batch: 25,
    to: 1000,
    random: 20,
    threshold: 0.5,
  })
  const few = suggestedReplay({ ...settings, strategy: 'random' }, { pool: 106, holdout: 20 })
  expect(few).toMatchObject({ strategies: ['hybrid'], start: 10, batch: 10, to: 106 })
  expect(readReplay(few).asked).toMatchObject({ strategies: ['hybrid'], randomShare: 0.2, to: 106 })
})

test('fields that cannot be read are named, and so is what the labels do not allow', () => {
  const draft = draftOfReplay({ asked })
  expect(readReplay(draft)).toEqual({ asked: { ...asked, strategies: ['igs'] }, problems: {} })
  expect(readReplay({ ...draft, seeds: 1.5, random: null, strategies: [] })).toEqual({
    asked: null,
    problems: {
      seeds: 'A whole number from 1 to 100',
      random: 'A number from 0 to 90',
      strategies: 'Tick a strategy to compare with random.',
    },
  })
  expect(outlookOfReplay(asked, { pool: 50, holdout: 10 })).toMatchObject({
    obstacle: null,
    remarks: [expect.stringContaining('There are 50 rated pairs'), expect.stringContaining('10 rated pairs')],
  })
  expect(outlookOfReplay({ ...asked, start: 45 }, { pool: 50, holdout: 10 }).obstacle).toContain(
    'Rate 15 more',
  )
  expect([labelObstacle({ pool: 39, holdout: 10 }), labelObstacle({ pool: 40, holdout: 10 })]).toEqual([
    expect.stringContaining('Rate 1 more'),
    null,
  ])
})

test('only the same labels and settings are gone on with, also with more strategies', () => {
  const half = kept(cells.slice(0, 3))
  expect([
    goesOn(asked, half),
    goesOn({ ...asked, strategies: ['igs', 'lcmd'] }, half),
    goesOn(asked, kept()),
    goesOn({ ...asked, batch: 10 }, half),
    goesOn({ ...asked, strategies: ['lcmd'] }, half),
    goesOn(asked, { ...half, labelsChanged: true }),
    goesOn(null, half),
  ]).toEqual([true, true, false, false, false, false, false])
})

test('the table has r with half its interval, the labels, and both against random', () => {
  const { columns, rows } = strategyTable(kept())
  expect(columns).toEqual([
    'strategy',
    'r at 20',
    'r at 40',
    'r at 60',
    'labels to 95%',
    "of random's",
    'behind random',
  ])
  // SD .01 over three seeds: 4.303 · .01 / √3 = .025.
  expect(rows[0]?.cells.slice(0, 3)).toEqual(['.410 ±.025', '.600', '.771 ±.002'])
  expect(rows[0]?.cells.slice(-2)).toEqual(['–', '–'])
  expect(rows[1]?.cells.at(-1)).toBe('0 of 3 points')
  expect(rows[1]?.cells.at(-2)).toMatch(/^6\d% \(6\d to 6\d%\)$/)
  const one = strategyTable(kept(cells.slice(0, 2)))
  expect(one.rows[0]?.cells[0]).toBe('.400')
  expect(JSON.stringify(strategyTable({ summaries: [] }))).not.toContain('NaN')
})

test('each strategy is drawn with random, on the same axes, and random alone at first', () => {
  const drawn = strategyCurves(kept())
  expect(drawn.map(({ title }) => title)).toEqual(['iGS'])
  const [igs] = drawn
  expect(igs?.chart.curves.map(({ label, tone }) => [label, tone])).toEqual([
    ['iGS', 'accent'],
    ['Random', 'quiet'],
  ])
  expect(igs?.chart).toMatchObject({ lastStep: 60, level: { value: 0.76 } })
  expect(igs?.chart.curves[1]?.band?.[0]?.[1]).toBeCloseTo(0.41 - 0.02484, 4)
  expect(igs?.legend.map(({ label }) => label)).toEqual([
    'iGS',
    'Random',
    '95% of what all labels reach, .760',
  ])
  expect(igs?.table.rows[1]?.at(-1)).toBe('.201 ±.002')
  const alone = strategyCurves(kept(cells.slice(0, 1), { reference: null }))
  expect(alone.map(({ title, chart }) => [title, chart.curves.length, chart.level])).toEqual([
    ['Random', 1, null],
  ])
  expect(strategyCurves(kept([]))).toEqual([])
})

test('a strategy whose r is not defined somewhere has a gap there', () => {
  const gap: ReplaySummary[] = [{ ...kept().summaries[1]!, curve: [{ labels: 20, pearson: null }] }]
  const [drawn] = strategyCurves(kept(cells, { summaries: gap }))
  expect(drawn?.chart.curves[0]).toMatchObject({ points: [[20, null]], band: [[20, null, null]] })
  expect(drawn?.table.rows).toEqual([['20', '–']])
})

test('the verdict says how far the replay is', () => {
  expect(verdictOf(kept())).toMatch(/^On these 812 labels fewer labels than random were needed .*: igs 6\d% /)
  expect(verdictOf(kept(cells.slice(0, 4)))).toMatch(/^So far, with 4 of 6 parts: On these 812/)
  expect(verdictOf(kept(cells.slice(0, 3)))).toBe('3 of 6 parts are done: too few yet to compare.')
  expect(verdictOf(kept([]))).toBeNull()
  expect(verdictOf(kept(cells, { reference: null }))).toBeNull()
})

test('a replay is started, grows, is cancelled, saved, and its best strategy becomes that of the project', async () => {
  const started: AskedReplay[] = []
  const cancelled: string[] = []
  const configured: unknown[] = []
  let last: KeptReplay | null = null
  let overview = exampleOverview()
  const served = await connectInMemory({
    'project.current': () => overview,
    'jobs.list': () => [],
    'train.outlook': () => ({
      labelledPairs: 962,
      train: 700,
      validation: 112,
      holdout: 150,
      pool: 10,
      obstacle: null,
    }),
    'train.runs': () => [],
    'replay.read': () => last,
    'replay.start': (input) => {
      started.push(input)
      return { jobId: exampleId(80) }
    },
    'replay.files': () => ({
      folder: null,
      files: [{ name: 'curves.csv', bytes: 900, sha256: 'ab', download: '/downloads/1' }],
    }),
    'jobs.cancel': ({ jobId }) => {
      cancelled.push(jobId)
      return {}
    },
    'project.configure': ({ settings }) => {
      configured.push(settings)
      const strategy = settings?.strategy ?? overview.settings.strategy
      return (overview = exampleOverview({ settings: { ...overview.settings, strategy } }))
    },
  })
  const { wrapper } = await mountView(ReplayPanel, '/train')
  await useTrainStore().load()
  const button = (text: string) => wrapper.findAll('button').find((found) => found.text() === text)
  await button('Replay strategies')?.trigger('click')
  await settled()
  expect(wrapper.findAll('[role="checkbox"][data-state="checked"]')).toHaveLength(2)
  const igs = wrapper.findAll('.checkbox').find((found) => found.get('label').text() === 'iGS')
  await igs?.get('button').trigger('click')
  const [, start] = wrapper.findAll('input[type="number"]')
  await start?.setValue('0')
  expect(button('Replay')?.attributes('disabled')).toBeDefined()
  expect(wrapper.text()).toContain('A whole number from 3 to 10000')
  await start?.setValue('20')
  await button('Replay')?.trigger('click')
  await settled()
  expect(started).toEqual([
    {
      strategies: ['hybrid', 'igs'],
      seeds: 10,
      start: 20,
      batch: 20,
      to: 812,
      randomShare: 0.2,
      threshold: 0.5,
    },
  ])

  const detail: JobDetail = { kind: 'replay', done: 1, count: 6 }
  last = kept(cells.slice(0, 1))
  served.emit('job', exampleJob(80, detail))
  await settled()
  expect(wrapper.get('[role="progressbar"]').attributes('aria-valuenow')).toBe('40')
  expect(wrapper.text()).toContain('1 of 6 parts')
  expect(wrapper.findAll('.chart-card h2').map((title) => title.text())).toEqual(['Random'])
  last = kept(cells.slice(0, 4))
  served.emit('job', exampleJob(80, { ...detail, done: 4 }))
  await settled()
  expect(wrapper.findAll('.chart-card h2').map((title) => title.text())).toEqual(['iGS'])
  expect(wrapper.findAll('tbody tr')).toHaveLength(2)
  await button('Cancel')?.trigger('click')
  await settled()
  expect(cancelled).toEqual([exampleId(80)])
  served.emit('job', exampleJob(80, { ...detail, done: 4 }, { status: 'cancelled' }))
  await settled()
  expect(wrapper.get('.verdict').text()).toMatch(/^So far, with 4 of 6 parts: /)

  last = kept(cells, { labelsChanged: true })
  served.emit('project', overview)
  await settled()
  expect(wrapper.get('.verdict').text()).toMatch(/^On these 812 labels fewer labels than random/)
  expect(wrapper.text()).toContain('these curves are of the earlier ones')
  await wrapper.get('[aria-label="Let iGS choose pairs"]').trigger('click')
  await settled()
  expect(configured).toEqual([{ strategy: 'igs' }])
  expect(wrapper.find('[aria-label="Let iGS choose pairs"]').exists()).toBe(false)
  expect(wrapper.get('[role="region"] tbody').text()).toContain('in use')

  await button('Save as CSV and SVG')?.trigger('click')
  await settled()
  expect(wrapper.get('a[download]').attributes('href')).toBe('/downloads/1')
  wrapper.unmount()
})

test('what is missing is said, with where to go; what was refused is said too', async () => {
  let holdout = 0
  const served = await connectInMemory({
    'project.current': () => exampleOverview(),
    'jobs.list': () => [],
    'train.outlook': () => ({
      labelledPairs: 60,
      train: 50,
      validation: 10,
      holdout,
      pool: 10,
      obstacle: null,
    }),
    'train.runs': () => [],
    'replay.read': () => null,
  })
  const { wrapper, router } = await mountView(ReplayPanel, '/train')
  await useTrainStore().load()
  const button = (text: string) => wrapper.findAll('button').find((found) => found.text() === text)
  await button('Replay strategies')?.trigger('click')
  await settled()
  expect(wrapper.text()).toContain('No pair of the holdout is rated')
  expect(wrapper.find('fieldset').exists()).toBe(false)
  await button('Go to Annotate')?.trigger('click')
  await settled()
  expect(router.currentRoute.value.path).toBe('/annotate')

  holdout = 34
  await useTrainStore().load()
  await settled()
  expect(wrapper.text()).toContain('34 rated pairs in the holdout are few to judge on')
  // A training works every processor, and this test serves no start of a replay.
  const training: JobDetail = {
    kind: 'train',
    runId: exampleId(5),
    runNumber: 1,
    automatic: false,
    curves: [],
  }
  served.emit('job', exampleJob(70, training))
  await settled()
  expect(button('Replay')?.attributes('disabled')).toBeDefined()
  expect(wrapper.text()).toContain('After the training')
  served.emit('job', exampleJob(70, training, { status: 'finished' }))
  await settled()
  await button('Replay')?.trigger('click')
  await settled()
  expect(wrapper.get('[role="alert"]').text()).toBe('This test serves no replay.start.')
  wrapper.unmount()
})
