import { Worker } from 'node:worker_threads'
import { GradusError } from '#shared/contract/errors.ts'
import { createClient } from '#shared/rpc/client.ts'
import { threadContract, type EncodedBatch, type ThreadData } from './threadContract.ts'
import { portToThread } from './threadPort.ts'
import type { BatchInputs } from './tokenizer.ts'

/** Runs one padded batch, row-major [rows × length]; with `tokens` it gives token vectors, too. */
export type Embed = (rows: number, inputs: BatchInputs, tokens: boolean) => Promise<EncodedBatch>

export interface ModelThreads {
  /** One function per thread; each wants one batch at a time. */
  readonly lanes: readonly Embed[]
  close(): void
}

/** Every thread holds the weights, about 100 MB; beyond these, threads share a run instead. */
const maximumLanes = 4

/**
 * Starts threads that each run the encoder on batches of their own: on a busy machine this is faster than one run
 * split over the processors, which waits for its slowest part.
 * @param program what the threads run; it calls `serveModel` where it finds itself to be a thread.
 * @param threads how many processors to use.
 */
export function startModelThreads(program: URL, modelPath: string, threads: number): ModelThreads {
  const count = Math.min(threads, maximumLanes)
  const workerData: ThreadData = { modelPath, processorThreads: Math.max(1, Math.floor(threads / count)) }
  const started = Array.from({ length: count }, () => {
    const thread = new Worker(program, { workerData })
    let cause: unknown
    thread.once('error', (thrown) => (cause = thrown))
    // An idle thread must not keep the process alive.
    thread.unref()
    const client = createClient(threadContract, portToThread(thread))
    const embed: Embed = async (rows, { ids, mask }, tokens) => {
      try {
        return await client.call('embed', { rows, ids, mask, tokens })
      } catch (thrown) {
        if (!(thrown instanceof GradusError) || thrown.code !== 'disconnected') throw thrown
        throw new GradusError(
          'worker-died',
          'A thread of the encoder ended unexpectedly: close other programs to free memory and start again.',
          undefined,
          cause,
        )
      }
    }
    return { embed, close: () => client.close() }
  })
  return {
    lanes: started.map(({ embed }) => embed),
    close: () => started.forEach(({ close }) => close()),
  }
}
