import type { Port } from '#shared/rpc/port.ts'
import { createUtilityPort, type UtilityPort } from './utilityPort.ts'

/** The part of Electron's utility process that a worker uses; Electron's own types belong to its host. */
interface UtilityParentPort {
  on(event: 'message', listener: (message: { data: unknown; ports: readonly UtilityPort[] }) => void): void
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
  // Ctrl+C in a terminal reaches every process; whoever started this one decides what it means for it.
  process.on('SIGINT', () => undefined)
  const utility = (process as { parentPort?: UtilityParentPort }).parentPort
  if (utility === undefined) {
    process.once('disconnect', () => process.exit(0))
    return fromProcess()
  }
  return new Promise((resolve) => {
    utility.on('message', ({ ports: [port] }) => {
      if (port === undefined) return
      port.on('close', () => process.exit(0))
      resolve(createUtilityPort(port))
    })
  })
}
