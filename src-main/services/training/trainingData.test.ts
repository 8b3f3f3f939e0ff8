import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { snapshotDigest, type LabelledRow } from './trainingData.ts'

function rowOf(pairId: string, target: number): LabelledRow {
  const place = { premiseGroup: 0, declaredSplit: null, split: 'train' as const }
  return { pairId, target, deviation: null, ratings: 1, classCounts: [], ...place }
}

test('a snapshot is a digest over the rows of all sides in the order of their ids', async () => {
  const lines = [
    '["A",0.1,1,"validation"]',
    '["B",0.2,1,"train"]',
    '["C",0.3,1,"holdout"]',
    '["D",0.4,1,"train"]',
  ]
  const data = {
    train: [rowOf('B', 0.2), rowOf('D', 0.4)],
    validation: [rowOf('A', 0.1)],
    holdout: [rowOf('C', 0.3)],
  }
  const digest = createHash('sha256').update(lines.map((line) => `${line}\n`).join(''))
  expect(await snapshotDigest(data)).toBe(digest.digest('hex'))
})
