import { fileURLToPath } from 'node:url'
import { MessageChannelMain, utilityProcess, type MessagePortMain, type UtilityProcess } from 'electron'
import { GradusError, type ErrorShape } from '#shared/contract/errors.ts'
import { workerFile } from '../jobs/forkWorker.ts'
import { builtEntries } from '../programRoot.ts'
import { fromBackend, type FromBackend, type ToBackend } from './control.ts'

/** Keeps the backend process, which is started when it is first needed and again after it has gone. */
export interface BackendSupervisor {
  /** Opens a project; null for what a start opens. */
  open(project: string | null): void
  /** Hands the backend a window's port. */
  connect(port: MessagePortMain): void
  /** Makes a path that the user chose into a token. @throws GradusError `disconnected` where the backend goes. */
  allow(path: string): Promise<string>
  /** Ends the backend in good order; it is not started again. Resolves when its process has gone. */
  close(): Promise<void>
}

/** How long the backend may take to end what it does, in milliseconds. */
const longestClose = 15_000

type StartMessage = Extract<FromBackend, { kind: 'start-worker' }>

interface Running {
  readonly child: UtilityProcess
  readonly allowing: Map<number, { resolve(token: string): void; reject(error: Error): void }>
  readonly workers: Map<number, UtilityProcess>
  readonly gone: Promise<void>
}

function startWorker(running: Running, { id, name, words }: StartMessage): void {
  const post = (message: ToBackend, ports: MessagePortMain[] = []): void =>
    running.child.postMessage(message, ports)
  const worker = utilityProcess.fork(workerFile(name, builtEntries), words, {
    serviceName: `Gradus ${name}`,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  running.workers.set(id, worker)
  worker.once('exit', (code) => {
    running.workers.delete(id)
    post({ kind: 'worker-ended', id, exit: { how: 'exited', code } })
  })
  const { port1, port2 } = new MessageChannelMain()
  worker.postMessage({ kind: 'port' }, [port1])
  post({ kind: 'worker', id }, [port2])
}

/**
 * @param onGone is told how the backend ended where nobody asked it to.
 * @param onOpenFailed is told why a project could not be opened.
 */
export function superviseBackend(
  onGone: (reason: string) => void,
  onOpenFailed: (error: ErrorShape) => void,
): BackendSupervisor {
  let current: Running | null = null
  let lastId = 0
  let closing = false

  const listen = (running: Running, message: FromBackend): void => {
    switch (message.kind) {
      case 'open-failed':
        onOpenFailed(message.error)
        break
      case 'allowed':
        running.allowing.get(message.id)?.resolve(message.token)
        running.allowing.delete(message.id)
        break
      case 'start-worker':
        startWorker(running, message)
        break
      case 'kill-worker':
        running.workers.get(message.id)?.kill()
        break
      case 'closed':
        // Its process ends by itself now.
        break
    }
  }

  const start = (project: string | null): Running => {
    const child = utilityProcess.fork(fileURLToPath(new URL('electron-backend.js', builtEntries)), [], {
      serviceName: 'Gradus backend',
    })
    const gone = new Promise<void>((resolve) => {
      child.once('exit', (code) => {
        if (current?.child === child) current = null
        for (const waiting of running.allowing.values())
          waiting.reject(new GradusError('disconnected', 'The connection to the program was lost.'))
        for (const worker of running.workers.values()) worker.kill()
        if (!closing)
          onGone(
            `The program's backend ended unexpectedly (code ${code}). Every rating shown as stored is kept.`,
          )
        resolve()
      })
    })
    const running: Running = { child, allowing: new Map(), workers: new Map(), gone }
    child.on('message', (message: unknown) => listen(running, fromBackend.parse(message)))
    current = running
    child.postMessage({ kind: 'open', project } satisfies ToBackend)
    return running
  }
  const running = (): Running => current ?? start(null)

  return {
    open(project) {
      if (current === null) start(project)
      else current.child.postMessage({ kind: 'open', project } satisfies ToBackend)
    },
    connect: (port) => running().child.postMessage({ kind: 'connect' } satisfies ToBackend, [port]),
    allow(path) {
      const { child, allowing } = running()
      const id = ++lastId
      return new Promise((resolve, reject) => {
        allowing.set(id, { resolve, reject })
        child.postMessage({ kind: 'allow', id, path } satisfies ToBackend)
      })
    },
    async close() {
      closing = true
      if (current === null) return
      const { child, gone } = current
      child.postMessage({ kind: 'close' } satisfies ToBackend)
      const giveUp = setTimeout(() => child.kill(), longestClose)
      await gone
      clearTimeout(giveUp)
    },
  }
}
