import { randomBytes } from 'node:crypto'
import { GradusError } from '#shared/contract/errors.ts'

/**
 * Stands between the window and the file system: the window holds tokens, and only paths that a dialog, an upload or
 * the command line has given become tokens.
 */
export interface FileTokens {
  /** Gives a token for a path that the user chose. */
  allow(path: string): string
  /** @throws GradusError `not-found` for a token that was never given. */
  path(token: string): string
  /** Makes a file fetchable by the browser and returns its address; null where the host has folders instead. */
  offerDownload: ((path: string) => string) | null
}

export function createFileTokens(offerDownload: FileTokens['offerDownload']): FileTokens {
  const paths = new Map<string, string>()
  return {
    allow(path) {
      const token = randomBytes(16).toString('hex')
      paths.set(token, path)
      return token
    },
    path(token) {
      const path = paths.get(token)
      if (path === undefined)
        throw new GradusError('not-found', 'The file is no longer known to the program: choose it again.')
      return path
    },
    offerDownload,
  }
}
