import { afterEach, expect, test } from 'vitest'
import { exampleOverview } from '../../testing/examples.ts'
import { connectInMemory } from '../../testing/inMemoryBackend.ts'
import { mountView, settled } from '../../testing/mountView.ts'
import GuidelineSection from './GuidelineSection.vue'

afterEach(() => {
  document.body.innerHTML = ''
})

const example = { score: 0.2, premise: 'It rains.', hypothesis: 'It is Monday.', note: 'Not at all.' }
const { guideline } = exampleOverview()

async function mounted() {
  const saved: unknown[] = []
  await connectInMemory({
    'project.current': () =>
      exampleOverview({ guideline: { ...guideline, version: 2, examples: [example] } }),
    'jobs.list': () => [],
    'project.writeGuideline': (given) => {
      saved.push(given)
      return { version: 3, text: given.text, examples: given.examples ?? [] }
    },
    'project.guidelines': () => [
      { ...guideline, version: 2, examples: [example], createdAt: '2026-11-14T14:05:00.000Z', ratings: 1 },
      { version: 1, text: 'Score.', examples: [], createdAt: '2026-11-01T08:00:00.000Z', ratings: 120 },
    ],
  })
  const { wrapper } = await mountView(GuidelineSection, '/settings')
  const button = (label: string) => wrapper.findAll('button').find((known) => known.text() === label)!
  return { wrapper, saved, button }
}

test('an example is added, told what it lacks, and saved by score as the next version', async () => {
  const { wrapper, saved, button } = await mounted()
  expect([wrapper.find('.problem').exists(), button('Save as version 3').attributes('disabled')]).toEqual([
    false,
    '',
  ])
  await button('Add an example').trigger('click')
  expect([wrapper.get('.problem').text(), button('Save as version 3').attributes('disabled')]).toEqual([
    'Score: 0 to 1 · Premise: cannot be empty · Hypothesis: cannot be empty',
    '',
  ])
  const fill = (label: string, value: string): Promise<void> =>
    wrapper.get(`[aria-label="${label}"]`).setValue(value)
  await fill('Score of example 2', '0.1')
  await fill('Premise of example 2', 'It snows.')
  await fill('Hypothesis of example 2', 'It is hot.')
  expect(wrapper.find('.problem').exists()).toBe(false)
  await wrapper.get('form').trigger('submit')
  await settled()
  const added = { score: 0.1, premise: 'It snows.', hypothesis: 'It is hot.', note: '' }
  expect(saved).toEqual([{ text: guideline.text, examples: [added, example] }])
})

test('every version can be read, with when it was written and what was rated under it', async () => {
  const { button } = await mounted()
  await button('All versions').trigger('click')
  await settled()
  const versions = [...document.querySelectorAll('[role="dialog"] .version')]
  expect(versions.map((version) => version.querySelector('h3')?.textContent)).toEqual([
    'Version 2, in force',
    'Version 1',
  ])
  expect(versions.map((version) => version.querySelector('.about')?.textContent.trim())).toEqual([
    expect.stringMatching(/^14 Nov 2026, \d\d:05 · 1 rating stands under it$/),
    expect.stringMatching(/^1 Nov 2026, \d\d:00 · 120 ratings stand under it$/),
  ])
  expect(versions.map((version) => version.querySelector('.examples')?.textContent ?? null)).toEqual([
    '.20It rains.It is Monday.Not at all.',
    null,
  ])
})
