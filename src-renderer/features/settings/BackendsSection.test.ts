import { afterEach, expect, test } from 'vitest'
import type { Ladder } from '#shared/contract/backends.ts'
import { GradusError } from '#shared/contract/errors.ts'
import type { JobOutcome } from '#shared/contract/jobs.ts'
import type { Rung } from '#shared/domain/backend.ts'
import { exampleId, exampleJob, exampleOverview } from '../../testing/examples.ts'
import { connectInMemory } from '../../testing/inMemoryBackend.ts'
import { mountView, settled } from '../../testing/mountView.ts'
import { backendOptions, backendRows } from './backendRows.ts'
import BackendsSection from './BackendsSection.vue'

afterEach(() => {
  document.body.innerHTML = ''
})

const absent = (name: Rung['name']): Rung => ({
  name,
  verdict: 'absent',
  reason: 'It is not installed.',
  millisecondsPerStep: null,
})
const before: Ladder = {
  rungs: [
    absent('tfjs-node-gpu'),
    absent('cuda'),
    { name: 'webgpu', verdict: 'unknown', reason: 'It has not been probed yet.', millisecondsPerStep: null },
    { name: 'cpu', verdict: 'unknown', reason: 'It has not been probed yet.', millisecondsPerStep: null },
  ],
  probedAt: null,
  choice: 'automatic',
  inUse: 'cpu',
}
const after: Ladder = {
  ...before,
  rungs: [
    absent('tfjs-node-gpu'),
    { name: 'cuda', verdict: 'failed', reason: 'Its process ended with code 3.', millisecondsPerStep: null },
    {
      name: 'webgpu',
      verdict: 'fit',
      reason: 'Right, and 9.6 times as fast as cpu.',
      millisecondsPerStep: 0.842,
    },
    { name: 'cpu', verdict: 'fit', reason: 'It is always there.', millisecondsPerStep: 8.13 },
  ],
  probedAt: new Date().toISOString(),
  inUse: 'webgpu',
}

test('rows say what is used, how fast it is, and why the others are not', () => {
  expect(backendRows(after).map(({ title, verdict, step, inUse }) => [title, verdict, step, inUse])).toEqual([
    ['TensorFlow cuda', 'not here', '–', false],
    ['ONNX Runtime cuda', 'fails', '–', false],
    ['ONNX Runtime webgpu', 'works', '0.84', true],
    ['ONNX Runtime cpu', 'works', '8.13', false],
  ])
})

test('only what may work can be chosen, and what is chosen stays in the list', () => {
  const values = (ladder: Ladder): string[] => backendOptions(ladder).map(({ value }) => value)
  expect([values(before), values(after), values({ ...after, choice: 'cuda' })]).toEqual([
    ['automatic', 'webgpu', 'cpu'],
    ['automatic', 'webgpu', 'cpu'],
    ['automatic', 'cuda', 'webgpu', 'cpu'],
  ])
})

test('a probe shows its progress, and its end what was found', async () => {
  let ladder = before
  let probes = 0
  const served = await connectInMemory({
    'project.current': () => exampleOverview(),
    'jobs.list': () => [],
    'backends.list': () => ladder,
    'backends.probe': () => {
      probes += 1
      return { jobId: exampleId(90) }
    },
  })
  const { wrapper } = await mountView(BackendsSection, '/settings')
  const tell = async (outcome: JobOutcome): Promise<void> => {
    served.emit('job', {
      ...exampleJob(90, { kind: 'probe' }, outcome),
      phase: 'Probing ONNX Runtime webgpu',
    })
    await settled()
  }
  expect(wrapper.text()).toContain('not probed yet')
  expect(wrapper.get('tr.used').text()).toContain('ONNX Runtime cpu')
  await wrapper
    .findAll('button')
    .find((found) => found.text() === 'Probe')!
    .trigger('click')
  await settled()
  await tell({ status: 'running' })
  expect([probes, wrapper.get('.job [role=status]').text()]).toEqual([1, 'Probing ONNX Runtime webgpu'])
  ladder = after
  await tell({ status: 'finished' })
  expect(wrapper.get('tr.used').text()).toContain('9.6 times as fast as cpu')
  expect(wrapper.findAll('button').map((found) => found.text())).toContain('Probe again')
  wrapper.unmount()
})

test('a refused probe says why', async () => {
  await connectInMemory({
    'project.current': () => exampleOverview(),
    'jobs.list': () => [],
    'backends.list': () => after,
    'backends.probe': () => {
      throw new GradusError('job-running', 'Another train is running: wait for its end or cancel it.')
    },
  })
  const { wrapper } = await mountView(BackendsSection, '/settings')
  await wrapper
    .findAll('button')
    .find((found) => found.text() === 'Probe again')!
    .trigger('click')
  await settled()
  expect(wrapper.get('[role=alert]').text()).toContain('Another train is running')
  wrapper.unmount()
})
