import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** The secrets of one run. */
export interface Secrets {
  /** In the printed address; good for a cookie and nothing else. */
  readonly token: string
  /** The cookie's value. */
  readonly session: string
}

/** What of a request decides whether it is let in. */
export interface GuardedRequest {
  readonly method: string
  readonly headers: IncomingHttpHeaders
}

function equal(given: string, expected: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(expected)
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Cookies ignore ports: the name keeps two running programs from overwriting each other's. */
function cookieName(port: number): string {
  return `gradus-${port}`
}

function readCookie(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [key, value] = part.trim().split('=', 2)
    if (key === name) return value
  }
  return undefined
}

/**
 * Why a request must be refused before anything else of it is looked at; null where it may go on.
 * - Host must be this server by number, so that a foreign name made to point at 127.0.0.1 (DNS rebinding) gets nothing.
 * - Origin, where a browser sends one, and always where something is changed or a socket opened, must be this server.
 * - Sec-Fetch-Site must not name another site or another port.
 */
export function refuseForeign(
  { method, headers }: GuardedRequest,
  port: number,
  upgrade: boolean,
): string | null {
  const host = `127.0.0.1:${port}`
  if (headers.host !== host) return 'The request names another host.'
  const changes = upgrade || (method !== 'GET' && method !== 'HEAD')
  if (headers.origin === undefined ? changes : headers.origin !== `http://${host}`)
    return 'The request comes from another origin.'
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return 'The request comes from another site.'
  return null
}

/** A secret that nobody can guess: 32 random bytes, as base64url. */
export function createSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** True for the token of this run, and for one of `once`, which is used up thereby. */
export function takeToken(given: string | null, { token }: Secrets, once: Set<string>): boolean {
  return given !== null && (equal(given, token) || once.delete(given))
}

/** True where the request carries this run's cookie. */
export function hasSession(headers: IncomingHttpHeaders, port: number, { session }: Secrets): boolean {
  const value = readCookie(headers.cookie, cookieName(port))
  return value !== undefined && equal(value, session)
}

/** The cookie that the token is exchanged for: unseen by scripts, and never sent along from other sites. */
export function sessionCookie(port: number, { session }: Secrets): string {
  return `${cookieName(port)}=${session}; Path=/; HttpOnly; SameSite=Strict`
}
