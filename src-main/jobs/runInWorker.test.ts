import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { GradusError, toErrorShape } from '#shared/contract/errors.ts'
import type { Client } from '#shared/rpc/client.ts'
import { forkFile } from './forkWorker.ts'
import { runInWorker } from './runInWorker.ts'
import { testContract } from './testContract.ts'
import type { Worker, WorkerExit } from './worker.ts'

const file = fileURLToPath(new URL('testWorker.ts', import.meta.url))

/** Runs `use` in a worker of its own and says how both ended. */
async function run<Result>(
  use: (client: Client<typeof testContract>, controller: AbortController) => Promise<Result>,
  start: () => Worker = () => forkFile(file),
): Promise<{ outcome: unknown; exit: WorkerExit | undefined }> {
  const controller = new AbortController()
  let worker: Worker | undefined
  const outcome: unknown = await runInWorker(
    {
      startWorker: () => (worker = start()),
      name: 'train',
      title: 'test',
      contract: testContract,
      signal: controller.signal,
    },
    (client) => use(client, controller),
  ).catch(toErrorShape)
  return { outcome, exit: await worker?.exited }
}

const died = (how: string, details: Record<string, unknown>) => ({
  code: 'worker-died',
  message: `The test process ${how}. The project is as it was before; start it again.`,
  details,
})
const byUs: WorkerExit = { how: 'killed', signal: 'SIGKILL' }

describe('runInWorker', () => {
  it('gives the answer, with typed arrays as they are, and ends the process', async () => {
    const values = new Float32Array([1.5, 2])
    expect(await run((client) => client.call('double', { values }))).toEqual({
      outcome: { values: new Float32Array([3, 4]) },
      exit: byUs,
    })
  })

  it('names the signal that killed the process in the middle of a call', async () => {
    const ended = await run(async (client) => {
      const { processId } = await client.call('processId', {})
      const spinning = client.call('spin', {})
      process.kill(processId, 'SIGKILL')
      return await spinning
    })
    expect(ended).toEqual({
      outcome: died('was ended by SIGKILL', { how: 'killed', signal: 'SIGKILL' }),
      exit: byUs,
    })
  })

  it('names the code with which the process left', async () => {
    const exit = { how: 'exited', code: 7 }
    expect(await run((client) => client.call('leave', { code: 7 }))).toEqual({
      outcome: died('ended by itself with code 7', exit),
      exit,
    })
  })

  it('ends a process that has hung up and stays', async () => {
    const ended = await run(async (client) => {
      await Promise.allSettled([client.call('hangUp', {})])
      return await client.call('processId', {})
    })
    expect(ended).toEqual({ outcome: died('was ended by SIGKILL', byUs), exit: byUs })
  })

  it('says why a process could not be started', async () => {
    const [port] = [forkFile(file)].map((worker) => {
      worker.kill()
      return worker.port
    })
    const exit: WorkerExit = { how: 'not-started', reason: 'spawn EAGAIN' }
    const ended = await run(
      (client) => client.call('processId', {}),
      () => ({ port: port!, exited: Promise.resolve(exit), kill: () => undefined }),
    )
    expect(ended).toEqual({ outcome: died('could not be started: spawn EAGAIN', { ...exit }), exit })
  })

  it('lets a worker that listens stop by itself', async () => {
    const ended = await run(async (client, controller) => {
      await client.call('processId', {})
      const waiting = client.call('waitPolitely', {}, { signal: controller.signal })
      controller.abort()
      return await waiting
    })
    expect(ended).toEqual({ outcome: { code: 'cancelled', message: 'Stopped politely.' }, exit: byUs })
  })

  it('ends a worker that does not listen', async () => {
    const ended = await run(async (client, controller) => {
      await client.call('processId', {})
      const spinning = client.call('spin', {}, { signal: controller.signal })
      controller.abort()
      return await spinning
    })
    expect(ended).toEqual({ outcome: { code: 'cancelled', message: 'Cancelled.' }, exit: byUs })
  })

  it('starts no process for work that was cancelled before', async () => {
    let started = 0
    const controller = new AbortController()
    controller.abort()
    const startWorker = (): Worker => {
      started++
      return forkFile(file)
    }
    const refused = await runInWorker(
      { startWorker, name: 'train', title: 'test', contract: testContract, signal: controller.signal },
      (client) => client.call('processId', {}),
    ).catch(toErrorShape)
    expect({ refused, started }).toEqual({
      refused: { code: 'cancelled', message: 'Cancelled.' },
      started: 0,
    })
  })

  it('passes on what the caller throws', async () => {
    const ended = await run(() => Promise.reject(new GradusError('disk-full', 'The disk is full.')))
    expect(ended).toEqual({ outcome: { code: 'disk-full', message: 'The disk is full.' }, exit: byUs })
  })
})

describe('forkFile', () => {
  it('tells a process that could not be started', async () => {
    const { execPath } = process
    process.execPath = '/nowhere/node'
    try {
      expect(await forkFile(file).exited).toEqual({
        how: 'not-started',
        reason: 'spawn /nowhere/node ENOENT',
      })
    } finally {
      process.execPath = execPath
    }
  })
})
