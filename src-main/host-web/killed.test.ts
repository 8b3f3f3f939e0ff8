import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { contract, type AppContract } from '#shared/contract/index.ts'
import { createClient, type Client } from '#shared/rpc/client.ts'
import { createWebSocketPort } from './webSocketPort.ts'

let home: string
beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'gradus-killed-'))))
afterEach(() => rmSync(home, { recursive: true, force: true }))

/** The web host in a process of its own, with the sample project open. */
const program = `
  import { openAtStart } from '${new URL('../openAtStart.ts', import.meta.url).href}'
  import { startWebHost } from '${new URL('./webHost.ts', import.meta.url).href}'
  const startWorker = () => { throw new Error('No worker is needed here') }
  const host = await startWebHost({ files: new Map(), startWorker, port: 0, home: process.argv[1] })
  await openAtStart(host.backend, undefined)
  console.log(host.address)
`

async function connect(address: string): Promise<Client<AppContract>> {
  const { origin, host } = new URL(address)
  const exchanged = await fetch(address, { redirect: 'manual' })
  const socket = new WebSocket(`ws://${host}/socket`, {
    headers: { Cookie: exchanged.headers.get('set-cookie')!.split(';')[0]!, Origin: origin },
  })
  await once(socket, 'open')
  return createClient(contract, createWebSocketPort(socket))
}

it('keeps every acknowledged rating when it is killed in the middle of a stream of them', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program, home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const [address] = (await once(createInterface(child.stdout), 'line')) as [string]
  const client = await connect(address)
  const { id: raterId } = await client.call('rater.create', { name: 'Stream' })
  const who = { raterId, queue: 'order' as const }

  const acknowledged: string[] = []
  const rateAll = async (): Promise<void> => {
    let { next } = await client.call('annotate.next', who)
    while (next !== null) {
      const { ratingId, next: following } = await client.call('annotate.commit', {
        ...who,
        pairId: next.pair.id,
        answer: { kind: 'score', value: 0.5, rawPosition: 0.5 },
        note: null,
        timing: { timeToFirstTouch: 1, timeToCommit: 2, changeCount: 1 },
        orderShown: next.orderShown,
        shownBecause: next.shownBecause,
        suggestionId: next.suggestionId,
      })
      acknowledged.push(ratingId)
      if (acknowledged.length === 40) child.kill('SIGKILL')
      next = following
    }
  }
  await expect(rateAll()).rejects.toMatchObject({ code: 'disconnected' })
  await exited

  const database = new Database(join(home, 'projects', 'Sample.gradus'), { readonly: true })
  const stored = database.prepare('SELECT id FROM rating WHERE rater_id = ? ORDER BY id').pluck().all(raterId)
  const integrity = database.pragma('integrity_check', { simple: true })
  database.close()
  expect({ first: stored.slice(0, acknowledged.length), integrity }).toEqual({
    first: acknowledged,
    integrity: 'ok',
  })
  // At most one more: stored, and not yet acknowledged.
  expect(stored.length - acknowledged.length).toBeLessThanOrEqual(1)
  expect(acknowledged.length).toBeGreaterThanOrEqual(40)
})
