import { afterEach, expect, test } from 'vitest'
import type { ProjectOverview } from '#shared/contract/project.ts'
import { defaultProjectSettings, type ProjectSettings } from '#shared/domain/project.ts'
import { exampleOverview } from '../../testing/examples.ts'
import { connectInMemory } from '../../testing/inMemoryBackend.ts'
import { mountView, settled } from '../../testing/mountView.ts'
import { changeOf, draftOf, problemsOf } from './choosingDraft.ts'
import ChoosingSection from './ChoosingSection.vue'

afterEach(() => {
  document.body.innerHTML = ''
})

test('only what differs and can be saved is saved', () => {
  const present = defaultProjectSettings
  const draft = draftOf(present)
  expect(draft).toEqual({
    strategy: 'hybrid',
    batchSize: 20,
    randomPercent: 20,
    retrains: false,
    retrainAfter: 20,
  })
  expect(changeOf(draft, present)).toBeNull()
  // What stands in a field that is not shown is no matter.
  expect(changeOf({ ...draft, retrainAfter: null }, present)).toBeNull()
  expect(changeOf({ ...draft, retrains: true }, present)).toEqual({
    strategy: 'hybrid',
    batchSize: 20,
    randomShare: 0.2,
    retrainAfter: 20,
  })
  const bad = { ...draft, batchSize: 4, randomPercent: 91, retrains: true, retrainAfter: 7.5 }
  expect(Object.keys(problemsOf(bad))).toEqual(['batchSize', 'randomPercent', 'retrainAfter'])
  expect(changeOf(bad, present)).toBeNull()
})

test('training by itself is turned on with its number, and the random share says why it is worth having', async () => {
  let overview: ProjectOverview = exampleOverview()
  const saved: unknown[] = []
  await connectInMemory({
    'project.current': () => overview,
    'jobs.list': () => [],
    'project.configure': ({ settings }) => {
      saved.push(settings)
      overview = {
        ...overview,
        settings: { ...overview.settings, ...(settings as Partial<ProjectSettings>) },
      }
      return overview
    },
  })
  const { wrapper } = await mountView(ChoosingSection, '/settings')
  const save = (): HTMLButtonElement => wrapper.get('button[type="submit"]').element as HTMLButtonElement
  expect([wrapper.text().includes('nobody can tell what choosing gains'), save().disabled]).toEqual([
    true,
    true,
  ])
  await wrapper.get('[role="checkbox"]').trigger('click')
  await wrapper.findAll('input').at(-1)?.setValue('30')
  expect(save().disabled).toBe(false)
  await wrapper.get('form').trigger('submit')
  await settled()
  expect(saved).toEqual([{ strategy: 'hybrid', batchSize: 20, randomShare: 0.2, retrainAfter: 30 }])
  expect(save().disabled).toBe(true)
  wrapper.unmount()
})
