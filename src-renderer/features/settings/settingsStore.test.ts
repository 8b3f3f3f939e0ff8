import { createPinia, setActivePinia } from 'pinia'
import { expect, test } from 'vitest'
import { GradusError } from '#shared/contract/errors.ts'
import { exampleOverview } from '../../testing/examples.ts'
import { connectInMemory } from '../../testing/inMemoryBackend.ts'
import { useProjectStore } from '../../stores/project.ts'
import { draftOf } from './drafts.ts'
import { useSettingsStore } from './settingsStore.ts'

async function settingsOf(refuses: boolean) {
  const overview = exampleOverview()
  await connectInMemory({
    'project.current': () => overview,
    'jobs.list': () => [],
    'project.configure': ({ title }) => {
      if (refuses) throw new GradusError('bad-options', 'The share of the holdout cannot change any more.')
      return { ...overview, title: title ?? overview.title }
    },
    'project.writeGuideline': ({ text }) => ({ version: 2, text, examples: [] }),
  })
  setActivePinia(createPinia())
  await useProjectStore().load()
  return { project: useProjectStore(), settings: useSettingsStore(), draft: draftOf(overview) }
}

test('what is typed stays until it is saved; saving clears it', async () => {
  const { project, settings, draft } = await settingsOf(false)
  settings.draft = { ...draft, title: 'Notes' }
  settings.guidelineText = 'Read both texts.'
  const before = [settings.projectUnsaved, settings.guidelineUnsaved]
  await settings.saveProject()
  await settings.saveGuideline()
  expect([
    before,
    [settings.projectUnsaved, settings.guidelineUnsaved],
    project.overview?.title,
    project.overview?.guideline,
  ]).toEqual([[true, true], [false, false], 'Notes', { version: 2, text: 'Read both texts.', examples: [] }])
})

test('a refusal keeps what was typed and says why', async () => {
  const { settings, draft } = await settingsOf(true)
  settings.draft = { ...draft, holdoutShare: 0.3 }
  await settings.saveProject()
  expect([settings.form?.holdoutShare, settings.projectUnsaved, settings.projectFailure?.message]).toEqual([
    0.3,
    true,
    'The share of the holdout cannot change any more.',
  ])
})
