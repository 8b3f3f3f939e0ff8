import { expect, test } from 'vitest'
import type { WorkedExample } from '#shared/domain/project.ts'
import { differs, draftOf, examplesOf, problemsOf, withNewExample } from './exampleDraft.ts'

const low: WorkedExample = { score: 0.1, premise: 'It rains.', hypothesis: 'It is Monday.', note: '' }
const high: WorkedExample = {
  score: 0.9,
  premise: 'It rains.',
  hypothesis: 'It is wet.',
  note: 'Nearly always.',
}

test('what was not touched differs from nothing and is saved as it is', () => {
  const draft = draftOf([low, high])
  expect([differs(draft, [low, high]), examplesOf(draft)]).toEqual([false, [low, high]])
})

test('examples are saved without white space around them, by score', () => {
  const draft = withNewExample(draftOf([high]))
  const filled = draft.map((line, place) =>
    place === 1 ? { ...line, score: 0.1, premise: ' It rains. ', hypothesis: 'It is Monday.\n' } : line,
  )
  expect([differs(filled, [high]), examplesOf(filled)]).toEqual([true, [low, high]])
})

test('one that was taken away is a difference; keys are never given twice', () => {
  const draft = draftOf([low, high]).filter(({ key }) => key === 1)
  expect([differs(draft, [low, high]), withNewExample(draft).map(({ key }) => key)]).toEqual([true, [1, 2]])
  expect(differs(draft, [high])).toBe(false)
})

test('what cannot be saved is named by its field, and nothing is saved of it', () => {
  const [fresh] = withNewExample([])
  const bad = { ...fresh!, score: 1.2, premise: 'x'.repeat(2001), hypothesis: ' ', note: 'x'.repeat(1001) }
  expect([problemsOf(fresh!), problemsOf(bad), examplesOf([bad])]).toEqual([
    { score: '0 to 1', premise: 'Cannot be empty', hypothesis: 'Cannot be empty' },
    {
      score: '0 to 1',
      premise: 'At most 2,000 characters',
      hypothesis: 'Cannot be empty',
      note: 'At most 1,000 characters',
    },
    null,
  ])
})
