import { expect, test } from 'vitest'
import type { SearchReport } from '#shared/domain/search.ts'
import { openProjectStore } from '../projectStore.ts'

const report: SearchReport = {
  method: 'random',
  seed: 7,
  rows: 120,
  folds: 5,
  tried: [
    {
      number: 0,
      settings: { learningRate: 0.0002, hiddenWidth: 256, dropout: 0.3, loss: 'mse', weightDecay: 0.01 },
      pearson: { value: 0.5, low: 0.25, high: 0.75 },
      standardError: 0.125,
      mae: 0.25,
      rmse: 0.5,
      epochs: 4,
      seconds: 1.5,
      reason: null,
    },
  ],
  best: 0,
  behind: [{ value: 0, standardError: 0 }],
  givenIsEnough: true,
  seconds: 2,
  remarks: ['Something was done differently.'],
}

test('the last search is kept in place of the one before it', () => {
  const store = openProjectStore(':memory:', { create: true })
  const { searches } = store
  expect(searches.last()).toBeNull()
  searches.keep(report, '2026-01-01T00:00:00.000Z')
  expect(searches.last()).toEqual({ report, createdAt: '2026-01-01T00:00:00.000Z' })
  const later = { ...report, seed: 8, best: null, behind: [null], givenIsEnough: null }
  searches.keep(later, '2026-01-02T00:00:00.000Z')
  expect(searches.last()).toEqual({ report: later, createdAt: '2026-01-02T00:00:00.000Z' })
  store.close()
})
