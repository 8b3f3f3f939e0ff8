import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toErrorShape } from '#shared/contract/errors.ts'
import { contract, type AppContract } from '#shared/contract/index.ts'
import type { Job } from '#shared/contract/jobs.ts'
import { createClient, type Client } from '#shared/rpc/client.ts'
import { createPortPair } from '#shared/rpc/port.ts'
import { createBackend, type Backend } from './backend.ts'
import { throwIfCancelled } from './jobs/jobs.ts'
import { openAtStart } from './openAtStart.ts'

let home: string
let backend: Backend

function createHere(): Backend {
  return createBackend({
    host: 'web',
    startWorker: () => {
      throw new Error('No worker is needed here')
    },
    offerDownload: null,
    home,
  })
}
function connect(): Client<AppContract> {
  const [near, far] = createPortPair()
  backend.connect(far)
  return createClient(contract, near)
}
/** Resolves with the next project event. */
const nextProject = (client: Client<AppContract>): Promise<string | undefined> =>
  new Promise((resolve) => {
    const stop = client.on('project', (overview) => {
      stop()
      resolve(overview?.title)
    })
  })

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gradus-backend-'))
  backend = createHere()
})
afterEach(async () => {
  await backend.close()
  rmSync(home, { recursive: true, force: true })
})

describe('the backend', () => {
  it('tells every window of a change, once for many', async () => {
    const [one, other] = [connect(), connect()]
    await one.call('project.create', { title: 'First', folderToken: null })
    const titles: (string | undefined)[] = []
    other.on('project', (overview) => titles.push(overview?.title))
    const told = Promise.all([nextProject(one), nextProject(other)])
    for (const title of ['Second', 'Third', 'Fourth']) await one.call('project.configure', { title })
    expect([await told, titles]).toEqual([['Fourth', 'Fourth'], ['Fourth']])
  })

  it('tells every window of jobs, and ends those when it closes', async () => {
    const [one, other] = [connect(), connect()]
    const seen: [string, Job['outcome']['status']][] = []
    one.on('job', (job) => seen.push(['one', job.outcome.status]))
    other.on('job', (job) => seen.push(['other', job.outcome.status]))
    await one.call('jobs.list', {})
    await other.call('jobs.list', {})
    backend.context.jobs.start({ kind: 'export', folder: null, files: [] }, 'Waiting', async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      throwIfCancelled(signal)
    })
    await backend.close()
    await Promise.all([one.closed, other.closed])
    expect(seen).toEqual([
      ['one', 'running'],
      ['other', 'running'],
      ['one', 'cancelled'],
      ['other', 'cancelled'],
    ])
    expect(await one.call('project.current', {}).catch(toErrorShape)).toMatchObject({ code: 'disconnected' })
  })

  it('lets go of windows that have gone', async () => {
    const [one, other] = [connect(), connect()]
    await other.call('project.create', { title: 'First', folderToken: null })
    one.close()
    await one.closed
    const told = nextProject(other)
    await other.call('project.configure', { title: 'Second' })
    expect(await told).toBe('Second')
    expect(existsSync(join(home, 'log', 'gradus.log'))).toBe(false)
  })

  it('logs its own bugs with their stack', async () => {
    const client = connect()
    Object.assign(backend.context.jobs, {
      list: () => {
        throw new TypeError('x is undefined')
      },
    })
    expect(await client.call('jobs.list', {}).catch(toErrorShape)).toEqual({
      code: 'unexpected',
      message: 'Unexpected: x is undefined',
    })
    expect(readFileSync(join(home, 'log', 'gradus.log'), 'utf8')).toMatch(
      / jobs\.list: TypeError: x is undefined\n +at /,
    )
  })
})

describe('a start', () => {
  const again = async (): Promise<void> => {
    await backend.close()
    backend = createHere()
  }

  it('shows the sample project first, later what was open last', async () => {
    const first = await openAtStart(backend, undefined)
    await connect().call('project.create', { title: 'Mine', folderToken: null })
    await again()
    const second = await openAtStart(backend, undefined)
    expect([first?.fileName, second?.title]).toEqual(['Sample.gradus', 'Mine'])
  })

  it('shows none where the last one is missing, and leaves it in the list', async () => {
    await connect().call('project.create', { title: 'Mine', folderToken: null })
    await again()
    renameSync(join(home, 'projects', 'Mine.gradus'), join(home, 'elsewhere.gradus'))
    expect(await openAtStart(backend, undefined)).toBeNull()
    expect(await connect().call('project.recent', {})).toMatchObject([{ title: 'Mine', missing: true }])
    expect((await openAtStart(backend, join(home, 'elsewhere.gradus')))?.title).toBe('Mine')
  })

  it('says why a project that was named cannot be opened', async () => {
    const path = join(home, 'missing.gradus')
    expect(await openAtStart(backend, path).catch(toErrorShape)).toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('missing.gradus'),
    })
  })
})
