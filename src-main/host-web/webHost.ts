import { once as nextEvent } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { basename, join } from 'node:path'
import { WebSocketServer } from 'ws'
import { GradusError, isUserError, toErrorShape } from '#shared/contract/errors.ts'
import { webPaths } from '#shared/contract/host.ts'
import { createBackend, type Backend } from '../backend.ts'
import { contentSecurityPolicy, protectiveHeaders } from '../contentSecurityPolicy.ts'
import type { StartWorker } from '../jobs/worker.ts'
import type { RendererFiles } from '../rendererFiles.ts'
import type { ServiceContext } from '../services/context.ts'
import { createDownloads } from './downloads.ts'
import {
  createSecret,
  hasSession,
  refuseForeign,
  sessionCookie,
  takeToken,
  type Secrets,
} from './requestGuard.ts'
import { createUploads, maximumUpload } from './uploads.ts'
import { createWebSocketPort } from './webSocketPort.ts'

export interface WebHostOptions {
  readonly files: RendererFiles
  readonly startWorker: StartWorker
  /** A port of 127.0.0.1; 0 for any that is free. */
  readonly port: number
  /** As for createBackend. */
  readonly home?: string
  /** The largest file that an upload may bring, in bytes. */
  readonly uploadLimit?: number
}

/** The program on 127.0.0.1, for the ordinary browser. */
export interface WebHost {
  /** With this run's token: whoever has it can use the program. */
  readonly address: string
  /** An address that works once: for command lines, which other users of the machine can read. */
  addressForOnce(): string
  readonly backend: Backend
  /** Ends the backend first, then every connection. */
  close(): Promise<void>
}

/** Frames that a window sends are small; a larger one is no window's. */
const maximumFrame = 32 * 1024 * 1024
/** How long a browser may take to answer the end of its socket, in milliseconds. */
const socketGrace = 300

function answerText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' }).end(text)
}

function answerJson(response: ServerResponse, status: number, value: unknown): void {
  // A refused upload may still be coming in: the connection cannot be used again.
  const close = status >= 400 ? { Connection: 'close' } : {}
  response.writeHead(status, { 'Content-Type': 'application/json', ...close }).end(JSON.stringify(value))
}

/**
 * Serves the window's files and the backend on 127.0.0.1 alone.
 * @throws GradusError `bad-options` where the port is taken, and whatever createBackend throws.
 */
export async function startWebHost(options: WebHostOptions): Promise<WebHost> {
  const secrets: Secrets = { token: createSecret(), session: createSecret() }
  const once = new Set<string>()
  const downloads = createDownloads()
  const backend = createBackend({
    host: 'web',
    startWorker: options.startWorker,
    offerDownload: (path) => downloads.offer(path),
    ...(options.home === undefined ? {} : { home: options.home }),
  })
  const { folders, files: fileTokens } = backend.context
  const log: ServiceContext['log'] = (thrown, where) => backend.context.log(thrown, where)
  const limit = options.uploadLimit ?? maximumUpload
  const uploads = createUploads(join(folders.cache, 'uploads'), folders.projects, limit)

  const takeUpload = async (request: IncomingMessage, query: URLSearchParams, response: ServerResponse) => {
    const name = query.get('name') ?? ''
    try {
      if (Number(request.headers['content-length'] ?? 0) > limit)
        throw new GradusError('bad-request', `${name} is larger than ${limit} bytes.`, { limit })
      const path = await (query.get('as') === 'project'
        ? uploads.takeProject(name, request)
        : uploads.take(name, request))
      answerJson(response, 200, { fileToken: fileTokens.allow(path), name: basename(path) })
    } catch (thrown) {
      const error = toErrorShape(thrown)
      if (error.code === 'unexpected') log(thrown, 'upload')
      if (!response.destroyed) answerJson(response, isUserError(error.code) ? 400 : 500, error)
    }
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', headers, url = '' } = request
    for (const [name, value] of Object.entries(protectiveHeaders)) response.setHeader(name, value)
    response.setHeader('Content-Security-Policy', contentSecurityPolicy([`ws://127.0.0.1:${port}`]))
    response.setHeader('Cache-Control', 'no-store')

    const refused = refuseForeign({ method, headers }, port, false)
    if (refused !== null) {
      answerText(response, 403, refused)
      return
    }
    // The path as it was sent: what is not exactly the address of something that is offered does not exist.
    const [pathname = '', search = ''] = url.split('?', 2)
    const query = new URLSearchParams(search)
    if (method === 'GET' && pathname === '/' && takeToken(query.get('token'), secrets, once)) {
      response.writeHead(303, { 'Set-Cookie': sessionCookie(port, secrets), Location: '/' }).end()
      return
    }
    if (!hasSession(headers, port, secrets)) {
      answerText(response, 401, 'Open the whole address that Gradus printed when it started.')
      return
    }
    if (method === 'POST' && pathname === webPaths.upload) {
      await takeUpload(request, query, response)
      return
    }
    if (method !== 'GET' && method !== 'HEAD') {
      answerText(response, 405, 'There is nothing to change here.')
      return
    }
    const file = options.files.get(pathname)
    if (file !== undefined)
      response
        .writeHead(200, { 'Content-Type': file.type, 'Content-Length': file.bytes.byteLength })
        .end(method === 'HEAD' ? undefined : file.bytes)
    else if (!(await downloads.send(pathname, response))) answerText(response, 404, 'There is nothing here.')
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((thrown: unknown) => {
      // A browser that goes away in the middle is no bug.
      if (!request.destroyed && !response.destroyed) log(thrown, 'web host')
      response.destroy()
    })
  })
  // A large upload may take longer than Node allows a request by itself.
  server.requestTimeout = 0
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maximumFrame, perMessageDeflate: false })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const { method = '', headers, url = '' } = request
    const status =
      refuseForeign({ method, headers }, port, true) !== null
        ? '403 Forbidden'
        : !hasSession(headers, port, secrets)
          ? '401 Unauthorized'
          : url !== webPaths.socket
            ? '404 Not Found'
            : null
    if (status !== null) {
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      opened.on('error', (thrown) => log(thrown, 'web socket'))
      backend.connect(createWebSocketPort(opened))
    })
  })

  try {
    server.listen(options.port, '127.0.0.1')
    await nextEvent(server, 'listening')
  } catch (cause) {
    uploads.close()
    await backend.close()
    throw new GradusError(
      'bad-options',
      `The program cannot listen on port ${options.port} of 127.0.0.1: choose another one, or none.`,
      { port: options.port },
      cause,
    )
  }
  const { port } = server.address() as AddressInfo

  const addressWith = (token: string): string => `http://127.0.0.1:${port}/?token=${token}`
  return {
    address: addressWith(secrets.token),
    addressForOnce() {
      const token = createSecret()
      once.add(token)
      return addressWith(token)
    },
    backend,
    async close() {
      server.close()
      await backend.close()
      const ended = [...sockets.clients].map((socket) => nextEvent(socket, 'close'))
      await Promise.race([Promise.all(ended), new Promise((resolve) => setTimeout(resolve, socketGrace))])
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      uploads.close()
    },
  }
}
