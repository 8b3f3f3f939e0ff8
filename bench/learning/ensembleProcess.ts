import { z } from 'zod'
import { trainingConfiguration } from '../../src-shared/domain/run.ts'
import { pooledWidth } from '../../src-main/learning/features/pooled.ts'
import { heads } from '../../src-main/learning/heads/registry.ts'
import { losses } from '../../src-main/learning/losses/registry.ts'
import { createTrainerOn } from '../../src-main/learning/runtime/createTrainer.ts'
import { syntheticRows } from '../../src-main/learning/testRows.ts'
import {
  createMaskPool,
  initialParameters,
  maskStarts,
  memberWeights,
} from '../../src-main/learning/training/initial.ts'
import { maskLayout } from '../../src-main/learning/training/masks.ts'
import { batchSizes, planEpoch } from '../../src-main/learning/training/plan.ts'

// Forked by ensemble.ts, so that its memory is that of the training alone. Trains the default regression heads on
// random rows: `ensembleProcess.ts ROWS DIMENSION THREADS`. Says when it is ready, then answers each number of epochs with the
// seconds they took and the most memory it has held so far.

const seed = 42
const [rows, dimension, threads] = process.argv.slice(2).map(Number)
if (rows === undefined || dimension === undefined || threads === undefined)
  throw new Error('Usage: ensembleProcess.ts ROWS DIMENSION THREADS')
const configuration = trainingConfiguration.parse({})
const { ensembleSize: members, hiddenWidth, batchSize, dropout, maximumEpochs } = configuration
const head = heads.regression
const size = { members, dimension, hiddenWidth, columns: 1, frozenWidth: 0 }
const { batch } = batchSizes(rows, batchSize)
const pairs = syntheticRows(rows, dimension, seed)
const width = pooledWidth(dimension)
const trainer = await createTrainerOn(
  {
    head,
    loss: losses.mse,
    size,
    batch,
    inputs: {
      pairs,
      standardisation: { mean: new Float32Array(width), scale: new Float32Array(width).fill(16) },
      frozen: null,
    },
    labels: pairs.target,
    labelColumns: 1,
    memberWeight: memberWeights(pairs.weight, members, { seed, bootstrap: true, folds: null }),
    maskPool: createMaskPool(maskLayout(head, size, batch).length, seed),
    dropout: Array.from({ length: members }, () => dropout),
    initial: initialParameters(head, size, seed),
  },
  { name: 'cpu', gpuFolder: '', threads },
)
const plan = {
  seed,
  batchSize,
  rows,
  rates: Array.from({ length: members }, () => configuration),
  maximumEpochs,
  maskStarts,
  lengths: null,
}
let epoch = 0
process.on('message', (message) => {
  void (async (epochs: number) => {
    const started = performance.now()
    for (const end = epoch + epochs; epoch < end;) await trainer.train(planEpoch(plan, ++epoch))
    const seconds = (performance.now() - started) / 1000
    process.send?.({ seconds, megabytes: process.resourceUsage().maxRSS / 1024 })
  })(z.number().parse(message))
})
process.send?.('ready')
