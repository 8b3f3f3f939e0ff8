import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { chosenFile } from '#shared/contract/host.ts'
import { contract } from '#shared/contract/index.ts'
import { createClient } from '#shared/rpc/client.ts'
import { createWebSocketPort } from './webSocketPort.ts'
import { startWebHost, type WebHost } from './webHost.ts'

let home: string
let host: WebHost
let port: number
let cookie: string

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** One request as written: the path is sent raw, and nothing is followed. */
function send(
  path: string,
  headers: Record<string, string> = {},
  { method = 'GET', body }: { method?: string; body?: string | Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** The status with which an upgrade is refused, or 101. */
function upgrade(path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers })
    socket.on('open', () => {
      resolve(101)
      socket.terminate()
    })
    socket.on('unexpected-response', (_, response) => {
      resolve(response.statusCode ?? 0)
      response.resume()
      socket.terminate()
    })
    socket.on('error', () => undefined)
  })
}

const own = (): Record<string, string> => ({ Cookie: cookie, Origin: `http://127.0.0.1:${port}` })

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'gradus-web-'))
  host = await startWebHost({
    files: new Map([
      ['/', { bytes: Buffer.from('<!doctype html>'), type: 'text/html; charset=utf-8' }],
      ['/assets/a.js', { bytes: Buffer.from('1'), type: 'text/javascript; charset=utf-8' }],
    ]),
    startWorker: () => {
      throw new Error('No worker is needed here')
    },
    port: 0,
    home,
    uploadLimit: 1000,
  })
  port = Number(new URL(host.address).port)
  const exchanged = await send(new URL(host.address).pathname + new URL(host.address).search)
  cookie = exchanged.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
})
afterAll(async () => {
  await host.close()
  rmSync(home, { recursive: true })
})

describe('the printed address', () => {
  it('exchanges its token for a cookie and hides it', async () => {
    const { status, headers } = await send(`/?token=${new URL(host.address).searchParams.get('token')}`)
    expect({ status, location: headers.location, cookie: headers['set-cookie'] }).toEqual({
      status: 303,
      location: '/',
      cookie: [
        expect.stringMatching(new RegExp(`^gradus-${port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`)),
      ],
    })
    expect(cookie).not.toContain(new URL(host.address).searchParams.get('token')!)
  })

  it('can be given for one use alone', async () => {
    const { pathname, search } = new URL(host.addressForOnce())
    const answers = [await send(pathname + search), await send(pathname + search)]
    expect(answers.map(({ status }) => status)).toEqual([303, 401])
  })

  it('opens nothing with a wrong token, with none, or with a wrong cookie', async () => {
    const wrong = 'A'.repeat(43)
    const statuses = await Promise.all([
      send('/'),
      send(`/?token=${wrong}`),
      send('/?token='),
      send('/assets/a.js'),
      send('/', { Cookie: `gradus-${port}=${wrong}` }),
      send('/', { Cookie: `gradus-${port}=` }),
      send('/', { Cookie: cookie.replace(`gradus-${port}`, 'gradus-1') }),
    ])
    expect(statuses.map(({ status }) => status)).toEqual(Array(7).fill(401))
  })
})

describe('the page', () => {
  it('comes with headers that keep everything else out', async () => {
    const { status, headers, body } = await send('/', own())
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
          `connect-src 'self' ws://127.0.0.1:${port}; object-src 'none'; frame-src 'none'; frame-ancestors 'none'; ` +
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
    expect(await send(path, own())).toMatchObject({ status: 404, body: 'There is nothing here.' })
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
      Object.entries({ ...own(), ...change }).map(([name, value]) => [
        name,
        value.replace('PORT', String(port)),
      ]),
    )
    const token = new URL(host.address).search
    expect([
      (await send('/', headers)).status,
      (await send(`/${token}`, headers)).status,
      (await send('/upload?name=a', headers, { method: 'POST', body: 'x' })).status,
      await upgrade('/socket', headers),
    ]).toEqual([403, 403, 403, 403])
  })

  it('without an origin may look but not change', async () => {
    const headers = { Cookie: cookie }
    expect([
      (await send('/', headers)).status,
      (await send('/upload?name=a', headers, { method: 'POST', body: 'x' })).status,
      await upgrade('/socket', headers),
    ]).toEqual([200, 403, 403])
  })

  it('cannot use other methods', async () => {
    const answers = await Promise.all(
      ['PUT', 'DELETE', 'OPTIONS'].map((method) => send('/', own(), { method })),
    )
    expect(answers.map(({ status }) => status)).toEqual([405, 405, 405])
  })
})

describe('the socket', () => {
  it('opens at its address with cookie and origin alone', async () => {
    const { Cookie, ...withoutCookie } = own()
    expect(Cookie).toBe(cookie)
    expect([
      await upgrade('/socket', withoutCookie),
      await upgrade(`/socket${new URL(host.address).search}`, withoutCookie),
      await upgrade('/', own()),
      await upgrade('/socket', own()),
    ]).toEqual([401, 401, 404, 101])
  })

  it('carries calls and their failures', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`, { headers: own() })
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
    const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`, { headers: own() })
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send(message)
    const code = await new Promise((resolve) => socket.once('close', resolve))
    expect(code).toBe(expected)
  })
})

