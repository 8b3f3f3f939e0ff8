import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { GradusError, toErrorShape } from '#shared/contract/errors.ts'
import type { BackendChoice, Rung } from '#shared/domain/backend.ts'
import type { WorkerName } from '../../jobs/worker.ts'
import { describeMachine } from '../../learning/runtime/presence.ts'
import type { ServiceContext } from '../context.ts'
import { createTestContext, testCall, type TestContext } from '../testing/testContext.ts'
import { createBackendHandlers } from './backends.ts'
import { gpuFolder, noteBackendFailure, resolveBackend } from './currentLadder.ts'
import { openLadderFile } from './ladderFile.ts'

const root = mkdtempSync(join(tmpdir(), 'gradus-backends-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let folders = 0
let tested: TestContext
let context: ServiceContext
let started: WorkerName[]
beforeEach(() => {
  tested = createTestContext(join(root, String(++folders)))
  started = []
  context = {
    ...tested.context,
    startWorker(name, words) {
      started.push(name)
      return tested.context.startWorker(name, words)
    },
  }
})
afterEach(() => tested.close())

const handlers = () => createBackendHandlers(context)
const resolve = (wanted?: BackendChoice): Promise<string> =>
  resolveBackend(context, wanted, testCall.signal, () => undefined).catch(
    (thrown: unknown) => toErrorShape(thrown).message,
  )

/** Puts a package that cannot be loaded where `gpu:install` puts it, behind a driver that is there on no machine. */
function installBroken(): void {
  const folder = join(gpuFolder(context), 'node_modules/@tensorflow/tfjs-node-gpu')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "version": "4.22.0", "main": "index.js" }')
  writeFileSync(join(folder, 'index.js'), "throw new Error('no library')")
}

test('before the first probe cpu is in use, and the job of a probe finds that out', async () => {
  const before = await handlers()['backends.list']({}, testCall)
  expect(before).toMatchObject({ probedAt: null, choice: 'automatic', inUse: 'cpu' })
  expect(before.rungs.map(({ name }) => name)).toEqual(['tfjs-node-gpu', 'cuda', 'webgpu', 'cpu'])
  expect(before.rungs.at(-1)).toMatchObject({ verdict: 'unknown', millisecondsPerStep: null })

  const { jobId } = await handlers()['backends.probe']({}, testCall)
  await expect(handlers()['backends.probe']({}, testCall)).rejects.toThrow('Another probe is running')
  expect((await context.jobs.ended(jobId)).outcome).toEqual({ status: 'finished' })
  const after = await handlers()['backends.list']({}, testCall)
  expect(after.rungs.at(-1)).toMatchObject({ verdict: 'fit' })
  expect(after.probedAt).not.toBeNull()
  expect(after.rungs.at(-1)?.millisecondsPerStep).toBeGreaterThan(0)
  expect(tested.logged).toEqual([])
})

test('a first training on a machine that can have cpu only starts no probe', async ({ skip }) => {
  const { rungs } = await handlers()['backends.list']({}, testCall)
  const others = rungs.filter(({ name, verdict }) => name !== 'cpu' && verdict !== 'absent')
  skip(others.length > 0, `this machine may have ${others.map(({ name }) => name).join(', ')}`)
  expect([await resolve(), await resolve('cpu'), started]).toEqual(['cpu', 'cpu', []])
})

test('what is asked for by name and does not work is refused with its reason, whoever asks', async () => {
  const absent =
    'TensorFlow cuda (tfjs-node-gpu) cannot train here: It is not installed: "npm run gpu:install" does that. Choose automatic or cpu.'
  expect(await resolve('tfjs-node-gpu')).toBe(absent)
  expect(() => handlers()['backends.choose']({ choice: 'tfjs-node-gpu' }, testCall)).toThrow(absent)
  expect(await handlers()['backends.choose']({ choice: 'cpu' }, testCall)).toMatchObject({
    choice: 'cpu',
    inUse: 'cpu',
  })
  installBroken()
  const refused = await resolve('tfjs-node-gpu')
  // Without the driver it is not even tried.
  expect(refused).toMatch(/cannot train here: (There is no NVIDIA driver on this machine|no library)\./)
})

test('a back end with which a training process died is left out until the next probe', async () => {
  const machine = describeMachine({ gpuFolder: gpuFolder(context) }, context.version)
  const fit = (name: Rung['name']): Rung => ({
    name,
    verdict: 'fit',
    reason: 'Right.',
    millisecondsPerStep: 3,
  })
  const at = '2026-11-25T04:00:00.000Z'
  const rungs = [fit('cuda'), fit('webgpu'), fit('cpu')]
  openLadderFile(context.folders.data, () => undefined).keep(machine, { at, rungs })
  expect(await resolve()).toBe('cuda')

  const cancelled = new GradusError('cancelled', 'Cancelled.')
  const died = new GradusError('worker-died', 'The training process was ended by SIGSEGV.')
  expect([
    noteBackendFailure(context, 'cuda', cancelled),
    await resolve(),
    noteBackendFailure(context, 'cpu', died),
    await resolve(),
  ]).toEqual([cancelled, 'cuda', died, 'cuda'])
  expect(noteBackendFailure(context, 'cuda', died)).toMatchObject({
    code: 'worker-died',
    message: expect.stringMatching(/SIGSEGV\. It ran on ONNX Runtime cuda, which is left out/) as string,
  })
  expect(await resolve()).toBe('webgpu')
  expect((await handlers()['backends.list']({}, testCall)).rungs[0]).toMatchObject({ verdict: 'failed' })
})

test('a choice in Settings holds for trainings that name nothing', async () => {
  await handlers()['backends.choose']({ choice: 'cpu' }, testCall)
  expect([await resolve(), await resolve('automatic')]).toEqual(['cpu', 'cpu'])
})
