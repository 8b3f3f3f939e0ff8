import type { Port } from '#shared/rpc/port.ts'

/** The part of Electron's MessagePortMain that is used; Electron's own types belong to its host. */
export interface UtilityPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: { data: unknown }) => void): void
  on(event: 'close', listener: () => void): void
  start(): void
  close(): void
}

/** A port over Electron's MessagePortMain, whose messages wait until somebody listens. */
export function createUtilityPort(port: UtilityPort): Port {
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
