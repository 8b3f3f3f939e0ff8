import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openEmbeddingCache } from '../../encoder/embeddingCache.ts'
import { weighParts } from './trainingShares.ts'
import type { LabelledRow } from './trainingData.ts'

const pairs = (count: number, name: string): { premise: string; hypothesis: string }[] =>
  Array.from({ length: count }, (_, index) => ({
    premise: `${name} ${index} a`,
    hypothesis: `${name} ${index} b`,
  }))
const rows = (count: number): LabelledRow[] =>
  Array.from({ length: count }, (_, index) => ({
    pairId: String(index),
    premiseGroup: index,
    declaredSplit: null,
    split: 'train',
    target: 0.5,
    deviation: null,
    ratings: 1,
    classCounts: [],
  }))

test('the share of a job follows what there is still to encode', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradus-shares-'))
  const cache = openEmbeddingCache(join(folder, 'cache.sqlite'), 'test', 1)
  try {
    const labelled = pairs(500, 'labelled')
    const sample = pairs(10, 'pool')
    const data = { train: rows(500), holdout: [], pool: 5000 }
    const cold = await weighParts(cache, data, labelled, sample, false)
    expect([cold('encode', 0), cold('score', 1)]).toEqual([0, 1])
    expect([cold('train', 0), cold('score', 0)]).toEqual([cold('encode', 1), cold('train', 1)])
    // Most of the time goes into encoding the pool.
    expect(cold('train', 1)).toBeLessThan(0.3)

    for (const { premise, hypothesis } of [...labelled, ...sample])
      cache.put([premise, hypothesis], new Float32Array([1, 1]))
    const warm = await weighParts(cache, data, labelled, sample, false)
    expect([warm('train', 0), warm('score', 1)]).toEqual([0, 1])
    expect(warm('train', 1)).toBeGreaterThan(0.5)
    // Token vectors are still to be made.
    const tokens = await weighParts(cache, data, labelled, sample, true)
    expect(tokens('encode', 1)).toBeGreaterThan(0.05)
  } finally {
    cache.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
