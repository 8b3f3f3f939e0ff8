import { z } from 'zod'
import { GradusError } from '../contract/errors.ts'
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

function lostConnection(): GradusError {
  return new GradusError('disconnected', 'The connection to the program was lost.')
}

interface Pending {
  resolve(output: unknown): void
  reject(error: Error): void
}

/**
 * The calling side of `contract` over `port`. Outputs and event payloads are parsed on arrival; a message that is no
 * frame, or an event that does not fit the contract, ends the connection: what follows it could not be trusted.
 */
export function createClient<C extends Contract>(contract: C, port: Port): Client<C> {
  const pending = new Map<number, Pending>()
  const listeners = new Map<string, Set<(payload: unknown) => void>>()
  let lastId = 0
  let isClosed = false
  let markClosed: () => void = () => undefined
  const closed = new Promise<void>((resolve) => (markClosed = resolve))
  const post = (message: Frame): void => port.post(message)

  const end = (error: GradusError): void => {
    if (isClosed) return
    isClosed = true
    for (const call of pending.values()) call.reject(error)
    pending.clear()
    markClosed()
  }
  const refuse = (reason: string): void => {
    port.close()
    end(new GradusError('unexpected', `Unexpected: the other side broke the contract: ${reason}`))
  }

  port.onMessage((message) => {
    const received = frame.safeParse(message)
    if (!received.success) {
      refuse(z.prettifyError(received.error))
      return
    }
    const known = received.data
    switch (known.kind) {
      case 'result':
        pending.get(known.id)?.resolve(known.output)
        pending.delete(known.id)
        break
      case 'failure':
        pending
          .get(known.id)
          ?.reject(new GradusError(known.error.code, known.error.message, known.error.details))
        pending.delete(known.id)
        break
      case 'event': {
        const payload = contract.events[known.event]?.safeParse(known.payload)
        if (payload?.success !== true)
          refuse(
            `event ${known.event}: ${payload === undefined ? 'unknown' : z.prettifyError(payload.error)}`,
          )
        else for (const listener of listeners.get(known.event) ?? []) listener(payload.data)
        break
      }
      case 'call':
      case 'cancel':
      case 'subscribe':
      case 'unsubscribe':
        refuse(`a client cannot serve a ${known.kind} frame`)
    }
  })
  port.onClose(() => end(lostConnection()))

  return {
    call(name, input, options) {
      if (isClosed) return Promise.reject(lostConnection())
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
            else
              reject(
                new GradusError(
                  'unexpected',
                  `Unexpected: the answer to ${name} does not fit the contract` +
                    (parsed === undefined ? '' : `: ${z.prettifyError(parsed.error)}`),
                ),
              )
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
    close() {
      port.close()
      // Not every transport tells the side that closes.
      end(lostConnection())
    },
  }
}
