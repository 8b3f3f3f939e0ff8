import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Port } from '#shared/rpc/port.ts'
import type { StartWorker, WorkerExit, WorkerName } from './worker.ts'

const sources: Record<WorkerName, string> = {
  encode: '../encoder/encode.worker.ts',
  train: '../learning/train.worker.ts',
}

/** Where a worker's program lies: beside the built program, or among the sources when those run as they are. */
export function workerFile(name: WorkerName, programFolder: URL): string {
  return fileURLToPath(
    import.meta.url.endsWith('.ts')
      ? new URL(sources[name], import.meta.url)
      : new URL(`${name}.worker.js`, programFolder),
  )
}

/**
 * Starts workers as child processes of Node: for the web host and the command line.
 * @param programFolder the folder of the built entries, with a slash at its end.
 */
export function createForkWorker(programFolder: URL): StartWorker {
  return (name) => {
    const child = fork(workerFile(name, programFolder), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const exited = new Promise<WorkerExit>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }))
      // A process that could not be started emits no exit.
      child.once('error', () => {
        if (child.pid === undefined) resolve({ code: null, signal: null })
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
}
