import type { Port } from '#shared/rpc/port.ts'
import type { StartWorker, WorkerExit } from '../jobs/worker.ts'
import { createUtilityPort, type UtilityPort } from '../jobs/utilityPort.ts'
import type { FromBackend } from './control.ts'

/** Worker processes that Electron's main starts for the backend, which cannot start any itself. */
export interface RemoteWorkers {
  readonly startWorker: StartWorker
  /** A worker that was asked for has started: its port. */
  started(id: number, port: UtilityPort): void
  ended(id: number, exit: WorkerExit): void
}

interface Started {
  attach(port: Port): void
  ended(exit: WorkerExit): void
}

/** A port that can be used before the real one has come. */
function createLatePort(): { port: Port; attach: (real: Port) => void } {
  const waiting: ((real: Port) => void)[] = []
  let attached: Port | null = null
  const use = (perform: (real: Port) => void): void => {
    if (attached === null) waiting.push(perform)
    else perform(attached)
  }
  return {
    port: {
      post: (message) => use((real) => real.post(message)),
      onMessage: (listener) => use((real) => real.onMessage(listener)),
      onClose: (listener) => use((real) => real.onClose(listener)),
      close: () => use((real) => real.close()),
    },
    attach(real) {
      attached = real
      for (const perform of waiting.splice(0)) perform(real)
    },
  }
}

/** @param post sends to Electron's main. */
export function createRemoteWorkers(post: (message: FromBackend) => void): RemoteWorkers {
  const workers = new Map<number, Started>()
  let lastId = 0
  return {
    startWorker(name, words = []) {
      const id = ++lastId
      const { port, attach } = createLatePort()
      const exited = new Promise<WorkerExit>((resolve) => workers.set(id, { attach, ended: resolve }))
      post({ kind: 'start-worker', id, name, words: [...words] })
      return { port, exited, kill: () => post({ kind: 'kill-worker', id }) }
    },
    started: (id, port) => workers.get(id)?.attach(createUtilityPort(port)),
    ended(id, exit) {
      workers.get(id)?.ended(exit)
      workers.delete(id)
    },
  }
}
