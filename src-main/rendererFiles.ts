import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GradusError } from '#shared/contract/errors.ts'
import { programRoot } from './programRoot.ts'

/** One file of the built window. */
interface RendererFile {
  readonly bytes: Buffer<ArrayBuffer>
  readonly type: string
}

/** The files of the built window by their exact address path, such as `/assets/index-1a2b.js`; `/` is the page. */
export type RendererFiles = ReadonlyMap<string, RendererFile>

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
  woff2: 'font/woff2',
  json: 'application/json',
}

/** Where the built window lies. */
export const builtRenderer: string = fileURLToPath(new URL('out/renderer', programRoot))

/**
 * Reads the built window as a whole. Nothing but what is found here can be served, whatever an address says.
 * @throws GradusError `file-unreadable` where it has not been built.
 */
export function readRendererFiles(folder: string): RendererFiles {
  let names: string[]
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  } catch (cause) {
    throw new GradusError(
      'file-unreadable',
      `The window's files are missing in ${folder}: run npm run build.`,
      { folder },
      cause,
    )
  }
  const files = new Map<string, RendererFile>()
  for (const name of names) {
    const type = types[name.slice(name.lastIndexOf('.') + 1)]
    if (type === undefined) continue
    files.set(`/${name.split(sep).join('/')}`, { bytes: readFileSync(join(folder, name)), type })
  }
  const page = files.get('/index.html')
  if (page !== undefined) files.set('/', page)
  return files
}
