import { createPinia, setActivePinia } from 'pinia'
import { expect, test } from 'vitest'
import { GradusError } from '#shared/contract/errors.ts'
import { exampleOverview } from '../../testing/examples.ts'
import { connectInMemory } from '../../testing/inMemoryBackend.ts'
import { useProjectStore } from '../../stores/project.ts'
import { draftOf } from './drafts.ts'
import { withNewExample } from './exampleDraft.ts'
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
    'project.writeGuideline': ({ text, examples = [] }) => ({ version: 2, text, examples }),
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

test('worked examples are saved with the guideline, once all of them can be', async () => {
  const { project, settings } = await settingsOf(false)
  const empty = withNewExample(settings.examples)
  settings.exampleDraft = empty
  expect([settings.guidelineUnsaved, settings.guidelineChange]).toEqual([true, null])
  await settings.saveGuideline()
  expect(project.overview?.guideline.version).toBe(1)
  const example = { score: 0.2, premise: 'It rains.', hypothesis: 'It is wet.', note: '' }
  settings.exampleDraft = empty.map(({ key }) => ({ key, ...example }))
  await settings.saveGuideline()
  expect([project.overview?.guideline, settings.guidelineUnsaved]).toEqual([
    { version: 2, text: 'Score how strongly the hypothesis follows.', examples: [example] },
    false,
  ])
  settings.exampleDraft = []
  expect(settings.guidelineChange?.examples).toEqual([])
  settings.discardGuideline()
  expect([settings.examples.length, settings.guidelineUnsaved]).toEqual([1, false])
})