describe('uploads', () => {
  const upload = (query: string, body: string | Buffer): Promise<Answer> =>
    send(`/upload?${query}`, own(), { method: 'POST', body })

  it('are kept under a token, whatever their names say', async () => {
    const { status, body } = await upload('name=..%2F..%5Csecret%00.csv', 'a,b')
    const chosen = chosenFile.parse(JSON.parse(body))
    const path = host.backend.context.files.path(chosen.fileToken)
    expect({ status, name: chosen.name, inside: path.startsWith(join(home, 'cache', 'uploads')) }).toEqual({
      status: 200,
      name: 'secret.csv',
      inside: true,
    })
    expect(readFileSync(path, 'utf8')).toBe('a,b')
  })

  it('of projects are kept among the projects, and overwrite none', async () => {
    writeFileSync(join(home, 'projects', 'p.gradus'), 'mine')
    const answers = await Promise.all([
      upload('name=p.gradus&as=project', 'theirs'),
      upload('name=p.txt&as=project', 'theirs'),
    ])
    expect(answers.map(({ status, body }) => [status, (JSON.parse(body) as { name?: string }).name])).toEqual(
      [
        [200, 'p 2.gradus'],
        [400, undefined],
      ],
    )
    expect(readdirSync(join(home, 'projects')).sort()).toEqual(['p 2.gradus', 'p.gradus'])
    expect(readFileSync(join(home, 'projects', 'p.gradus'), 'utf8')).toBe('mine')
  })

  it('that are too large leave nothing', async () => {
    const before = readdirSync(join(home, 'cache', 'uploads'), { recursive: true }).length
    const announced = await upload('name=big.csv', Buffer.alloc(1001))
    const chunked = await send(
      '/upload?name=big.csv',
      { ...own(), 'Transfer-Encoding': 'chunked' },
      {
        method: 'POST',
        body: Buffer.alloc(1001),
      },
    )
    const files = readdirSync(join(home, 'cache', 'uploads'), { recursive: true, encoding: 'utf8' })
    expect(
      [announced, chunked].map(({ status, body }) => ({ status, body: JSON.parse(body) as unknown })),
    ).toEqual(
      Array(2).fill({
        status: 400,
        body: {
          code: 'bad-request',
          message: 'big.csv is larger than 1000 bytes.',
          details: { limit: 1000 },
        },
      }),
    )
    expect({ before: before > 0, left: files.filter((name) => name.endsWith('big.csv')) }).toEqual({
      before: true,
      left: [],
    })
  })
})

describe('downloads', () => {
  it('come as attachments, from their own address alone', async () => {
    const path = join(home, 'Prüfung (1).csv')
    writeFileSync(path, 'a,b\n')
    const address = host.backend.context.files.offerDownload?.(path) ?? ''
    const { status, headers, body } = await send(address, own())
    expect({
      status,
      body,
      disposition: headers['content-disposition'],
      policy: headers['content-security-policy'],
    }).toEqual({
      status: 200,
      body: 'a,b\n',
      disposition: "attachment; filename*=UTF-8''Pr%C3%BCfung%20%281%29.csv",
      policy: "default-src 'none'; sandbox",
    })
    const statuses = await Promise.all([
      send(address, {}),
      send(address.replace(/[0-9a-f]{32}/, '0'.repeat(32)), own()),
      send(`${address}x`, own()),
    ])
    expect(statuses.map((answer) => answer.status)).toEqual([401, 404, 404])
    rmSync(path)
    expect((await send(address, own())).status).toBe(404)
  })
})

describe('starting and ending', () => {
  it('refuses a port that is taken', async () => {
    const other = join(home, 'other')
    await expect(
      startWebHost({
        files: new Map(),
        startWorker: () => {
          throw new Error('No worker is needed here')
        },
        port,
        home: other,
      }),
    ).rejects.toMatchObject({ code: 'bad-options', details: { port } })
  })

  it('lets windows know of its end, frees the port and removes its uploads and those of runs that died', async () => {
    const other = join(home, 'ending')
    const abandoned = join(other, 'cache', 'uploads', '999999999-abc')
    const start = (): Promise<WebHost> =>
      startWebHost({
        files: new Map(),
        startWorker: () => {
          throw new Error('No worker is needed here')
        },
        port: 0,
        home: other,
      })
    await (await start()).close()
    mkdirSync(abandoned)
    const second = await start()
    const { origin, port: secondPort, pathname, search } = new URL(second.address)
    expect(existsSync(abandoned)).toBe(false)
    const exchanged = await fetch(origin + pathname + search, { redirect: 'manual' })
    const socket = new WebSocket(`ws://127.0.0.1:${secondPort}/socket`, {
      headers: { Cookie: exchanged.headers.get('set-cookie')!.split(';')[0]!, Origin: origin },
    })
    await new Promise((resolve) => socket.once('open', resolve))
    const ended = new Promise((resolve) => socket.once('close', resolve))
    await second.close()
    await ended
    expect(readdirSync(join(other, 'cache', 'uploads'))).toEqual([])
    await expect(fetch(origin)).rejects.toThrow()
  })
})
