import { describe, expect, test } from 'vitest'
import { losses } from '../losses/registry.ts'
import { createRandom } from '../random.ts'
import { createTestTraining } from './testTrainer.ts'
import { makeFolds, outOfFold, unseenScores, type Folds } from './folds.ts'
import { trainHead, type HeadResult } from './trainHead.ts'

const random = createRandom(9, 'groups')
/** 200 rows in 60 premise groups of very unequal size. */
const group = Int32Array.from({ length: 200 }, () => Math.floor(60 * random.uniform() ** 2))
const sizesOf = (folds: Folds): number[] =>
  Array.from({ length: folds.count }, (_, fold) => folds.of.filter((own) => own === fold).length)

describe('makeFolds', () => {
  test('keeps groups whole and folds even', () => {
    for (const wanted of [2, 3, 5]) {
      const folds = makeFolds(group, wanted, 1)
      expect([folds.count, folds.byGroup]).toEqual([wanted, true])
      const foldOf = new Map<number, Set<number>>()
      for (const [row, own] of group.entries())
        foldOf.set(own, (foldOf.get(own) ?? new Set()).add(folds.of[row]!))
      expect([...foldOf.values()].filter(({ size }) => size > 1)).toEqual([])
      const sizes = sizesOf(folds)
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(200)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    }
  })

  test('one huge group leaves the others to the other folds', () => {
    const sizes = sizesOf(makeFolds([...new Array<number>(50).fill(7), 1, 2, 3, 4, 5, 6], 3, 1))
    expect(sizes.toSorted((a, b) => a - b)).toEqual([3, 3, 50])
  })

  test('depends on seed and groups alone, not on how groups are numbered', () => {
    expect(makeFolds(group, 5, 1)).toEqual(makeFolds(group, 5, 1))
    expect(makeFolds(group, 5, 2).of).not.toEqual(makeFolds(group, 5, 1).of)
    expect(
      makeFolds(
        group.map((own) => 1_000_000 - own),
        5,
        1,
      ),
    ).toEqual(makeFolds(group, 5, 1))
  })

  test('deals rows singly where there are fewer groups than folds, and makes no empty fold', () => {
    const rows = makeFolds(new Int32Array(11), 5, 1)
    expect([rows.byGroup, sizesOf(rows).toSorted()]).toEqual([false, [2, 2, 2, 2, 3]])
    const few = makeFolds([1, 1, 1], 5, 1)
    expect([few.count, [...few.of].toSorted(), few.byGroup]).toEqual([3, [0, 1, 2], false])
  })
})

test('out of fold is the mean over the members that have not seen the row', () => {
  const folds: Folds = { count: 2, of: Int32Array.of(0, 1, 1), byGroup: true }
  // Members 0 and 2 have not seen fold 0, member 1 has not seen fold 1.
  const predicted = Float32Array.of(0.1, 9, 9, 9, 0.2, 0.3, 0.5, 9, 9)
  expect([...outOfFold(predicted, 3, folds)]).toEqual([0.3, 0.2, 0.3].map(Math.fround))
})

test('what a head says of unseen rows is its first column: out of fold, and the mean of its members', () => {
  const folds: Folds = { count: 2, of: Int32Array.of(0, 1), byGroup: true }
  // Two members, two rows, two columns.
  const train = Float32Array.of(0.1, 9, 0.2, 9, 0.3, 9, 0.4, 9)
  const validation = Float32Array.of(0.25, 9, 0.5, 9, 0.75, 9, 0.5, 9)
  const unseen = unseenScores({ train, validation }, { members: 2, columns: 2 }, folds)
  expect(unseen).toEqual({ train: Float32Array.of(0.1, 0.4), validation: Float32Array.of(0.5, 0.5) })
})

describe.each(['regression', 'interaction'] as const)('%s', (name) => {
  /** Trains two epochs of four steps: too few for early stopping to choose between them. */
  async function train(folds: Folds, labels: Float32Array): Promise<HeadResult> {
    const { options } = createTestTraining(name, 0.3, { rows: 64 })
    const validation = createTestTraining(name, 0, { rows: 20 }).options
    return trainHead({
      name,
      loss: losses.mse,
      size: options.size,
      labelColumns: 1,
      train: { inputs: options.inputs, labels, weight: new Float32Array(64).fill(1) },
      validation: {
        inputs: validation.inputs,
        labels: validation.labels,
        weight: new Float32Array(20).fill(1),
      },
      folds,
      schedule: {
        seed: 5,
        learningRate: 0.01,
        weightDecay: 0.01,
        dropout: 0.3,
        batchSize: 16,
        bootstrap: true,
        maximumEpochs: 2,
        patience: 5,
        minimumDelta: 0,
      },
      backend: { name: 'cpu', gpuFolder: '', threads: 1 },
      signal: new AbortController().signal,
      onEpoch: () => undefined,
      onProgress: () => undefined,
      checkpoints: null,
      resume: null,
    })
  }

  const memberOf = ({ parameters, size }: HeadResult, member: number): Float32Array[] =>
    [...parameters.values()].map((values) => {
      const length = values.length / size.members
      return values.subarray(member * length, (member + 1) * length)
    })

  test('the labels of a fold do not reach the member that says of it', async () => {
    const { labels, inputs } = createTestTraining(name, 0.3, { rows: 64 }).options
    const rows = Int32Array.from({ length: 64 }, (_, row) => row >> 1)
    const folds = makeFolds(rows, 3, 1)
    const plain = await train(folds, labels)
    const changed = await train(
      folds,
      labels.map((label, row) => (folds.of[row] === 0 ? 1 - label : label)),
    )
    expect([plain.curves.bestEpoch, changed.curves.bestEpoch]).toEqual([2, 2])
    expect(memberOf(changed, 0)).toEqual(memberOf(plain, 0))
    for (const member of [1, 2]) expect(memberOf(changed, member)).not.toEqual(memberOf(plain, member))

    const said = (result: HeadResult): Float32Array => outOfFold(result.train, 3, folds)
    const own = (values: Float32Array): Float32Array => values.filter((_, row) => folds.of[row] === 0)
    expect(own(said(changed))).toEqual(own(said(plain)))
    expect(said(changed)).not.toEqual(said(plain))
    expect(inputs.pairs.premise.length / inputs.pairs.dimension).toBe(64)
  })
})
