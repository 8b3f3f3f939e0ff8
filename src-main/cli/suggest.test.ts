import { expect, test } from 'vitest'
import type { Ranking } from '#shared/domain/suggestion.ts'
import { describeSuggestions } from './suggest.ts'

const ranking: Ranking = {
  strategy: 'hybrid',
  batchSize: 20,
  randomShare: 0.25,
  waiting: 3000,
  considered: 1000,
  remark: 'Compared 1,000 of 3,000 waiting pairs, drawn at random.',
  createdAt: '2026-01-01T00:00:00.000Z',
}
const row = { pairId: 'P1', premise: 'The kettle whistles.', hypothesis: 'Water boils.' }

test('suggestions are told with what each asks, what chose it and why', () => {
  const rows = [
    { ...row, rank: 1, ask: 'new-pair' as const, strategy: 'random' as const, reason: 'Drawn at random.' },
    { ...row, rank: 2, ask: 'another-rating' as const, strategy: 'hybrid' as const, reason: 'In doubt.' },
  ]
  expect(describeSuggestions(rows, ranking)).toBe(
    [
      'Chosen by hybrid in batches of 20, 25% of the new pairs drawn at random. Compared 1,000 of 3,000 waiting pairs, drawn at random.',
      '',
      '1. P1 (new pair, random)',
      '   The kettle whistles.',
      '   Water boils.',
      '   Drawn at random.',
      '2. P1 (another rating, hybrid)',
      '   The kettle whistles.',
      '   Water boils.',
      '   In doubt.',
    ].join('\n'),
  )
})

test('a random ranking, none kept, and nothing left are told', () => {
  expect(describeSuggestions([], { ...ranking, strategy: 'random', remark: null })).toBe(
    'Drawn at random, in batches of 20.\n\nNothing to suggest: every suggestion is rated.',
  )
  expect(describeSuggestions([], null)).toBe('Nothing to suggest: every suggestion is rated.')
})
