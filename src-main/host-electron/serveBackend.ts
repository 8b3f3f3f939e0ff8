import { once } from 'node:events'
import type { ParentPort } from 'electron'
import { toErrorShape } from '#shared/contract/errors.ts'
import { createBackend } from '../backend.ts'
import { exitOnFatal } from '../exitOnFatal.ts'
import { createUtilityPort } from '../jobs/utilityPort.ts'
import { openAtStart } from '../openAtStart.ts'
import { toBackend, type FromBackend } from './control.ts'
import { createRemoteWorkers } from './remoteWorkers.ts'

/** How long windows that are closing may take to hand over what they still said, in milliseconds. */
const lastWords = 1000

/**
 * Serves the backend inside Electron's utility process: windows over the ports that main hands over, everything else
 * over `control`.
 * @param exit ends the process.
 */
export function serveBackend(control: ParentPort, exit: () => void): void {
  const post = (message: FromBackend): void => control.postMessage(message)
  const workers = createRemoteWorkers(post)
  const backend = createBackend({ host: 'electron', startWorker: workers.startWorker, offerDownload: null })
  exitOnFatal((thrown, where) => backend.context.log(thrown, where))
  const windows = new Set<Promise<unknown>>()
  let opened: Promise<unknown> = Promise.resolve()

  const open = async (project: string | null): Promise<void> => {
    try {
      await openAtStart(backend, project ?? undefined)
    } catch (thrown) {
      const error = toErrorShape(thrown)
      if (error.code === 'unexpected') backend.context.log(thrown, 'opening a project')
      post({ kind: 'open-failed', error })
    }
  }
  const close = async (): Promise<void> => {
    // A window's last message may come after main's: its port closes behind it.
    const timeout = new Promise((resolve) => setTimeout(resolve, lastWords).unref())
    await Promise.race([Promise.all(windows), timeout])
    await backend.close()
    post({ kind: 'closed' })
    exit()
  }

  control.on('message', ({ data, ports: [port] }) => {
    const message = toBackend.parse(data)
    switch (message.kind) {
      case 'open':
        opened = opened.then(() => open(message.project))
        break
      case 'connect': {
        if (port === undefined) throw new Error('A window came without its port')
        windows.add(once(port, 'close'))
        void opened.then(() => backend.connect(createUtilityPort(port)))
        break
      }
      case 'allow':
        post({ kind: 'allowed', id: message.id, token: backend.context.files.allow(message.path) })
        break
      case 'worker':
        if (port === undefined) throw new Error('A worker came without its port')
        workers.started(message.id, port)
        break
      case 'worker-ended':
        workers.ended(message.id, message.exit)
        break
      case 'close':
        void close()
    }
  })
}
