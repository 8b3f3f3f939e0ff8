import { expect, it } from 'vitest'
import { contract } from '#shared/contract/index.ts'
import { GradusError } from '#shared/contract/errors.ts'
import type { ProjectOverview } from '#shared/contract/project.ts'
import { createPortPair, type Port } from '#shared/rpc/port.ts'
import { serve, type Served } from '#shared/rpc/server.ts'
import { call, connect, connectionState, on, reconnect } from './client.ts'
import { exampleOverview } from './testing/examples.ts'

/** A backend that can be stopped and started again. */
function createBackend(): { open: () => Promise<Port>; stop: () => void; emit: (title: string) => void } {
  let end: Port | null = null
  let served: Served<typeof contract> | null = null
  return {
    open() {
      const [windowEnd, backendEnd] = createPortPair()
      end = backendEnd
      const handlers = { 'project.current': () => exampleOverview() } as unknown as Parameters<
        typeof serve<typeof contract>
      >[2]
      served = serve(contract, backendEnd, handlers, (thrown) => {
        throw thrown
      })
      return Promise.resolve(windowEnd)
    },
    stop: () => end?.close(),
    emit: (title) => served?.emit('project', exampleOverview({ title })),
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

it('keeps its listeners over a lost connection', async () => {
  const backend = createBackend()
  const heard: (string | undefined)[] = []
  const stop = on('project', (overview: ProjectOverview | null) => heard.push(overview?.title))
  await connect(backend.open)
  await settle()
  backend.emit('first')
  await settle()
  backend.stop()
  await settle()
  expect(connectionState.value).toBe('lost')
  await expect(call('project.current', {})).rejects.toMatchObject({ code: 'disconnected' })
  await reconnect()
  await settle()
  backend.emit('second')
  await settle()
  stop()
  await settle()
  backend.emit('third')
  await settle()
  expect([connectionState.value, heard, (await call('project.current', {}))?.title]).toEqual([
    'open',
    ['first', 'second'],
    'Clinic notes',
  ])
})

it('says that the connection is lost where there is none to be had', async () => {
  await connect(() => Promise.reject(new GradusError('disconnected', 'Not there.')))
  expect(connectionState.value).toBe('lost')
})
