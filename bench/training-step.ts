import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { pooledWidth } from '../src-main/learning/features/pooled.ts'
import { heads } from '../src-main/learning/heads/registry.ts'
import { losses } from '../src-main/learning/losses/registry.ts'
import { createOnnxTrainer } from '../src-main/learning/runtime/onnxTrainer.ts'
import { syntheticRows } from '../src-main/learning/testRows.ts'
import { createMaskPool, initialParameters, maskStarts } from '../src-main/learning/training/initial.ts'
import { planEpoch } from '../src-main/learning/training/plan.ts'

const python = '/usr/bin/python3'
const batch = 64
const stepsAtOnce = 40
const repeats = 9

/** Runs a batch of steps; returns milliseconds per step. */
interface Contestant {
  steps(): Promise<number>
  close(): Promise<void>
}

/** Our graph, one member. The features of embeddings of 256 are 1025 wide, one more than PyTorch is given. */
async function ours(): Promise<Contestant> {
  const rows = syntheticRows(batch * stepsAtOnce, 256, 1)
  const size = { members: 1, featureWidth: pooledWidth(256), hiddenWidth: 512 }
  const trainer = await createOnnxTrainer(
    {
      head: heads.regression,
      loss: losses.mse,
      size,
      batch,
      pairs: rows,
      target: rows.target,
      memberWeight: rows.weight,
      featureMean: new Float32Array(size.featureWidth),
      featureScale: new Float32Array(size.featureWidth).fill(16),
      maskPool: createMaskPool(batch * size.hiddenWidth, 0.1, 1),
      initial: initialParameters(heads.regression, size, 1),
    },
    { provider: 'cpu', threads: 1 },
  )
  const plan = { seed: 1, batchSize: batch, learningRate: 1e-4, weightDecay: 0.01, maximumEpochs: 1000 }
  let epoch = 0
  return {
    async steps() {
      const steps = planEpoch({ ...plan, rows: rows.target.length, maskStarts }, ++epoch)
      const start = performance.now()
      await trainer.train(steps)
      return (performance.now() - start) / steps.count
    },
    close: () => trainer.dispose(),
  }
}

const pythonProgram = `
import sys, time, torch
torch.set_num_threads(1)
torch.manual_seed(1)
net = torch.nn.Sequential(torch.nn.Linear(1024, 512), torch.nn.LayerNorm(512), torch.nn.GELU(), torch.nn.Dropout(0.1), torch.nn.Linear(512, 1), torch.nn.Sigmoid())
optimiser = torch.optim.Adam(net.parameters(), lr=1e-4)
rows, targets = torch.randn(${batch * stepsAtOnce}, 1024), torch.rand(${batch * stepsAtOnce}, 1)
maps = [line.split()[-1] for line in open('/proc/self/maps') if 'blas' in line.rsplit('/', 1)[-1]]
print('PyTorch', torch.__version__ + ',', max(maps, key=len).rsplit('/', 1)[-1] if maps else 'its own BLAS', flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    for at in range(0, len(rows), ${batch}):
        loss = torch.nn.functional.mse_loss(net(rows[at:at + ${batch}]), targets[at:at + ${batch}])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    print((time.perf_counter() - start) * 1000 / ${stepsAtOnce}, flush=True)
`

/** PyTorch in a process of its own, or the reason why there is none. */
async function pytorch(): Promise<(Contestant & { version: string }) | string> {
  if (!existsSync(python)) return `${python} is not installed`
  const threads = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' }
  const child = spawn(python, ['-c', pythonProgram], {
    env: { ...process.env, ...threads },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const version = await lines.next()
  if (version.done === true) return 'python3-torch is not installed'
  return {
    version: version.value,
    async steps() {
      child.stdin.write('steps\n')
      const answer = await lines.next()
      if (answer.done === true) throw new Error('PyTorch ended early')
      return Number(answer.value)
    },
    close() {
      child.stdin.end()
      return Promise.resolve()
    },
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
  const torch = await pytorch()
  const times: { gradus: number[]; torch: number[] } = { gradus: [], torch: [] }
  try {
    await gradus.steps()
    if (typeof torch !== 'string') await torch.steps()
    // One after the other in turn, so that whatever else the machine does meets both.
    for (let repeat = 0; repeat < repeats; repeat++) {
      times.gradus.push(await gradus.steps())
      if (typeof torch !== 'string') times.torch.push(await torch.steps())
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
    console.log(`target training-step-vs-pytorch skipped: ${torch}`)
    return
  }
  print(torch.version, times.torch)
  const ratio = quantile(times.gradus, 0.5) / quantile(times.torch, 0.5)
  console.log(
    `target training-step-vs-pytorch ${ratio.toFixed(2)} wanted <=1.00 ${ratio <= 1 ? 'ok' : 'short'}`,
  )
}

if (import.meta.main) await run()
