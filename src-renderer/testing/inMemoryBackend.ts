import { GradusError } from '#shared/contract/errors.ts'
import { contract, type AppContract } from '#shared/contract/index.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import { createPortPair } from '#shared/rpc/port.ts'
import { serve, type Served } from '#shared/rpc/server.ts'
import { connect } from '../client.ts'

/**
 * Serves `handlers` over the real protocol and connects the window's client to them.
 * A method without a handler fails as `bad-request`. Call it once a test file needs a backend, before mounting.
 */
export async function connectInMemory(
  handlers: Partial<Handlers<AppContract>>,
): Promise<Served<AppContract>> {
  const [windowEnd, backendEnd] = createPortPair()
  const all = new Proxy(handlers, {
    get: (target, name: string) =>
      target[name as keyof Handlers<AppContract>] ??
      (() => {
        throw new GradusError('bad-request', `This test serves no ${name}.`)
      }),
  })
  const served = serve(contract, backendEnd, all as Handlers<AppContract>, (thrown, where) => {
    throw new Error(`Unexpected failure in ${where}`, { cause: thrown })
  })
  await connect(() => Promise.resolve(windowEnd))
  return served
}
