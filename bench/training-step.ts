import { pooledWidth } from '../src-main/learning/features/pooled.ts'
import { heads } from '../src-main/learning/heads/registry.ts'
import { losses } from '../src-main/learning/losses/registry.ts'
import { createOnnxTrainer } from '../src-main/learning/runtime/onnxTrainer.ts'
import { syntheticRows } from '../src-main/learning/testRows.ts'
import { createMaskPool, initialParameters, maskStarts } from '../src-main/learning/training/initial.ts'
import { maskLayout } from '../src-main/learning/training/masks.ts'
import { planEpoch } from '../src-main/learning/training/plan.ts'
import { startPeer } from './support/peer.ts'
import { skipped, target } from './support/targets.ts'

const batch = 64
const stepsAtOnce = 40
const repeats = 9

/** Our trainer, ready. */
interface Contestant {
  /** Makes `stepsAtOnce` steps; returns milliseconds per step. */
  steps(): Promise<number>
  close(): Promise<void>
}

/** Our graph, one member. The features of embeddings of 256 are 1025 wide, one more than PyTorch is given. */
async function ours(): Promise<Contestant> {
  const dimension = 256
  const dropout = 0.1
  const rows = syntheticRows(batch * stepsAtOnce, dimension, 1)
  const head = heads.regression
  const size = { members: 1, dimension, hiddenWidth: 512, columns: 1, frozenWidth: 0 }
  const width = pooledWidth(dimension)
  const trainer = await createOnnxTrainer(
    {
      head,
      loss: losses.mse,
      size,
      batch,
      inputs: {
        pairs: rows,
        standardisation: { mean: new Float32Array(width), scale: new Float32Array(width).fill(16) },
        frozen: null,
      },
      labels: rows.target,
      labelColumns: 1,
      memberWeight: rows.weight,
      maskPool: createMaskPool(maskLayout(head, size, batch).length, 1),
      dropout: [dropout],
      initial: initialParameters(head, size, 1),
    },
    { provider: 'cpu', threads: 1 },
  )
  const plan = {
    seed: 1,
    batchSize: batch,
    rates: [{ learningRate: 1e-4, weightDecay: 0.01 }],
    maximumEpochs: 1000,
    rows: rows.target.length,
    maskStarts,
    lengths: null,
  }
  let epoch = 0
  return {
    async steps() {
      const steps = planEpoch(plan, ++epoch)
      const start = performance.now()
      await trainer.train(steps)
      return (performance.now() - start) / steps.count
    },
    close: () => trainer.dispose(),
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.round(share * (sorted.length - 1))] ?? NaN
}

function print(name: string, times: readonly number[]): void {
  const columns = [0.5, 0, 1].map((share) => quantile(times, share).toFixed(2).padStart(10))
  console.log(`${name.padEnd(44)}${columns.join('')}`)
}

/** Times one training step of Linear(1024→512)+LayerNorm+GELU+Dropout→Linear(512→1), batch 64, one thread each. */
export async function run(): Promise<void> {
  const gradus = await ours()
  const torch = await startPeer('training_step.py', 1, [String(batch), String(stepsAtOnce)])
  const times: { gradus: number[]; torch: number[] } = { gradus: [], torch: [] }
  try {
    await gradus.steps()
    if (typeof torch !== 'string') await torch.ask('steps')
    // One after the other in turn, so that whatever else the machine does meets both.
    for (let repeat = 0; repeat < repeats; repeat++) {
      times.gradus.push(await gradus.steps())
      if (typeof torch !== 'string') times.torch.push(...(await torch.ask('steps')))
    }
  } finally {
    await gradus.close()
    if (typeof torch !== 'string') await torch.close()
  }
  console.log(
    `${'ms a step, 1 thread'.padEnd(44)}${'median'.padStart(10)}${'least'.padStart(10)}${'most'.padStart(10)}`,
  )
  print('Gradus (clips, decays, builds features, too)', times.gradus)
  if (typeof torch === 'string') {
    skipped('training-step-vs-pytorch', torch)
    return
  }
  print(torch.version, times.torch)
  const ratio = quantile(times.gradus, 0.5) / quantile(times.torch, 0.5)
  target('training-step-vs-pytorch', ratio, '<=', 1, 2)
}

if (import.meta.main) await run()
