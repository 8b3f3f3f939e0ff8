import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { contract } from '#shared/contract/index.ts'
import { createClient } from '#shared/rpc/client.ts'
import { startTestHost, type TestHost } from './testHost.ts'
import { createWebSocketPort } from './webSocketPort.ts'

let home: string
let test: TestHost
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'gradus-web-'))
  test = await startTestHost(home)
})
afterAll(async () => {
  await test.host.close()
  rmSync(home, { recursive: true })
})

describe('the printed address', () => {
  it('exchanges its token for a cookie and hides it', async () => {
    const { status, headers } = await test.send(
      `/?token=${new URL(test.host.address).searchParams.get('token')}`,
    )
    expect({ status, location: headers.location, cookie: headers['set-cookie'] }).toEqual({
      status: 303,
      location: '/',
      cookie: [
        expect.stringMatching(
          new RegExp(`^gradus-${test.port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`),
        ),
      ],
    })
    expect(test.cookie).not.toContain(new URL(test.host.address).searchParams.get('token')!)
  })

  it('can be given for one use alone', async () => {
    const { pathname, search } = new URL(test.host.addressForOnce())
    const answers = [await test.send(pathname + search), await test.send(pathname + search)]
    expect(answers.map(({ status }) => status)).toEqual([303, 401])
  })

  it('opens nothing with a wrong token, with none, or with a wrong cookie', async () => {
    const wrong = 'A'.repeat(43)
    const statuses = await Promise.all([
      test.send('/'),
      test.send(`/?token=${wrong}`),
      test.send('/?token='),
      test.send('/assets/a.js'),
      test.send('/', { Cookie: `gradus-${test.port}=${wrong}` }),
      test.send('/', { Cookie: `gradus-${test.port}=` }),
      test.send('/', { Cookie: test.cookie.replace(`gradus-${test.port}`, 'gradus-1') }),
    ])
    expect(statuses.map(({ status }) => status)).toEqual(Array(7).fill(401))
  })
})

describe('the page', () => {
  it('comes with headers that keep everything else out', async () => {
    const { status, headers, body } = await test.send('/', test.own)
    const { date, ...rest } = headers
    expect(typeof date).toBe('string')
    expect({ status, body, headers: rest }).toEqual({
      status: 200,
      body: '<!doctype html>',
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-length': '15',
        'content-security-policy':
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
          `connect-src 'self' ws://127.0.0.1:${test.port}; object-src 'none'; frame-src 'none'; frame-ancestors 'none'; ` +
          "worker-src 'none'; base-uri 'none'; form-action 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
        connection: 'close',
      },
    })
  })

  it.each([
    '/../package.json',
    '/assets/../../package.json',
    '/%2e%2e/package.json',
    '/..%2fpackage.json',
    '/assets/..%5c..%5cpackage.json',
    '//etc/passwd',
    '/etc/passwd',
    'file:///etc/passwd',
    '/assets/a.js%00.html',
    '/download/../../package.json',
    '/__proto__',
  ])('has nothing at %s', async (path) => {
    expect(await test.send(path, test.own)).toMatchObject({ status: 404, body: 'There is nothing here.' })
  })
})

describe('a foreign request', () => {
  it.each<[string, Record<string, string>]>([
    ['a name that points here', { Host: 'evil.example' }],
    ['localhost by name', { Host: 'localhost:PORT' }],
    ['no port', { Host: '127.0.0.1' }],
    ['another port', { Host: '127.0.0.1:1' }],
    ['another origin', { Origin: 'http://evil.example' }],
    ['another port as origin', { Origin: 'http://127.0.0.1:1' }],
    ['no origin at all', { Origin: 'null' }],
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['the same site on another port', { 'Sec-Fetch-Site': 'same-site' }],
  ])('with %s is refused, cookie or not, socket or page', async (_, change) => {
    const headers = Object.fromEntries(
      Object.entries({ ...test.own, ...change }).map(([name, value]) => [
        name,
        value.replace('PORT', String(test.port)),
      ]),
    )
    const token = new URL(test.host.address).search
    expect([
      (await test.send('/', headers)).status,
      (await test.send(`/${token}`, headers)).status,
      (await test.send('/upload?name=a', headers, { method: 'POST', body: 'x' })).status,
      await test.upgrade('/socket', headers),
    ]).toEqual([403, 403, 403, 403])
  })

  it('without an origin may look but not change', async () => {
    const headers = { Cookie: test.cookie }
    expect([
      (await test.send('/', headers)).status,
      (await test.send('/upload?name=a', headers, { method: 'POST', body: 'x' })).status,
      await test.upgrade('/socket', headers),
    ]).toEqual([200, 403, 403])
  })

  it('cannot use other methods', async () => {
    const answers = await Promise.all(
      ['PUT', 'DELETE', 'OPTIONS'].map((method) => test.send('/', test.own, { method })),
    )
    expect(answers.map(({ status }) => status)).toEqual([405, 405, 405])
  })
})

describe('the socket', () => {
  it('opens at its address with cookie and origin alone', async () => {
    const { Cookie, ...withoutCookie } = test.own
    expect(Cookie).toBe(test.cookie)
    expect([
      await test.upgrade('/socket', withoutCookie),
      await test.upgrade(`/socket${new URL(test.host.address).search}`, withoutCookie),
      await test.upgrade('/', test.own),
      await test.upgrade('/socket', test.own),
    ]).toEqual([401, 401, 404, 101])
  })

  it('carries calls and their failures', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${test.port}/socket`, { headers: test.own })
    await new Promise((resolve) => socket.once('open', resolve))
    const client = createClient(contract, createWebSocketPort(socket))
    const facts = await client.call('program.facts', {})
    const refused = await client.call('jobs.cancel', { jobId: 'x' }).catch((thrown: unknown) => thrown)
    client.close()
    await client.closed
    expect({ facts, refused }).toMatchObject({
      facts: { host: 'web', folders: { projects: join(home, 'projects') } },
      refused: { code: 'bad-request' },
    })
  })

  it.each<[string, string | Buffer, number]>([
    ['text', 'hello', 1003],
    ['bytes that are no message', Buffer.from([0xc1]), 1007],
  ])('is closed after %s', async (_, message, expected) => {
    const socket = new WebSocket(`ws://127.0.0.1:${test.port}/socket`, { headers: test.own })
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send(message)
    const code = await new Promise((resolve) => socket.once('close', resolve))
    expect(code).toBe(expected)
  })
})
