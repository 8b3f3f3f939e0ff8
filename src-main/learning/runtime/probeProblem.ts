import { trainingConfiguration } from '#shared/domain/run.ts'
import { pooledWidth } from '../features/pooled.ts'
import { heads } from '../heads/registry.ts'
import { losses } from '../losses/registry.ts'
import { createRandom } from '../random.ts'
import { createMaskPool, initialParameters, maskStarts, memberWeights } from '../training/initial.ts'
import { maskLayout } from '../training/masks.ts'
import { planEpoch, type Steps } from '../training/plan.ts'
import type { TrainerOptions } from '../training/trainer.ts'
import type { EmbeddedPairs } from '../trainContract.ts'

/** Everything drawn by chance in a probe comes from this seed. */
const seed = 20_261

interface ProblemSize {
  readonly rows: number
  readonly dimension: number
  readonly members: number
  readonly hiddenWidth: number
  readonly batch: number
}

/** A training that is the same on every machine. */
export interface ProbeProblem {
  readonly options: TrainerOptions
  readonly steps: Steps
}

/** Ten steps of three small heads with dropout, whose losses `expectedLosses` holds. */
export function fixedProblem(): ProbeProblem {
  return createProblem({ rows: 320, dimension: 8, members: 3, hiddenWidth: 16, batch: 32 })
}

/** The default heads on vectors of the built-in encoder's width, to be timed. */
export function realisticProblem(): ProbeProblem {
  const { ensembleSize: members, hiddenWidth, batchSize: batch } = trainingConfiguration.parse({})
  return createProblem({ rows: 16 * batch, dimension: 384, members, hiddenWidth, batch })
}

function createProblem({ rows, dimension, members, hiddenWidth, batch }: ProblemSize): ProbeProblem {
  const head = heads.regression
  const size = { members, dimension, hiddenWidth, columns: 1, frozenWidth: 0 }
  const width = pooledWidth(dimension)
  const { pairs, target } = drawRows(rows, dimension)
  const maskLength = maskLayout(head, size, batch).length
  const plan = {
    seed,
    rows,
    batchSize: batch,
    rates: Array.from({ length: members }, () => ({ learningRate: 0.01, weightDecay: 0.1 })),
    maximumEpochs: 5,
    maskStarts,
    lengths: null,
  }
  return {
    options: {
      head,
      loss: losses.mse,
      size,
      batch,
      inputs: {
        pairs,
        standardisation: {
          mean: new Float32Array(width).fill(0.01),
          scale: new Float32Array(width).fill(3),
        },
        frozen: null,
      },
      labels: target,
      labelColumns: 1,
      memberWeight: memberWeights(new Float32Array(rows).fill(1), members, {
        seed,
        bootstrap: true,
        folds: null,
      }),
      maskPool: createMaskPool(maskLength, seed),
      dropout: Array.from({ length: members }, () => 0.3),
      initial: initialParameters(head, size, seed),
    },
    steps: planEpoch(plan, 1),
  }
}

/** Pairs of random unit vectors, with a target that their first numbers decide. */
function drawRows(rows: number, dimension: number): { pairs: EmbeddedPairs; target: Float32Array } {
  const random = createRandom(seed, 'probe')
  const side = (): Float32Array => {
    const values = Float32Array.from({ length: rows * dimension }, () => random.uniform() - 0.5)
    for (let row = 0; row < rows; row++) {
      const own = values.subarray(row * dimension, (row + 1) * dimension)
      const length = Math.hypot(...own)
      own.forEach((value, index) => (own[index] = value / length))
    }
    return values
  }
  const [premise, hypothesis] = [side(), side()]
  const target = Float32Array.from({ length: rows }, (_, row) => {
    const product = (premise[row * dimension] ?? 0) * (hypothesis[row * dimension] ?? 0)
    return Math.min(1, Math.max(0, 0.5 + 2 * product))
  })
  return { pairs: { dimension, premise, hypothesis, tokens: null }, target }
}
