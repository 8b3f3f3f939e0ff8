import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { GradusError } from '#shared/contract/errors.ts'
import { unwritable } from '../../formats/atomicFile.ts'
import { newId } from '../../store/newId.ts'
import type { ServiceContext } from '../context.ts'

const keptMilliseconds = 24 * 60 * 60 * 1000

/** Where files are written for a person: into a folder of theirs, or beside the cache for the browser to fetch. */
export interface Destination {
  readonly folder: string
  /** Null where the files lie in the person's own folder. */
  readonly offer: ((path: string) => string) | null
}

async function removeOld(downloads: string): Promise<void> {
  for (const name of await readdir(downloads)) {
    const old = join(downloads, name)
    // Another program of ours may have removed it meanwhile.
    const { mtimeMs } = await stat(old).catch(() => ({ mtimeMs: Infinity }))
    if (Date.now() - mtimeMs > keptMilliseconds) await rm(old, { recursive: true, force: true })
  }
}

/**
 * Finds out where to write.
 * @param folderToken the chosen folder; null for downloads, which live for a day.
 * @throws GradusError `bad-request` where this host has no downloads, `not-found` for an unknown token, `disk-full` or
 *   `file-unwritable` where there is no room for downloads.
 */
export async function openDestination(
  context: ServiceContext,
  folderToken: string | null,
): Promise<Destination> {
  if (folderToken !== null) return { folder: context.files.path(folderToken), offer: null }
  const offer = context.files.offerDownload
  if (offer === null) throw new GradusError('bad-request', 'Choose a folder to write into.')
  const downloads = join(context.folders.cache, 'downloads')
  const folder = join(downloads, newId())
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await removeOld(downloads)
  } catch (thrown) {
    throw unwritable(downloads, thrown)
  }
  return { folder, offer }
}
