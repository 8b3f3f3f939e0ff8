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

async function trainView() {
  const state = {
    runs: [exampleRun(7)] as Run[],
    started: [] as TrainingConfiguration[],
    cancelled: [] as string[],
  }
  const served = await connectInMemory({
    'project.current': () => exampleOverview(),
    'jobs.list': () => [],
    'train.outlook': () => outlook,
    'train.runs': () => state.runs,
    'train.start': ({ configuration }) => {
      state.started.push(configuration)
      return { jobId: exampleId(80) }
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
