/** Anything that can carry structured-clone messages both ways: a MessagePort, a child process, a WebSocket with a codec. */
export interface Port {
  /** Sends a message; on a port that is closed it does nothing. */
  post(message: unknown): void
  /** One listener at a time; messages that come before it is set are the transport's to keep. */
  onMessage(listener: (message: unknown) => void): void
  /** Any number of listeners, each called once when the other side has gone or either side has closed. */
  onClose(listener: () => void): void
  close(): void
}

/** Two ports joined in memory, for tests and for a client in the same process. Delivery is asynchronous and ordered. */
export function createPortPair(): [Port, Port] {
  const ends = [0, 1].map(() => ({
    listener: null as ((message: unknown) => void) | null,
    closeListeners: [] as (() => void)[],
    queue: [] as unknown[],
  }))
  let open = true
  const make = (own: number): Port => {
    const self = ends[own]
    const other = ends[1 - own]
    if (self === undefined || other === undefined) throw new RangeError('A port pair has two ends')
    return {
      post(message) {
        if (!open) return
        const copy = structuredClone(message)
        queueMicrotask(() => {
          if (other.listener === null) other.queue.push(copy)
          else other.listener(copy)
        })
      },
      onMessage(listener) {
        self.listener = listener
        for (const message of self.queue.splice(0)) listener(message)
      },
      onClose(listener) {
        self.closeListeners.push(listener)
      },
      close() {
        if (!open) return
        open = false
        queueMicrotask(() => {
          for (const listener of ends.flatMap((end) => end.closeListeners)) listener()
        })
      },
    }
  }
  return [make(0), make(1)]
}
