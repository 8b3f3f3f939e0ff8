import { syntheticClasses, syntheticTokenRows } from '../testRows.ts'
import type { PairInputs } from '../features/pairInputs.ts'
import { pooledWidth } from '../features/pooled.ts'
import { heads, type HeadName } from '../heads/registry.ts'
import type { Loss } from '../losses/loss.ts'
import { losses } from '../losses/registry.ts'
import { createRandom } from '../random.ts'
import { createMaskPool, initialParameters, maskStarts, memberWeights } from './initial.ts'
import { maskLayout } from './masks.ts'
import { batchSizes, planEpoch, type Steps } from './plan.ts'
import { tokenCounts, type TrainerOptions } from './trainer.ts'

const dimension = 8
const members = 3
const hiddenWidth = 12
/** Width of random frozen features. */
const frozenWidth = 10
const seed = 7

/** A small training of a head, for tests of back ends: labels that suit what it predicts. */
export interface TestTraining {
  readonly options: TrainerOptions
  /** The steps of epoch `epoch`, from 1. */
  readonly steps: (epoch: number) => Steps
}

/** A training of `name` on `rows` synthetic rows in five steps an epoch, of which the last is not full. */
export function createTestTraining(
  name: HeadName,
  dropout: number,
  { loss = losses.mse, rows = 78 }: { loss?: Loss; rows?: number } = {},
): TestTraining {
  const head = heads[name]
  const columns = { score: loss.columns, deviation: 1, uncertain: 2, classes: syntheticClasses.length }[
    head.predicts
  ]
  const size = {
    members,
    dimension,
    hiddenWidth,
    columns,
    frozenWidth: head.needs.includes('frozen') ? frozenWidth : 0,
  }
  const pairs = syntheticTokenRows(rows, dimension, 1)
  const labels = {
    score: pairs.target,
    deviation: pairs.deviation,
    uncertain: Float32Array.from([...pairs.target].flatMap((target) => (target > 0.5 ? [1, 0] : [0, 1]))),
    classes: pairs.classes ?? new Float32Array(),
  }[head.predicts]
  const random = createRandom(seed, 'frozen')
  const inputs: PairInputs = {
    pairs,
    standardisation: {
      mean: new Float32Array(pooledWidth(dimension)).fill(0.01),
      scale: new Float32Array(pooledWidth(dimension)).fill(3),
    },
    frozen:
      size.frozenWidth === 0
        ? null
        : Float32Array.from(
            { length: members * rows * frozenWidth },
            (_, place) =>
              random.uniform() - 0.5 + (pairs.target[Math.floor(place / frozenWidth) % rows] ?? 0),
          ),
  }
  const { batch } = batchSizes(rows, 16)
  const rates = [0.01, 0.005, 0.02].map((learningRate) => ({ learningRate, weightDecay: 0.1 }))
  const plan = {
    seed,
    batchSize: 16,
    rates,
    maximumEpochs: 5,
    rows,
    maskStarts,
    lengths: head.needs.includes('tokens') ? tokenCounts(pairs) : null,
  }
  return {
    options: {
      head,
      loss: head.loss(loss),
      size,
      batch,
      inputs,
      labels,
      labelColumns: labels.length / rows,
      memberWeight: memberWeights(pairs.weight, members, { seed, bootstrap: true, folds: null }),
      maskPool: dropout > 0 ? createMaskPool(maskLayout(head, size, batch).length, seed) : null,
      // Members may drop different shares.
      dropout: [dropout, dropout / 2, dropout],
      initial: initialParameters(head, size, seed),
    },
    steps: (epoch) => planEpoch(plan, epoch),
  }
}
