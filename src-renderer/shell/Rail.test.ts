import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { useProjectStore } from '../stores/project.ts'
import { exampleId, exampleJob, exampleOverview } from '../testing/examples.ts'
import { connectInMemory } from '../testing/inMemoryBackend.ts'
import Rail from './Rail.vue'

const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: '/:rest(.*)', component: { template: '<p />' } }],
})

beforeEach(() => {
  localStorage.clear()
  setActivePinia(createPinia())
})

function links(): string[] {
  const overview = useProjectStore().overview!
  const rail = mount(Rail, { props: { overview }, global: { plugins: [router] } })
  const texts = rail.findAll('.view').map((view) => view.text().replace(/\s+/g, ' '))
  rail.unmount()
  return texts
}

it('shows the one figure of each view, for the rater at work', () => {
  const project = useProjectStore()
  project.setOverview(exampleOverview())
  const forNobody = links()[0]
  project.chooseRater(exampleId(901))
  expect([forNobody, ...links()]).toEqual([
    'Annotate',
    'Annotate 2,270 pairs left',
    'Review 41 suggestions',
    'Train r .81 on the holdout',
    'Agreement 1 rater',
    'Data 2,400 pairs',
    'Export',
    'Settings',
  ])
})

it('has no figure where there is none to show', () => {
  const project = useProjectStore()
  project.setOverview(
    exampleOverview({
      model: null,
      raters: [],
      counts: { pairs: 0, labelledPairs: 0, ratings: 0, disputes: 0, suggestions: 0 },
    }),
  )
  expect(links()).toEqual(['Annotate', 'Review', 'Train', 'Agreement', 'Data 0 pairs', 'Export', 'Settings'])
})

it('shows how far a running job is at the view it belongs to', async () => {
  const project = useProjectStore()
  const served = await connectInMemory({})
  project.setOverview(exampleOverview())
  served.emit(
    'job',
    exampleJob(1, { kind: 'train', runId: exampleId(8), runNumber: 8, automatic: false, curves: [] }),
  )
  await new Promise((resolve) => setTimeout(resolve))
  expect(links()[2]).toBe('Train 40% working')
})
