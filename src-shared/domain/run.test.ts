import { expect, test } from 'vitest'
import { judgement } from './run.ts'

test('a judgement that was stored before there was mse is read', () => {
  const stored = { n: 0, pearson: null, spearman: null, rmse: null, mae: null }
  expect(judgement.parse(stored)).toEqual({ ...stored, mse: null })
})
