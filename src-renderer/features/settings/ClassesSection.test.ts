import { afterEach, expect, test } from 'vitest'
import { GradusError } from '#shared/contract/errors.ts'
import { defaultClassScores, type ClassScore } from '#shared/domain/classes.ts'
import { exampleJob, exampleOverview } from '../../testing/examples.ts'
import { connectInMemory } from '../../testing/inMemoryBackend.ts'
import { mountView, settled } from '../../testing/mountView.ts'
import { classesOf, draftOf, effectOf, problemsOf, withMoved, withNewClass } from './classDraft.ts'
import ClassesSection from './ClassesSection.vue'

afterEach(() => {
  document.body.innerHTML = ''
})

const counts = [
  { label: 'entailment', ratings: 1_204, scored: 1_204 },
  { label: 'neutral', ratings: 10, scored: 4 },
  { label: 'maybe', ratings: 3, scored: 3 },
]
const [entailment, neutral, contradiction] = defaultClassScores as [ClassScore, ClassScore, ClassScore]

test('what a change means is said of the labels it reaches', () => {
  const effect = (...wanted: ClassScore[]): string => effectOf(counts, defaultClassScores, wanted)
  expect([
    effect({ ...entailment, score: 0.9 }, neutral, contradiction),
    effect(
      { name: 'implied', score: 1, formerly: ['entailment'] },
      { ...neutral, score: 0.6 },
      contradiction,
    ),
    effect(entailment, contradiction),
    effect(contradiction, neutral, entailment),
    effect(entailment, neutral, contradiction, { name: 'maybe', score: 0.3 }),
  ]).toEqual([
    'Scores of 1,204 imported labels change.',
    'Scores of 4 imported labels change. 1,204 imported labels get another name.',
    '10 imported labels keep their score, but name no class any more.',
    'No imported label changes.',
    'Scores of 3 imported labels change.',
  ])
})

test('a draft is saved with the names its classes had; what cannot be saved is named by its line', () => {
  const draft = draftOf(defaultClassScores)
  const moved = withMoved(
    draft.map((line) => (line.key === 0 ? { ...line, name: ' implied ', score: 0.9 } : line)),
    0,
    1,
  )
  expect(classesOf(moved)).toEqual([
    neutral,
    { name: 'implied', score: 0.9, formerly: ['entailment'] },
    contradiction,
  ])
  const bad = withNewClass(
    draft.map((line) => (line.key === 1 ? { ...line, name: 'ENTAILMENT', score: 1.5 } : line)),
  )
  expect([[...problemsOf(bad).lines], classesOf(bad), problemsOf(draft.slice(0, 1)).all]).toEqual([
    [
      [1, { name: 'There is a class of this name', score: '0 to 1' }],
      [3, { name: 'Cannot be empty', score: '0 to 1' }],
    ],
    null,
    'At least 2 classes',
  ])
})

test('classes are edited, the effect is said, and they are saved; many labels follow in a job', async () => {
  const saved: unknown[] = []
  let refuses = true
  const overview = exampleOverview()
  const served = await connectInMemory({
    'project.current': () => overview,
    'jobs.list': () => [],
    'project.labels': () => counts,
    'project.configure': ({ settings }) => {
      if (refuses) throw new GradusError('job-running', 'An import into this project is running.')
      saved.push(settings)
      return { ...overview, settings: { ...overview.settings, ...(settings as object) } }
    },
  })
  const { wrapper } = await mountView(ClassesSection, '/settings')
  const button = (text: string) => wrapper.findAll('button').find((found) => found.text() === text)!
  expect(button('Save classes').attributes('disabled')).toBeDefined()
  await wrapper.get('[aria-label="Score of entailment"]').setValue('0.9')
  expect(wrapper.get('.effect').text()).toBe('Scores of 1,204 imported labels change.')
  await wrapper.get('[aria-label="Move entailment down"]').trigger('click')
  await button('Add a class').trigger('click')
  expect(wrapper.text()).toContain('Cannot be empty')
  await wrapper.get('[aria-label="Name of class 4"]').setValue('maybe')
  await wrapper.get('[aria-label="Score of maybe"]').setValue('0.3')
  await wrapper.get('[aria-label="Remove contradiction"]').trigger('click')
  await wrapper.get('form').trigger('submit')
  await settled()
  expect([wrapper.get('.message').text(), wrapper.text()]).toEqual([
    'An import into this project is running.',
    expect.stringContaining('not saved yet') as unknown,
  ])
  refuses = false
  await wrapper.get('form').trigger('submit')
  await settled()
  expect(saved).toEqual([
    {
      classScores: [
        { name: 'neutral', score: 0.5 },
        { name: 'entailment', score: 0.9 },
        { name: 'maybe', score: 0.3 },
      ],
    },
  ])
  expect(wrapper.find('.message').exists()).toBe(false)
  served.emit('job', exampleJob(70, { kind: 'rescore', labels: 1_204, rescored: 400 }))
  await settled()
  expect(wrapper.get('[role="progressbar"]').attributes('aria-valuenow')).toBe('40')
  wrapper.unmount()
})
