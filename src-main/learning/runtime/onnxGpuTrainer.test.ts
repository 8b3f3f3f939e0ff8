import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { createForkWorker } from '../../jobs/forkWorker.ts'
import { runInWorker } from '../../jobs/runInWorker.ts'
import { trainInput } from '../testTrainInput.ts'
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
    maxBuffer: 2 ** 26,
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
  'webgpu gives the losses, scores, weights and states of cpu: regression with dropout and without, a step of interaction',
  () => {
    const [gpu, cpu] = [numbersOf('webgpu'), numbersOf('cpu')]
    expect(gpu).toHaveLength(cpu.length)
    // Regression, over two calls and over one: losses, scores of 320 rows, weights of three members
    // (33 features, 16 units) after each call, and the state, which holds them thrice.
    const regression = 3 * (33 * 16 + 4 * 16 + 1)
    // Interaction: 8 features, 12 units; see the head for its layers.
    const interaction = 3 * (9 * 12 + 4 * 13 * 12 + 2 * (48 * 12 + 12) + 4 * 12 + 13)
    expect(cpu).toHaveLength(3 * 30 + 2 * 3 * 320 + 9 * regression + 3 + 3 * 78 + 4 * interaction)
    const apart = cpu.map((value, index) => Math.abs(value - (gpu[index] ?? NaN)))
    expect(Math.max(...apart)).toBeLessThan(1e-5)
  },
)

test.skipIf(!existsSync(swiftshader))('the training process trains on it, and reports it', async () => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  const signal = new AbortController().signal
  const { train: rows } = trainInput()
  const oneRater = { ...rows, ratings: rows.ratings.map(() => 1) }
  const train = (name: 'webgpu' | 'cpu') =>
    runInWorker(
      {
        startWorker: createForkWorker(new URL('./', import.meta.url)),
        name: 'train',
        title: 'training',
        contract: trainContract,
        signal,
      },
      (client) =>
        client.call('train', {
          ...trainInput({ maximumEpochs: 2, interaction: false }, { train: oneRater, holdout: null }),
          classes: [],
          backend: { name, gpuFolder: '' },
        }),
    )
  const [gpu, cpu] = [await train('webgpu'), await train('cpu')].map(({ report: { curves, backend } }) => ({
    losses: curves.flatMap(({ head, epochs }) =>
      epochs.map(({ trainingLoss }) => [head, trainingLoss] as const),
    ),
    backend,
  }))
  vi.unstubAllEnvs()
  expect(gpu?.backend).toEqual({ name: 'ONNX Runtime webgpu', threads: 1 })
  expect(cpu?.losses.map(([head]) => head)).toEqual(
    ['regression', 'abstention'].flatMap((head) => [head, head]),
  )
  const apart =
    cpu?.losses.map(([, loss], index) => Math.abs((gpu?.losses[index]?.[1] ?? NaN) / loss - 1)) ?? []
  expect(Math.max(...apart)).toBeLessThan(1e-4)
})
