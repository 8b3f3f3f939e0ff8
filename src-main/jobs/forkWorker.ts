import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Port } from '#shared/rpc/port.ts'
import type { StartWorker, Worker, WorkerExit, WorkerName } from './worker.ts'

const sources: Record<WorkerName, string> = {
  encode: '../encoder/encode.worker.ts',
  train: '../learning/train.worker.ts',
  probe: '../learning/runtime/probe.worker.ts',
  agreement: '../agreement/agreement.worker.ts',
  replay: '../learning/replay/replay.worker.ts',
}

/** Where a worker's program lies: beside the built program, or among the sources when those run as they are. */
export function workerFile(name: WorkerName, programFolder: URL): string {
  return fileURLToPath(
    import.meta.url.endsWith('.ts')
      ? new URL(sources[name], import.meta.url)
      : new URL(`${name}.worker.js`, programFolder),
  )
}

/** Runs a file of JavaScript or TypeScript as a worker process. */
export function forkFile(file: string, words: readonly string[] = []): Worker {
  const child = fork(file, words, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const exited = new Promise<WorkerExit>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(signal === null ? { how: 'exited', code: code ?? 0 } : { how: 'killed', signal })
    })
    child.on('error', (error) => {
      // A process that could not be started emits no exit; other errors come before one.
      if (child.pid === undefined) resolve({ how: 'not-started', reason: error.message })
    })
  })
  const port: Port = {
    post(message) {
      // A message to a process that is gone is told by `exited`.
      if (child.connected) child.send(message as object, () => undefined)
    },
    onMessage: (listener) => void child.on('message', listener),
    onClose: (listener) => void child.once('disconnect', listener),
    close() {
      if (child.connected) child.disconnect()
    },
  }
  return { port, exited, kill: () => void child.kill('SIGKILL') }
}

/**
 * Starts workers as child processes of Node: for the web host and the command line.
 * @param programFolder the folder of the built entries, with a slash at its end.
 */
export function createForkWorker(programFolder: URL): StartWorker {
  return (name, words) => forkFile(workerFile(name, programFolder), words)
}
