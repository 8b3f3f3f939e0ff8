import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { GradusError } from '../contract/errors.ts'
import { createClient } from './client.ts'
import { method, type Handlers } from './contract.ts'
import { createPortPair } from './port.ts'
import { serve } from './server.ts'

const contract = {
  methods: {
    double: method(z.object({ value: z.number() }), z.object({ value: z.number() })),
    sum: method(z.object({ values: z.instanceof(Float32Array) }), z.object({ sum: z.number() })),
    wait: method(z.object({}), z.object({})),
    fail: method(z.object({ how: z.enum(['user', 'bug', 'zod']) }), z.object({})),
    lie: method(z.object({}), z.object({ text: z.string() })),
  },
  events: { tick: z.object({ count: z.number() }) },
} as const

function waitForAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new GradusError('cancelled', 'Cancelled.')), { once: true })
  })
}

const handlers: Handlers<typeof contract> = {
  double: ({ value }) => ({ value: value * 2 }),
  sum: ({ values }) => ({ sum: values.reduce((sum, value) => sum + value, 0) }),
  wait: (_, { signal }) => waitForAbort(signal),
  fail({ how }) {
    if (how === 'user') throw new GradusError('bad-file', 'Row 3 is broken.', { row: 3 })
    if (how === 'zod') z.string().parse(1)
    throw new TypeError('x is undefined')
  },
  lie: () => ({ text: 1 }) as never,
}

function connect() {
  const [near, far] = createPortPair()
  const logged: string[] = []
  const served = serve(contract, far, handlers, (_, where) => void logged.push(where))
  return { near, far, served, logged, client: createClient(contract, near) }
}

/** Lets every queued delivery happen. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

async function failure(promise: Promise<unknown>) {
  const thrown: unknown = await promise.then(
    () => 'no failure',
    (error: unknown) => error,
  )
  return thrown instanceof GradusError
    ? { code: thrown.code, message: thrown.message, details: thrown.details }
    : thrown
}

describe('calls', () => {
  it('answers many at once, each to its caller', async () => {
    const { client } = connect()
    const answers = await Promise.all([1, 2, 3].map((value) => client.call('double', { value })))
    expect(answers).toEqual([{ value: 2 }, { value: 4 }, { value: 6 }])
  })

  it('carries typed arrays', async () => {
    const { client } = connect()
    expect(await client.call('sum', { values: new Float32Array([1, 2, 4]) })).toEqual({ sum: 7 })
  })

  it('tells apart what the caller did and our own bugs, and logs only the bugs', async () => {
    const { client, near, logged } = connect()
    const failures = [
      await failure(client.call('double', { value: 'two' as never })),
      await failure(client.call('fail', { how: 'user' })),
      await failure(client.call('fail', { how: 'bug' })),
      await failure(client.call('fail', { how: 'zod' })),
      await failure(client.call('lie', {})),
    ]
    expect(failures).toEqual([
      { code: 'bad-request', message: expect.stringContaining('at value'), details: undefined },
      { code: 'bad-file', message: 'Row 3 is broken.', details: { row: 3 } },
      { code: 'unexpected', message: 'Unexpected: x is undefined', details: undefined },
      { code: 'unexpected', message: expect.stringMatching(/^Unexpected: /), details: undefined },
      { code: 'unexpected', message: expect.stringContaining('the answer to lie'), details: undefined },
    ])
    expect(logged).toEqual(['fail', 'fail'])
    near.close()
  })

  it('refuses methods that only look like ones', async () => {
    const { near } = connect()
    const received: unknown[] = []
    near.onMessage((message) => received.push(message))
    for (const [id, name] of ['constructor', '__proto__', 'toString'].entries())
      near.post({ kind: 'call', id, method: name, input: {} })
    await settle()
    expect(received).toEqual(
      ['constructor', '__proto__', 'toString'].map((name, id) => ({
        kind: 'failure',
        id,
        error: { code: 'bad-request', message: `There is no method ${name}.` },
      })),
    )
  })
})

describe('cancelling', () => {
  it('aborts the handler, whose answer ends the call', async () => {
    const { client } = connect()
    const controller = new AbortController()
    const call = failure(client.call('wait', {}, { signal: controller.signal }))
    await settle()
    controller.abort()
    expect(await call).toEqual({ code: 'cancelled', message: 'Cancelled.', details: undefined })
  })

  it('does not send a call that was cancelled before', async () => {
    const { client, far } = connect()
    const received: unknown[] = []
    far.onMessage((message) => received.push(message))
    const controller = new AbortController()
    controller.abort()
    const refused = await failure(client.call('wait', {}, { signal: controller.signal }))
    await settle()
    expect({ refused, received }).toMatchObject({ refused: { code: 'cancelled' }, received: [] })
  })
})

describe('events', () => {
  it('go to those who listen, while they listen', async () => {
    const { client, served } = connect()
    const heard: string[] = []
    served.emit('tick', { count: 0 })
    const stopFirst = client.on('tick', ({ count }) => void heard.push(`first ${count}`))
    client.on('tick', ({ count }) => void heard.push(`second ${count}`))
    await settle()
    served.emit('tick', { count: 1 })
    await settle()
    stopFirst()
    await settle()
    served.emit('tick', { count: 2 })
    await settle()
    expect(heard).toEqual(['first 1', 'second 1', 'second 2'])
  })
})

describe('a connection that ends', () => {
  const lost = {
    code: 'disconnected',
    message: 'The connection to the program was lost.',
    details: undefined,
  }

  it.each(['near', 'far'] as const)(
    'by the %s side, rejects calls under way and later ones',
    async (side) => {
      const { client, near, far } = connect()
      const call = failure(client.call('wait', {}))
      await settle()
      const end = { near, far }[side]
      end.close()
      await client.closed
      expect([await call, await failure(client.call('double', { value: 1 }))]).toEqual([lost, lost])
    },
  )

  it('aborts the handlers of the side that has gone', async () => {
    const [near, far] = createPortPair()
    const aborted: string[] = []
    const wait: Handlers<typeof contract>['wait'] = async (_, { signal }) => {
      signal.addEventListener('abort', () => aborted.push('wait'))
      return await waitForAbort(signal)
    }
    serve(contract, far, { ...handlers, wait }, () => undefined)
    const client = createClient(contract, near)
    const call = failure(client.call('wait', {}))
    await settle()
    client.close()
    expect([await call, aborted]).toEqual([lost, ['wait']])
  })

  it.each([
    ['no frame at all', 'hello'],
    ['a frame that only servers take', { kind: 'call', id: 1, method: 'double', input: {} }],
    ['an event that is unknown', { kind: 'event', event: 'tock', payload: {} }],
    ['an event that does not fit', { kind: 'event', event: 'tick', payload: { count: 'many' } }],
  ])('because the server sent %s, says so', async (_, message) => {
    const { client, far } = connect()
    const call = failure(client.call('wait', {}))
    far.post(message)
    await client.closed
    expect(await call).toMatchObject({
      code: 'unexpected',
      message: expect.stringContaining('broke the contract'),
    })
  })

  it('does not trouble a server to whom nonsense is said', async () => {
    const { client, near, logged } = connect()
    near.post('hello')
    near.post({ kind: 'result', id: 1, output: null })
    expect(await client.call('double', { value: 4 })).toEqual({ value: 8 })
    expect(logged).toEqual(['frame', 'frame'])
  })
})
