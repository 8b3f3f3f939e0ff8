import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import envPaths from 'env-paths'
import { GradusError } from '#shared/contract/errors.ts'
import type { Folders } from '../context.ts'

/** Where people keep what they make: Documents, where their system has one. */
function projectsFolder(): string {
  const documents = join(homedir(), 'Documents')
  return join(existsSync(documents) ? documents : homedir(), 'Gradus')
}

/** Where this installation's folders lie, whether they exist or not; all under `home` where it is given. */
export function locateFolders(home: string | undefined): Folders {
  if (home !== undefined && home !== '') {
    const root = resolve(home)
    return {
      projects: join(root, 'projects'),
      data: join(root, 'data'),
      cache: join(root, 'cache'),
      log: join(root, 'log'),
    }
  }
  const { data, cache, log } = envPaths('gradus', { suffix: '' })
  return { projects: projectsFolder(), data, cache, log }
}

/**
 * Makes the folders of this installation where they are missing.
 * @param home a folder to hold them all instead of the system's usual places; by default the environment's GRADUS_HOME.
 * @throws GradusError `file-unwritable` naming the folder.
 */
export function openFolders(home: string | undefined = process.env['GRADUS_HOME']): Folders {
  const folders = locateFolders(home)
  for (const folder of Object.values(folders) as string[]) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
    } catch (cause) {
      throw new GradusError(
        'file-unwritable',
        `The folder ${folder} cannot be made: make it yourself, or name another one in GRADUS_HOME.`,
        { folder },
        cause,
      )
    }
  }
  return folders
}
