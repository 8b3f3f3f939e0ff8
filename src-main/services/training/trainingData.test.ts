import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { snapshotDigest, type LabelledRow } from './trainingData.ts'

function rowOf(pairId: string, target: number, change: Partial<LabelledRow> = {}): LabelledRow {
  const place = { premiseGroup: 0, declaredSplit: null, split: 'train' as const }
  return { pairId, target, deviation: null, ratings: 1, classCounts: [], ...place, ...change }
}

const several = { ratings: 3, deviation: 0.25 }
const labelled = { classCounts: [{ name: 'yes', count: 2 }] }
const sides = (change: Partial<LabelledRow> = {}) => ({
  train: [rowOf('B', 0.2, change), rowOf('D', 0.4, several)],
  validation: [rowOf('A', 0.1)],
  holdout: [rowOf('C', 0.3, labelled)],
})
const classes = [
  { name: 'yes', score: 1 },
  { name: 'no', score: 0 },
]

test('a snapshot is a digest over the classes, and the rows of all sides in the order of their ids', async () => {
  const lines = [
    '[["yes",1],["no",0]]',
    '["A","validation",0.1,1,1,null,[]]',
    '["B","train",0.2,1,1,null,[]]',
    '["C","holdout",0.3,1,1,null,[["yes",2]]]',
    '["D","train",0.4,1,3,0.25,[]]',
  ]
  const digest = createHash('sha256').update(lines.map((line) => `${line}\n`).join(''))
  expect(await snapshotDigest(sides(), classes)).toBe(digest.digest('hex'))
})

test('whatever training reads of a row or of the classes changes it', async () => {
  const [first, second] = classes
  const digests = [
    await snapshotDigest(sides(), classes),
    await snapshotDigest(sides(), []),
    await snapshotDigest(sides(), [second!, first!]),
    await snapshotDigest(sides(), [first!, { ...second!, score: 0.1 }]),
    await snapshotDigest(sides(), [first!, { ...second!, name: 'never' }]),
    await snapshotDigest({ ...sides(), train: [], holdout: [...sides().holdout, ...sides().train] }, classes),
  ]
  const changes: Partial<LabelledRow>[] = [
    { target: 0.21 },
    { ratings: 2 },
    { deviation: 0 },
    { classCounts: [{ name: 'no', count: 1 }] },
    { classCounts: [{ name: 'no', count: 2 }] },
  ]
  for (const change of changes) digests.push(await snapshotDigest(sides(change), classes))
  expect(new Set(digests).size).toBe(digests.length)
})
