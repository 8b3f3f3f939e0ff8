import type { VueWrapper } from '@vue/test-utils'
import { afterEach, expect, test } from 'vitest'
import type { Job } from '#shared/contract/jobs.ts'
import { trainingConfiguration, type Run, type TrainingConfiguration } from '#shared/domain/run.ts'
import { exampleEpochs, exampleId, exampleJob, exampleOverview, exampleRun } from '../../testing/examples.ts'
import { connectInMemory } from '../../testing/inMemoryBackend.ts'
import { mountView, settled } from '../../testing/mountView.ts'
import View from './View.vue'

afterEach(() => {
  document.body.innerHTML = ''
})

const outlook = { labelledPairs: 1272, train: 954, validation: 160, holdout: 158, pool: 1128, obstacle: null }

const noPace = { raters: [], pairsPerMinute: null, minutesForNext: null, reason: 'Nobody has rated.' }

async function trainView() {
  const state = {
    runs: [exampleRun(7)] as Run[],
    started: [] as TrainingConfiguration[],
    cancelled: [] as string[],
    called: [] as unknown[],
  }
  const change = (runId: string, changes: Partial<Run>): Run => {
    state.runs = state.runs.map((run) => (run.id === runId ? { ...run, ...changes } : run))
    return state.runs.find((run) => run.id === runId)!
  }
  const served = await connectInMemory({
    'project.current': () => exampleOverview(),
    'jobs.list': () => [],
    'train.outlook': () => outlook,
    'replay.read': () => null,
    'train.runs': () => state.runs,
    'evidence.read': () => ({ report: null, isCurrent: false, pace: noPace }),
    'train.start': ({ configuration }) => {
      state.started.push(configuration)
      return { jobId: exampleId(80) }
    },
    'train.rename': ({ runId, name }) => change(runId, { name }),
    'train.pin': ({ runId, pinned }) => change(runId, { pinned }),
    'train.bin': ({ runId }) => change(runId, { binnedAt: '2026-11-23T12:00:00.000Z' }),
    'train.takeFromBin': ({ runId }) => change(runId, { binnedAt: null }),
    'train.emptyBin': (typed) => {
      state.called.push(typed)
      state.runs = state.runs.filter((run) => run.binnedAt === null)
      return { deleted: 1 }
    },
    'train.restore': (asked) => {
      state.called.push(asked)
      return { jobId: exampleId(81) }
    },
    'jobs.cancel': ({ jobId }) => {
      state.cancelled.push(jobId)
      return {}
    },
  })
  const { wrapper } = await mountView(View, '/train')
  const button = (text: string) => wrapper.findAll('button').find((found) => found.text() === text)
  const tell = async (job: Job): Promise<void> => {
    served.emit('job', job)
    await settled()
  }
  return { state, wrapper, button, tell }
}

const underWay = exampleJob(80, {
  kind: 'train',
  runId: exampleId(8),
  runNumber: 8,
  automatic: false,
  curves: [
    { head: 'regression', epochs: exampleEpochs(14, 0.76), maximumEpochs: 50 },
    { head: 'interaction', epochs: exampleEpochs(3, 0.8), maximumEpochs: 6 },
  ],
})

test('the view opens with the verdict, and Train again starts with the shipped settings', async () => {
  const { state, wrapper, button } = await trainView()
  expect(wrapper.get('.verdict').text()).toContain(
    'r .81 [.78, .84] on 310 held-out pairs; ridge .78; people .86',
  )
  expect(wrapper.text()).toContain('32 new ratings since run 7')
  await button('Train again')?.trigger('click')
  await settled()
  expect(state.started).toEqual([trainingConfiguration.parse({})])
  wrapper.unmount()
})

test('a training under way shows its phase, share, time left and epochs, and can be cancelled', async () => {
  const { state, wrapper, button, tell } = await trainView()
  await tell(underWay)
  expect(wrapper.get('.under-way').text()).toContain('Run 8, interaction, epoch 3 of at most 6')
  expect(wrapper.get('[role="progressbar"]').attributes('aria-valuenow')).toBe('40')
  expect(wrapper.text()).toContain('Validation r, run 8')
  await button('Cancel')?.trigger('click')
  await settled()
  expect(state.cancelled).toEqual([underWay.id])

  state.runs = [exampleRun(8, { status: 'cancelled', report: null, failure: 'Cancelled.' }), exampleRun(7)]
  await tell({ ...underWay, outcome: { status: 'cancelled' } })
  expect(wrapper.get('.message').text()).toBe('Run 8 was cancelled. The project still uses run 7.')
  expect(wrapper.find('.under-way').exists()).toBe(false)
  wrapper.unmount()
})

test('a killed training says what happened; the model in use stays', async () => {
  const { state, wrapper, tell } = await trainView()
  await tell(underWay)
  const message = 'The training process was ended by SIGKILL. The project is as it was before; train again.'
  state.runs = [exampleRun(8, { status: 'failed', report: null, failure: message }), exampleRun(7)]
  await tell({ ...underWay, outcome: { status: 'failed', error: { code: 'worker-died', message } } })
  expect(wrapper.findAll('.message').map((found) => found.text())).toEqual([
    `Run 8 did not finish. ${message} The project still uses run 7.`,
  ])
  wrapper.unmount()
})

