import { GradusError, toErrorShape } from '../contract/errors.ts'
import type { Contract, EventName, EventOf, InputOf, MethodName, OutputOf } from './contract.ts'
import { frame, type Frame } from './frames.ts'
import type { Port } from './port.ts'

export interface Client<C extends Contract> {
  /** Calls a method. Rejects with a GradusError; `disconnected` when the port closes before the answer. */
  call<Name extends MethodName<C>>(
    name: Name,
    input: InputOf<C, Name>,
    options?: { signal?: AbortSignal },
  ): Promise<OutputOf<C, Name>>
  /** Listens to an event until the returned function is called. */
  on<Name extends EventName<C>>(name: Name, listener: (payload: EventOf<C, Name>) => void): () => void
  /** Resolves when the other side has gone away. */
  readonly closed: Promise<void>
  close(): void
}

interface Pending {
  resolve(output: unknown): void
  reject(error: Error): void
}

/** The calling side of `contract` over `port`. Outputs and event payloads are parsed on arrival. */
export function createClient<C extends Contract>(contract: C, port: Port): Client<C> {
  const pending = new Map<number, Pending>()
  const listeners = new Map<string, Set<(payload: unknown) => void>>()
  let lastId = 0
  let isClosed = false
  let markClosed: () => void = () => undefined
  const closed = new Promise<void>((resolve) => (markClosed = resolve))
  const post = (message: Frame): void => port.post(message)

  port.onMessage((message) => {
    const received = frame.parse(message)
    switch (received.kind) {
      case 'result':
        pending.get(received.id)?.resolve(received.output)
        pending.delete(received.id)
        break
      case 'failure': {
        const { code, message: text, details } = received.error
        pending.get(received.id)?.reject(new GradusError(code, text, details))
        pending.delete(received.id)
        break
      }
      case 'event': {
        const payload = contract.events[received.event]?.parse(received.payload)
        for (const listener of listeners.get(received.event) ?? []) listener(payload)
        break
      }
      case 'call':
      case 'cancel':
      case 'subscribe':
      case 'unsubscribe':
        throw new Error(`A client cannot serve a ${received.kind} frame`)
    }
  })
  port.onClose(() => {
    isClosed = true
    for (const call of pending.values())
      call.reject(new GradusError('disconnected', 'The connection to the program was lost.'))
    pending.clear()
    markClosed()
  })

  return {
    call(name, input, options) {
      if (isClosed)
        return Promise.reject(new GradusError('disconnected', 'The connection to the program was lost.'))
      const id = ++lastId
      return new Promise((resolve, reject) => {
        const signal = options?.signal
        const cancel = (): void => post({ kind: 'cancel', id })
        if (signal?.aborted === true) {
          reject(new GradusError('cancelled', 'Cancelled.'))
          return
        }
        signal?.addEventListener('abort', cancel, { once: true })
        const settle = (): void => signal?.removeEventListener('abort', cancel)
        pending.set(id, {
          resolve(output) {
            settle()
            const parsed = contract.methods[name]?.output.safeParse(output)
            if (parsed?.success === true) resolve(parsed.data as OutputOf<C, typeof name>)
            else reject(new GradusError('unexpected', toErrorShape(parsed?.error).message))
          },
          reject(error) {
            settle()
            reject(error)
          },
        })
        post({ kind: 'call', id, method: name, input })
      })
    },
    on(name, listener) {
      const known = listeners.get(name) ?? new Set()
      if (known.size === 0) post({ kind: 'subscribe', event: name })
      const wrapped = (payload: unknown): void => listener(payload as EventOf<C, typeof name>)
      known.add(wrapped)
      listeners.set(name, known)
      return () => {
        known.delete(wrapped)
        if (known.size === 0 && !isClosed) post({ kind: 'unsubscribe', event: name })
      }
    },
    closed,
    close: () => port.close(),
  }
}
