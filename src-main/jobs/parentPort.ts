import type { Port } from '#shared/rpc/port.ts'

/** The part of Electron's utility process that a worker uses; Electron's own types belong to its host. */
interface UtilityParentPort {
  on(event: 'message', listener: (message: { data: unknown; ports: readonly UtilityPort[] }) => void): void
}
interface UtilityPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: { data: unknown }) => void): void
  on(event: 'close', listener: () => void): void
  start(): void
  close(): void
}

function fromUtilityPort(port: UtilityPort): Port {
  return {
    post: (message) => port.postMessage(message),
    onMessage(listener) {
      port.on('message', (message) => listener(message.data))
      port.start()
    },
    onClose: (listener) => port.on('close', listener),
    close: () => port.close(),
  }
}

function fromProcess(): Port {
  return {
    post(message) {
      // Whoever has hung up is told nothing more; this process is about to end then.
      if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
    },
    onMessage: (listener) => void process.on('message', listener),
    onClose: (listener) => void process.once('disconnect', listener),
    close() {
      if (process.connected) process.disconnect()
    },
  }
}

/**
 * The port to whoever started this process: Node's channel to the parent, or the port that Electron's main hands over
 * as the first message. The process ends when the other side goes away.
 */
export async function parentPort(): Promise<Port> {
  const utility = (process as { parentPort?: UtilityParentPort }).parentPort
  if (utility === undefined) {
    process.once('disconnect', () => process.exit(0))
    return fromProcess()
  }
  return new Promise((resolve) => {
    utility.on('message', ({ ports: [port] }) => {
      if (port === undefined) return
      port.on('close', () => process.exit(0))
      resolve(fromUtilityPort(port))
    })
  })
}
