import { readonly, shallowRef, type ShallowRef } from 'vue'
import { contract, type AppContract } from '#shared/contract/index.ts'
import { GradusError } from '#shared/contract/errors.ts'
import { createClient, type Client } from '#shared/rpc/client.ts'
import type { EventName, EventOf, InputOf, MethodName, OutputOf } from '#shared/rpc/contract.ts'
import type { Port } from '#shared/rpc/port.ts'

export type ConnectionState = 'connecting' | 'open' | 'lost'

const state = shallowRef<ConnectionState>('connecting')
/** Whether the backend answers. Views need not look: the frame of the window says when it does not. */
export const connectionState: Readonly<ShallowRef<ConnectionState>> = readonly(state)

/** Makes one subscription at a client, and gives what ends it. */
type Attach = (to: Client<AppContract>) => () => void
const subscriptions = new Map<Attach, () => void>()
let client: Client<AppContract> | null = null
let opener: (() => Promise<Port>) | null = null

/** Opens the connection; every listener made with `on` is subscribed anew. Never rejects: see `connectionState`. */
export async function connect(openPort: () => Promise<Port>): Promise<void> {
  opener = openPort
  state.value = 'connecting'
  try {
    const fresh = createClient(contract, await openPort())
    client = fresh
    for (const attach of subscriptions.keys()) subscriptions.set(attach, attach(fresh))
    state.value = 'open'
    void fresh.closed.then(() => {
      if (client === fresh) state.value = 'lost'
    })
  } catch (thrown) {
    state.value = 'lost'
    if (!(thrown instanceof GradusError)) console.error(thrown)
  }
}

/** Tries the same host again after the connection was lost. */
export async function reconnect(): Promise<void> {
  if (opener !== null && state.value === 'lost') await connect(opener)
}

/** Calls a method of the backend. Rejects with a GradusError. */
export function call<Name extends MethodName<AppContract>>(
  name: Name,
  input: InputOf<AppContract, Name>,
  options?: { signal?: AbortSignal },
): Promise<OutputOf<AppContract, Name>> {
  if (client === null)
    return Promise.reject(new GradusError('disconnected', "The program's backend is not connected yet."))
  return client.call(name, input, options)
}

/** Listens to an event of the backend, over reconnections, until the returned function is called. */
export function on<Name extends EventName<AppContract>>(
  name: Name,
  listener: (payload: EventOf<AppContract, Name>) => void,
): () => void {
  const attach: Attach = (to) => to.on(name, listener)
  subscriptions.set(attach, client === null ? () => undefined : attach(client))
  return () => {
    subscriptions.get(attach)?.()
    subscriptions.delete(attach)
  }
}
