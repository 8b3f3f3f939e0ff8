import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { trainingConfiguration } from '#shared/domain/run.ts'
import { createForkWorker } from '../../jobs/forkWorker.ts'
import { runInWorker } from '../../jobs/runInWorker.ts'
import { builtEntries } from '../../programRoot.ts'
import { syntheticRows } from '../testRows.ts'
import { trainContract } from '../trainContract.ts'

const swiftshader = '/usr/lib/chromium/vk_swiftshader_icd.json'
if (!existsSync(swiftshader))
  console.log(`The webgpu trainer is not tested: there is no ${swiftshader} (Debian's chromium has it).`)

const environment = { VK_ICD_FILENAMES: swiftshader, LD_LIBRARY_PATH: '/usr/lib/chromium' }
const program = fileURLToPath(new URL('testGpuTrainer.ts', import.meta.url))

/** All numbers that a training on a back end gives, in order. */
function numbersOf(backend: 'webgpu' | 'cpu'): number[] {
  const printed = execFileSync(process.execPath, [program, backend], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  })
  const numbers: number[] = []
  JSON.parse(printed, (_, value: unknown) => {
    if (typeof value === 'number') numbers.push(value)
    return value
  })
  return numbers
}

test.skipIf(!existsSync(swiftshader))(
  'webgpu gives the losses, scores and weights of cpu, with dropout and without, over several calls',
  () => {
    const [gpu, cpu] = [numbersOf('webgpu'), numbersOf('cpu')]
    expect(gpu).toHaveLength(cpu.length)
    // Losses, scores, and the weights twice: of three members, 33 features, 16 units.
    expect(cpu).toHaveLength(2 * (60 + 960 + 2 * 3 * (33 * 16 + 4 * 16 + 1)))
    const apart = cpu.map((value, index) => Math.abs(value - (gpu[index] ?? NaN)))
    expect(Math.max(...apart)).toBeLessThan(1e-5)
  },
)

test.skipIf(!existsSync(swiftshader))('the training process trains on it, and reports it', async () => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  const signal = new AbortController().signal
  const train = (name: 'webgpu' | 'cpu') =>
    runInWorker(
      {
        startWorker: createForkWorker(builtEntries),
        name: 'train',
        title: 'training',
        contract: trainContract,
        signal,
      },
      (client) =>
        client.call('train', {
          configuration: trainingConfiguration.parse({
            ensembleSize: 3,
            hiddenWidth: 16,
            learningRate: 0.01,
            maximumEpochs: 3,
          }),
          train: syntheticRows(200, 8, 1),
          validation: syntheticRows(60, 8, 2),
          holdout: null,
          threads: 1,
          backend: { name, gpuFolder: '' },
        }),
    )
  const [gpu, cpu] = [await train('webgpu'), await train('cpu')].map(({ epochs, backend }) => ({
    losses: epochs.map(({ trainingLoss }) => trainingLoss),
    backend,
  }))
  vi.unstubAllEnvs()
  expect(gpu?.backend).toEqual({ name: 'ONNX Runtime webgpu', threads: 1 })
  const apart = cpu?.losses.map((loss, index) => Math.abs((gpu?.losses[index] ?? NaN) / loss - 1)) ?? []
  expect(apart).toHaveLength(3)
  expect(Math.max(...apart)).toBeLessThan(1e-4)
})