test('a bad field in Advanced is named and nothing starts', async () => {
  const { state, wrapper, button } = await trainView()
  await button('Advanced')?.trigger('click')
  const dropout = wrapper.findAll('.field').find((field) => field.get('label').text() === 'Dropout')
  await dropout?.get('input').setValue('2')
  await button('Train again')?.trigger('click')
  await settled()
  expect([dropout?.get('.error').text(), state.started]).toEqual(['0–0.9', []])
  wrapper.unmount()
})

const earlier = (number: number, changes: Partial<Run> = {}): Run =>
  exampleRun(number, { inUse: false, ...changes })

/** Chooses an entry of a run's menu, as the keyboard does. */
async function choose(wrapper: VueWrapper, run: number, label: string): Promise<void> {
  const trigger = wrapper.get(`[aria-label="What to do with run ${run}"]`)
  await trigger.trigger('keydown', { key: 'Enter' })
  await settled()
  const items = [...document.querySelectorAll<HTMLElement>('[role="menuitem"]')]
  const item = items.find((found) => found.textContent.trim().startsWith(label))
  item?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
  await settled()
}
const dialog = (): HTMLElement => document.querySelector<HTMLElement>('[role="dialog"]')!
const press = async (text: string): Promise<void> => {
  const buttons = [...dialog().querySelectorAll('button')]
  buttons.find((found) => found.textContent.trim().startsWith(text))?.click()
  await settled()
}

test('a run is named and pinned from its menu', async () => {
  const { state, wrapper } = await trainView()
  await choose(wrapper, 7, 'Name')
  const input = dialog().querySelector('input')!
  input.value = 'after second guideline'
  input.dispatchEvent(new Event('input', { bubbles: true }))
  dialog()
    .querySelector('form')
    ?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }))
  await settled()
  expect(state.runs[0]?.name).toBe('after second guideline')
  expect(document.activeElement?.getAttribute('aria-label')).toBe('What to do with run 7')
  await choose(wrapper, 7, 'Pin')
  expect(state.runs[0]?.pinned).toBe(true)
  expect(wrapper.get('[role="grid"]').text()).toContain('after second guideline')
  wrapper.unmount()
})

test('an earlier run is restored: its job shows until the project uses it', async () => {
  const { state, wrapper, button, tell } = await trainView()
  state.runs = [exampleRun(7), earlier(6)]
  await tell({ ...underWay, outcome: { status: 'finished' } })
  await choose(wrapper, 6, 'Use this model')
  expect(state.called).toEqual([{ runId: exampleId(6) }])
  const job = exampleJob(81, { kind: 'restore', runId: exampleId(6), runNumber: 6 })
  await tell(job)
  expect(wrapper.get('.under-way').text()).toContain('until it is done the project uses run 7.')
  expect(button('Train again')?.attributes('disabled')).toBeDefined()
  state.runs = [earlier(7), exampleRun(6)]
  await tell({ ...job, outcome: { status: 'finished' } })
  expect(wrapper.find('.under-way').exists()).toBe(false)
  expect(wrapper.get('.facts').text()).toContain('Run 6,')
  await tell({
    ...exampleJob(82, { kind: 'restore', runId: exampleId(7), runNumber: 7 }),
    outcome: { status: 'failed', error: { code: 'worker-died', message: 'The training process died.' } },
  })
  expect(wrapper.get('[role="alert"]').text()).toBe('The training process died.')
  wrapper.unmount()
})

test('two runs that are ticked are put side by side', async () => {
  const { state, wrapper, button, tell } = await trainView()
  state.runs = [exampleRun(7), earlier(6, { libraries: {} })]
  await tell({ ...underWay, outcome: { status: 'finished' } })
  expect(button('Compare runs')?.attributes('disabled')).toBeDefined()
  for (const box of wrapper.findAll('[role="checkbox"]')) await box.trigger('click')
  await button('Compare 2 runs')?.trigger('click')
  await settled()
  const head = [...dialog().querySelectorAll('thead th')].map((cell) => cell.textContent.trim())
  expect(head).toEqual(expect.arrayContaining([expect.stringMatching(/^run 6/), 'run 7in use']))
  expect(dialog().textContent).toContain('All settings are the same.')
  wrapper.unmount()
})

test('the bin: moved there, taken back, and emptied once the title is typed', async () => {
  const { state, wrapper, button, tell } = await trainView()
  state.runs = [exampleRun(7), earlier(6), earlier(5)]
  await tell({ ...underWay, outcome: { status: 'finished' } })
  for (const run of [6, 5]) await choose(wrapper, run, 'Move to the bin')
  expect(wrapper.get('.counts').text().replaceAll(/\s+/g, ' ')).toBe('1 kept, 2 in the bin')
  await button('2 in the bin')?.trigger('click')
  await settled()
  await press('Take back')
  expect(state.runs.map(({ binnedAt }) => binnedAt === null)).toEqual([true, true, false])
  await press('Empty the bin')
  const deletion = (): HTMLButtonElement | undefined =>
    [...dialog().querySelectorAll('button')].find((found) => found.textContent.includes('Delete 1 run'))
  expect(deletion()?.disabled).toBe(true)
  const input = dialog().querySelector('input')!
  input.value = 'Clinic notes'
  input.dispatchEvent(new Event('input', { bubbles: true }))
  await settled()
  expect(deletion()?.disabled).toBe(false)
  dialog()
    .querySelector('form')
    ?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }))
  await settled()
  expect([state.called, state.runs.length]).toEqual([[{ typed: 'Clinic notes' }], 2])
  wrapper.unmount()
})
