import { GradusError } from '#shared/contract/errors.ts'
import { createClient, type Client } from '#shared/rpc/client.ts'
import type { Contract } from '#shared/rpc/contract.ts'
import type { StartWorker, WorkerExit, WorkerName } from './worker.ts'

/** How long a process may take to leave by itself, in milliseconds: after a cancel, and after it has hung up. */
const usualGraceAfterCancel = 500
const graceAfterHangUp = 1000

function describeExit(exit: WorkerExit): string {
  switch (exit.how) {
    case 'exited':
      return `ended by itself with code ${exit.code}`
    case 'killed':
      return `was ended by ${exit.signal}`
    case 'not-started':
      return `could not be started: ${exit.reason}`
  }
}

/**
 * Starts a worker process, lets `use` talk to it, and ends the process whatever happens.
 * @throws GradusError `worker-died` where the process goes away before `use` is done (killed, crashed, out of memory),
 *   `cancelled` where the signal is aborted and the worker has stopped or has been ended after its grace,
 *   and whatever the worker answers.
 */
export async function runInWorker<C extends Contract, Result>(
  options: {
    startWorker: StartWorker
    name: WorkerName
    title: string
    contract: C
    signal: AbortSignal
    /** The worker's command line, see `StartWorker`. */
    words?: readonly string[]
    /** Milliseconds after a cancel in which it may put away what it has; half a second where it is not said. */
    graceAfterCancel?: number
  },
  use: (client: Client<C>) => Promise<Result>,
): Promise<Result> {
  const { signal, title, graceAfterCancel = usualGraceAfterCancel } = options
  if (signal.aborted) throw new GradusError('cancelled', 'Cancelled.')
  const worker = options.startWorker(options.name, options.words)
  const client = createClient(options.contract, worker.port)

  let endSoon: NodeJS.Timeout | undefined
  let markCancelled: (error: GradusError) => void = () => undefined
  const cancelled = new Promise<never>((_, reject) => (markCancelled = reject))
  const cancel = (): void => {
    endSoon = setTimeout(() => markCancelled(new GradusError('cancelled', 'Cancelled.')), graceAfterCancel)
  }
  signal.addEventListener('abort', cancel, { once: true })

  const died = worker.exited.then((exit): never => {
    if (signal.aborted) throw new GradusError('cancelled', 'Cancelled.')
    throw new GradusError(
      'worker-died',
      `The ${title} process ${describeExit(exit)}. The project is as it was before; start it again.`,
      { ...exit },
    )
  })
  const done = use(client).catch(async (thrown: unknown): Promise<Result> => {
    // A lost connection is the death of the process: its exit tells more.
    if (!(thrown instanceof GradusError && thrown.code === 'disconnected')) throw thrown
    const hangUp = setTimeout(() => worker.kill(), graceAfterHangUp)
    return await died.finally(() => clearTimeout(hangUp))
  })
  try {
    return await Promise.race([done, died, cancelled])
  } finally {
    clearTimeout(endSoon)
    signal.removeEventListener('abort', cancel)
    // Whoever lost the race has nobody left to tell.
    died.catch(() => undefined)
    done.catch(() => undefined)
    cancelled.catch(() => undefined)
    client.close()
    worker.kill()
  }
}
