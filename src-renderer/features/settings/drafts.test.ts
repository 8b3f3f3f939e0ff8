import { expect, test } from 'vitest'
import { exampleOverview } from '../../testing/examples.ts'
import { changeOf, differs, draftOf, problemsOf } from './drafts.ts'

const overview = exampleOverview()
const draft = draftOf(overview)

test('only what was changed is saved', () => {
  expect([
    changeOf(draft, overview),
    changeOf({ ...draft, title: ' Clinic notes ' }, overview),
    changeOf({ ...draft, title: 'Notes', holdoutShare: 0.2, showOthersAfterCommit: false }, overview),
    changeOf({ ...draft, scaleKind: 'logit', askConfidence: true }, overview),
  ]).toEqual([
    null,
    null,
    { title: 'Notes', settings: { holdoutShare: 0.2, showOthersAfterCommit: false } },
    { settings: { scaleKind: 'logit', askConfidence: true } },
  ])
})

test('what cannot be saved is named by its field', () => {
  const bad = { ...draft, title: ' ', highLabel: 'x'.repeat(61), holdoutShare: 0.6 }
  expect([
    problemsOf(bad),
    changeOf(bad, overview),
    differs(bad, overview),
    differs(draft, overview),
  ]).toEqual([
    { title: 'Cannot be empty', highLabel: 'At most 60 characters', holdoutShare: 'A share from 0 to 0.5' },
    null,
    true,
    false,
  ])
})
