import { GradusError, refusedInput, toErrorShape } from '../contract/errors.ts'
import type { Contract, EventName, EventOf, Handlers } from './contract.ts'
import { frame, type Frame } from './frames.ts'
import type { Port } from './port.ts'

/** The serving side of one connection. */
export interface Served<C extends Contract> {
  /** Sends an event if the other side has subscribed to it. */
  emit<Name extends EventName<C>>(name: Name, payload: EventOf<C, Name>): void
}

/**
 * Serves `handlers` over `port`. Every input is parsed before its handler sees it; every failure crosses as an ErrorShape.
 * @param log is given our own bugs (anything thrown that is neither a GradusError nor a refused input).
 */
export function serve<C extends Contract>(
  contract: C,
  port: Port,
  handlers: Handlers<C>,
  log: (thrown: unknown, method: string) => void,
): Served<C> {
  const running = new Map<number, AbortController>()
  const subscribed = new Set<string>()
  const post = (message: Frame): void => port.post(message)

  const answer = async (id: number, name: string, input: unknown): Promise<void> => {
    const controller = new AbortController()
    running.set(id, controller)
    try {
      const method = Object.hasOwn(contract.methods, name) ? contract.methods[name] : undefined
      if (method === undefined) throw new GradusError('bad-request', `There is no method ${name}.`)
      const handler = handlers[name as keyof Handlers<C>] as (
        input: unknown,
        context: { signal: AbortSignal },
      ) => unknown
      const parsed = method.input.safeParse(input)
      if (!parsed.success) throw refusedInput(parsed.error)
      const output = await handler(parsed.data, { signal: controller.signal })
      post({ kind: 'result', id, output })
    } catch (thrown) {
      const error = toErrorShape(thrown)
      if (error.code === 'unexpected') log(thrown, name)
      post({ kind: 'failure', id, error })
    } finally {
      running.delete(id)
    }
  }

  port.onMessage((message) => {
    const received = frame.safeParse(message)
    if (!received.success) {
      log(received.error, 'frame')
      return
    }
    switch (received.data.kind) {
      case 'call':
        void answer(received.data.id, received.data.method, received.data.input)
        break
      case 'cancel':
        running.get(received.data.id)?.abort()
        break
      case 'subscribe':
        subscribed.add(received.data.event)
        break
      case 'unsubscribe':
        subscribed.delete(received.data.event)
        break
      case 'result':
      case 'failure':
      case 'event':
        log(new Error(`A server cannot take a ${received.data.kind} frame`), 'frame')
    }
  })
  port.onClose(() => {
    subscribed.clear()
    for (const controller of running.values()) controller.abort()
  })

  return {
    emit(name, payload) {
      if (subscribed.has(name)) post({ kind: 'event', event: name, payload })
    },
  }
}
