import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import type { BackendName, Rung } from '#shared/domain/backend.ts'
import { createForkWorker, forkFile } from '../../jobs/forkWorker.ts'
import type { WorkerExit } from '../../jobs/worker.ts'
import { climb, firstFit, judge, probeRung, type LadderOptions, type ProbeOutcome } from './ladder.ts'
import { expectedLosses } from './probeTrajectory.ts'

const root = mkdtempSync(join(tmpdir(), 'gradus-ladder-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Options whose probes run the program itself. */
function options(change: Partial<LadderOptions> = {}): LadderOptions {
  return {
    startWorker: createForkWorker(pathToFileURL(`${root}/`)),
    machine: { gpuFolder: join(root, 'gpu') },
    threads: 1,
    signal: new AbortController().signal,
    ...change,
  }
}

const ran = (
  millisecondsPerStep: number,
  losses: readonly (number | null)[] = expectedLosses,
): ProbeOutcome => ({
  kind: 'ran',
  losses: [...losses],
  millisecondsPerStep,
  threads: 2,
})
const verdicts = (rungs: readonly Rung[]): Partial<Record<BackendName, string>> =>
  Object.fromEntries(rungs.map(({ name, verdict }) => [name, verdict]))

describe('a rung is used', () => {
  test('where it is right and faster than cpu, the first of the ladder before a faster one below', () => {
    const rungs = judge(
      new Map([
        ['cpu', ran(10)],
        ['webgpu', ran(2)],
        ['cuda', ran(4)],
      ] as const),
    )
    expect(
      rungs.map(({ name, verdict, millisecondsPerStep }) => [name, verdict, millisecondsPerStep]),
    ).toEqual([
      ['tfjs-node-gpu', 'unknown', null],
      ['cuda', 'fit', 4],
      ['webgpu', 'fit', 2],
      ['cpu', 'fit', 10],
    ])
    expect(firstFit(rungs)).toBe('cuda')
    expect(rungs[1]?.reason).toBe('Right, and 2.5 times as fast as cpu.')
    expect(rungs[3]?.reason).toBe('It is always there; 2 threads were fastest.')
  })

  test('not where it is slower or just as fast, wrong, or fails: then it is cpu', () => {
    const wrong = expectedLosses.map((loss, index) => (index === 29 ? loss * 1.006 : loss))
    const rungs = judge(
      new Map<BackendName, ProbeOutcome>([
        ['cpu', ran(10)],
        ['webgpu', ran(10)],
        ['cuda', ran(1, wrong)],
        ['tfjs-node-gpu', { kind: 'failed', reason: 'Its process was ended by SIGSEGV.' }],
      ]),
    )
    expect(verdicts(rungs)).toEqual({
      'tfjs-node-gpu': 'failed',
      cuda: 'wrong',
      webgpu: 'slower',
      cpu: 'fit',
    })
    expect(firstFit(rungs)).toBe('cpu')
    expect(rungs.map(({ reason }) => reason).slice(0, 3)).toEqual([
      'Its process was ended by SIGSEGV.',
      'Wrong numbers: loss 30 is 0.02501 instead of 0.02486.',
      'Right, but slower than cpu (1.0 times the time).',
    ])
  })

  test('with losses as far off as the tensor cores of NVIDIA round them', () => {
    const rounded = expectedLosses.map((loss, index) => loss * (1 + (index % 2 === 0 ? 1 : -1) * 2 ** -10))
    expect(
      verdicts(
        judge(
          new Map([
            ['cpu', ran(10)],
            ['cuda', ran(1, rounded)],
          ] as const),
        ),
      ).cuda,
    ).toBe('fit')
  })

  test.each([
    ['too few losses', expectedLosses.slice(1), 'It gave 29 losses instead of 30.'],
    [
      'what is no number',
      [null, ...expectedLosses.slice(1)],
      'Wrong numbers: loss 1 is no number instead of 0.09377.',
    ],
  ])('not with %s', (_, losses, reason) => {
    expect(judge(new Map([['webgpu', ran(1, losses)]] as const))[2]).toMatchObject({
      verdict: 'wrong',
      reason,
    })
  })
})

describe('a probe', () => {
  const file = fileURLToPath(new URL('testProbeWorkers.ts', import.meta.url))
  const exits: Promise<WorkerExit>[] = []
  const ending = (way: string): LadderOptions =>
    options({
      startWorker: () => {
        const worker = forkFile(file, [way])
        exits.push(worker.exited)
        return worker
      },
    })

  test.each([
    ['leave', 'Its process ended with code 3.'],
    ['abort', 'Its process was ended by SIGABRT.'],
  ])('whose process ends (%s) says how', async (way, reason) => {
    expect(await probeRung('webgpu', ending(way))).toEqual({ kind: 'failed', reason })
  })

  test('that hangs is ended after its time', async () => {
    const outcome = await probeRung('webgpu', ending('hang'), 1500)
    expect(outcome).toEqual({ kind: 'failed', reason: 'It gave no answer within 1.5 s.' })
    expect(await exits.at(-1)).toEqual({ how: 'killed', signal: 'SIGKILL' })
  })

  test('is ended by a cancel', async () => {
    const controller = new AbortController()
    const probing = probeRung('webgpu', { ...ending('hang'), signal: controller.signal })
    setTimeout(() => controller.abort(), 300)
    await expect(probing).rejects.toMatchObject({ code: 'cancelled' })
    expect(await exits.at(-1)).toEqual({ how: 'killed', signal: 'SIGKILL' })
  })

  test.each([
    ['wrong', 'loss 10 is'],
    ['not-a-number', 'loss 5 is no number'],
  ])('that gives %s numbers is told by them', async (way, told) => {
    const rung = judge(new Map([['webgpu', await probeRung('webgpu', ending(way))]] as const))[2]
    expect(rung).toMatchObject({ verdict: 'wrong', reason: expect.stringContaining(told) as string })
  })
})

describe('on this machine', () => {
  afterEach(() => vi.unstubAllEnvs())

  test('cpu is right, and what is not there is told at once', async () => {
    const probed: [BackendName, number][] = []
    const machine = { gpuFolder: join(root, 'nothing'), root: join(root, 'no-devices') }
    const rungs = await climb(options({ machine, onRung: (name, share) => void probed.push([name, share]) }))
    expect(verdicts(rungs)).toEqual({
      'tfjs-node-gpu': 'absent',
      cuda: 'absent',
      webgpu: 'absent',
      cpu: 'fit',
    })
    expect([probed, firstFit(rungs)]).toEqual([[['cpu', 0]], 'cpu'])
  })

  test('a library that cannot be loaded is a failed rung with the reason', async () => {
    const gpuFolder = join(root, 'broken')
    const folder = join(gpuFolder, 'node_modules/@tensorflow/tfjs-node-gpu')
    mkdirSync(folder, { recursive: true })
    writeFileSync(
      join(folder, 'index.js'),
      "throw new Error('libcudart.so.11.0: cannot open shared object file')",
    )
    const outcome = await probeRung('tfjs-node-gpu', options({ machine: { gpuFolder } }))
    expect(outcome).toEqual({ kind: 'failed', reason: 'libcudart.so.11.0: cannot open shared object file.' })
  })

  test('TensorFlow from the folder of gpu:install trains, with what Node took from it put back', async () => {
    // In place of the package, which downloads its library at its install: TensorFlow.js on the CPU, with what the
    // package asks of Node when it is loaded.
    const gpuFolder = join(root, 'installed')
    const folder = join(gpuFolder, 'node_modules/@tensorflow/tfjs-node-gpu')
    mkdirSync(folder, { recursive: true })
    const tensorflow = createRequire(import.meta.url).resolve('@tensorflow/tfjs')
    writeFileSync(
      join(folder, 'index.js'),
      `const util = require('util')
       if (!util.isNullOrUndefined(null) || util.isNullOrUndefined(0) || !util.isArray([])) throw new Error('old Node')
       module.exports = require(${JSON.stringify(tensorflow)})
       module.exports.setBackend('cpu')`,
    )
    const outcome = await probeRung('tfjs-node-gpu', options({ machine: { gpuFolder } }))
    const rungs = judge(
      new Map([
        ['cpu', ran(0.01)],
        ['tfjs-node-gpu', outcome],
      ] as const),
    )
    expect(rungs[0]).toMatchObject({ verdict: 'slower', millisecondsPerStep: expect.any(Number) as number })
  })

  const swiftshader = '/usr/lib/chromium/vk_swiftshader_icd.json'
  if (!existsSync(swiftshader))
    console.log(
      `webgpu on a software device is not tested: there is no ${swiftshader} (Debian's chromium has it).`,
    )

  test.skipIf(!existsSync(swiftshader))(
    'webgpu trains right, here on a software device, and so slowly that cpu is used',
    async () => {
      vi.stubEnv('VK_ICD_FILENAMES', swiftshader)
      // The Vulkan loader lies beside it.
      vi.stubEnv('LD_LIBRARY_PATH', '/usr/lib/chromium')
      const outcome = await probeRung('webgpu', options(), 200_000)
      expect(outcome).toMatchObject({ kind: 'ran' })
      const rungs = judge(
        new Map([
          ['cpu', ran(30)],
          ['webgpu', outcome],
        ] as const),
      )
      expect(verdicts(rungs)).toMatchObject({ webgpu: 'slower' })
      expect(firstFit(rungs)).toBe('cpu')
    },
    240_000,
  )

  test.skipIf(process.platform !== 'linux')(
    'webgpu without a driver is a failed rung with the reason',
    async () => {
      vi.stubEnv('VK_ICD_FILENAMES', join(root, 'no-driver.json'))
      expect(await probeRung('webgpu', options())).toEqual({
        kind: 'failed',
        reason: expect.stringMatching(/^Failed to get a WebGPU adapter.*\.$/) as string,
      })
    },
  )
})
