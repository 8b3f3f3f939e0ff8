import type { WebSocket } from 'ws'
import { decodeMessage, encodeMessage } from '#shared/rpc/codec.ts'
import type { Port } from '#shared/rpc/port.ts'

/** A port over an open WebSocket: one encoded frame in each binary message; anything else closes it. */
export function createWebSocketPort(socket: WebSocket): Port {
  return {
    post(message) {
      const bytes = encodeMessage(message)
      if (socket.readyState === socket.OPEN) socket.send(bytes)
    },
    onMessage(listener) {
      socket.on('message', (data, isBinary) => {
        if (!isBinary || !(data instanceof Buffer)) {
          socket.close(1003, 'Only binary messages are taken.')
          return
        }
        let message: unknown
        try {
          message = decodeMessage(data)
        } catch {
          // What cannot be decoded says nothing worth keeping: the other side is told and let go.
          socket.close(1007, 'The message cannot be decoded.')
          return
        }
        listener(message)
      })
    },
    onClose: (listener) => void socket.once('close', listener),
    close: () => socket.close(),
  }
}
