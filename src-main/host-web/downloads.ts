import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'

const prefix = '/download/'

/** Files that the browser may fetch, each under an address that cannot be guessed. */
export interface Downloads {
  /** Makes a file fetchable and returns its address. */
  offer(path: string): string
  /** Sends what the address path stands for; false where it stands for nothing. */
  send(pathname: string, response: ServerResponse): Promise<boolean>
}

/** RFC 8187: what encodeURIComponent leaves as it is, but the header's grammar does not allow. */
function encodeHeaderValue(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

export function createDownloads(): Downloads {
  const offered = new Map<string, string>()
  return {
    offer(path) {
      const id = randomBytes(16).toString('hex')
      offered.set(id, path)
      return `${prefix}${id}/${encodeURIComponent(basename(path))}`
    },
    async send(pathname, response) {
      const [id = '', name] = pathname.startsWith(prefix) ? pathname.slice(prefix.length).split('/', 2) : []
      const path = offered.get(id)
      if (path === undefined || name !== encodeURIComponent(basename(path))) return false
      const found = await stat(path).catch(() => null)
      if (found === null) return false
      response.writeHead(200, {
        'Content-Type': 'application/octet-stream',
        'Content-Length': found.size,
        'Content-Disposition': `attachment; filename*=UTF-8''${encodeHeaderValue(basename(path))}`,
        'Content-Security-Policy': "default-src 'none'; sandbox",
      })
      await pipeline(createReadStream(path), response)
      return true
    },
  }
}
