/** Anything that can carry structured-clone messages both ways: a MessagePort, a child process, a WebSocket with a codec. */
export interface Port {
  post(message: unknown): void
  /** One listener at a time; messages that come before it is set are the transport's to keep. */
  onMessage(listener: (message: unknown) => void): void
  onClose(listener: () => void): void
  close(): void
}

/** Two ports joined in memory, for tests and for a client in the same process. Delivery is asynchronous and ordered. */
export function createPortPair(): [Port, Port] {
  const ends = [0, 1].map(() => ({
    message: (_: unknown): void => undefined,
    close: (): void => undefined,
    queue: [] as unknown[],
    listening: false,
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
          if (other.listening) other.message(copy)
          else other.queue.push(copy)
        })
      },
      onMessage(listener) {
        self.message = listener
        self.listening = true
        for (const message of self.queue.splice(0)) listener(message)
      },
      onClose(listener) {
        self.close = listener
      },
      close() {
        if (!open) return
        open = false
        queueMicrotask(() => ends.forEach((end) => end.close()))
      },
    }
  }
  return [make(0), make(1)]
}
