import { mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ProjectOverview } from '#shared/contract/project.ts'
import { watchActivity } from '../activity.ts'
import { modelChangeInWords } from '../format/modelChange.ts'
import { useProjectStore } from '../stores/project.ts'
import { exampleId, exampleOverview } from '../testing/examples.ts'
import ModelChange from './ModelChange.vue'

type Model = NonNullable<ProjectOverview['model']>
const changed = (change: Partial<Model['change']> = {}, model: Partial<Model> = {}): Model => ({
  runId: exampleId(9),
  runNumber: 9,
  pearson: 0.834,
  newRatings: 0,
  retrainOffered: false,
  change: { before: { runNumber: 8, pearson: 0.811 }, caution: null, left: 3, entered: 17, ...change },
  ...model,
})

let wrapper: VueWrapper | undefined
let unwatch: () => void
beforeEach(() => {
  localStorage.clear()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  setActivePinia(createPinia())
  unwatch = watchActivity()
})
afterEach(() => {
  wrapper?.unmount()
  unwatch()
  vi.useRealTimers()
})

async function show(): Promise<void> {
  wrapper?.unmount()
  wrapper = mount(ModelChange, { attachTo: document.body })
  await wrapper.vm.$nextTick()
}
const text = (): string => wrapper?.text() ?? ''
async function passes(milliseconds: number): Promise<void> {
  vi.advanceTimersByTime(milliseconds)
  await wrapper?.vm.$nextTick()
}

test.each([
  [changed(), 'Run 9: r .81 → .83, 3 pairs left the queue, 17 new'],
  [
    changed({ caution: 'the holdout grew from 40 to 52 pairs', left: 1 }),
    'Run 9: r .81 → .83 (the holdout grew from 40 to 52 pairs), 1 pair left the queue, 17 new',
  ],
  [changed({ before: { runNumber: 8, pearson: null } }), 'Run 9: r – → .83, 3 pairs left the queue, 17 new'],
  [
    changed({ before: { runNumber: 8, pearson: null }, left: 0 }, { pearson: null }),
    'Run 9: 0 pairs left the queue, 17 new',
  ],
  [changed({}, { change: null }), null],
])('what a run changed is said in a line', (model, words) => {
  expect(modelChangeInWords(model)).toBe(words)
})

test('the line comes once nobody types any more, and stays away once it was dismissed', async () => {
  const project = useProjectStore()
  project.setOverview(exampleOverview())
  await show()
  expect(text()).toBe('')
  window.dispatchEvent(new KeyboardEvent('keydown', { key: '7' }))
  project.setOverview(exampleOverview({ model: changed() }))
  await passes(0)
  expect(text()).toBe('')
  await passes(900)
  window.dispatchEvent(new KeyboardEvent('keydown', { key: '8' }))
  await passes(900)
  expect(text()).toBe('')
  await passes(200)
  expect(text()).toBe('Run 9: r .81 → .83, 3 pairs left the queue, 17 new')
  expect(wrapper?.get('.change').attributes('aria-live')).toBe('polite')

  await wrapper?.get('button').trigger('click')
  expect(text()).toBe('')
  await show()
  expect(text()).toBe('')
  project.setOverview(exampleOverview({ model: changed({}, { runId: exampleId(10), runNumber: 10 }) }))
  await passes(0)
  expect(text()).toContain('Run 10:')
})
