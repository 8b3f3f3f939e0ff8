import { request, type IncomingHttpHeaders } from 'node:http'
import { WebSocket } from 'ws'
import { startWebHost, type WebHost } from './webHost.ts'

// For the tests: a host with two small files, and a client that sends requests just as they are written.

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface TestHost {
  readonly host: WebHost
  readonly port: number
  /** The session's cookie, as a browser sends it. */
  readonly cookie: string
  /** What our own page sends along. */
  readonly own: Readonly<Record<string, string>>
  /** One request: the path is sent raw, and nothing is followed. */
  send(
    path: string,
    headers?: Readonly<Record<string, string>>,
    rest?: { method?: string; body?: string | Buffer },
  ): Promise<Answer>
  /** The status with which an upgrade is refused, or 101. */
  upgrade(path: string, headers: Readonly<Record<string, string>>): Promise<number>
}

/** Starts a host that takes uploads of at most 1,000 bytes and can start no worker. */
export function startHost(home: string, port = 0): Promise<WebHost> {
  return startWebHost({
    files: new Map([
      ['/', { bytes: Buffer.from('<!doctype html>'), type: 'text/html; charset=utf-8' }],
      ['/assets/a.js', { bytes: Buffer.from('1'), type: 'text/javascript; charset=utf-8' }],
    ]),
    startWorker: () => {
      throw new Error('No worker is needed here')
    },
    port,
    home,
    uploadLimit: 1000,
  })
}

/** Starts a host and signs in. */
export async function startTestHost(home: string): Promise<TestHost> {
  const host = await startHost(home)
  const address = new URL(host.address)
  const port = Number(address.port)

  const send: TestHost['send'] = (path, headers = {}, { method = 'GET', body } = {}) =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, path, method, headers, agent: false as const }
      const sent = request(options, (response) => {
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
  const upgrade: TestHost['upgrade'] = (path, headers) =>
    new Promise((resolve) => {
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

  const exchanged = await send(address.pathname + address.search)
  const cookie = exchanged.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  return { host, port, cookie, own: { Cookie: cookie, Origin: address.origin }, send, upgrade }
}
