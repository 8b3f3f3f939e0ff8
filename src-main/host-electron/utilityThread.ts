import { EventEmitter } from 'node:events'
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'

// For the tests: makes a thread of Node look like a utility process of Electron, then runs a program in it.

/** Node's ports give a listener the message itself, Electron's an event that holds it. */
export function wrapPort(port: MessagePort): EventEmitter {
  const wrapped = new EventEmitter()
  port.on('message', (data: unknown) => wrapped.emit('message', { data, ports: [] }))
  port.on('close', () => wrapped.emit('close'))
  return Object.assign(wrapped, {
    postMessage: (message: unknown) => port.postMessage(message),
    // Listening has started it already; nothing comes before the next turn.
    start: () => undefined,
    close: () => port.close(),
  })
}

/** Ends the thread between two of its turns: ended from outside within SQLite, it would take the whole process with it. */
export const endWord = 'end'

interface Sent {
  readonly data: unknown
  readonly ports: readonly MessagePort[]
}

if (parentPort !== null) {
  const thread = parentPort
  const control = {
    on(_: 'message', listener: (message: { data: unknown; ports: EventEmitter[] }) => void) {
      thread.on('message', (sent: Sent | typeof endWord) => {
        if (sent !== endWord) listener({ data: sent.data, ports: sent.ports.map(wrapPort) })
      })
    },
    postMessage: (message: unknown) => thread.postMessage(message),
  }
  thread.on('message', (sent: unknown) => {
    if (sent === endWord) process.exit(1)
  })
  Object.assign(process, { parentPort: control })
  await import((workerData as { program: string }).program)
}
