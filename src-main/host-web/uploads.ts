import { randomBytes } from 'node:crypto'
import { constants, createWriteStream, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { copyFile, rm } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { Transform, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { GradusError } from '#shared/contract/errors.ts'
import { freeProjectPath, projectSuffix, safeFileName } from '../services/projects/projectFileName.ts'

/** The largest file that is taken, in bytes. */
export const maximumUpload = 4 * 1024 ** 3

/** Takes the files that the browser gives; each run of the program has a folder of its own. */
export interface Uploads {
  /**
   * Writes a file that comes in. Cut off, too large or unwritable, it leaves nothing behind.
   * @returns its path.
   * @throws GradusError `bad-request`, `disk-full`, `file-unwritable`.
   */
  take(name: string, content: Readable): Promise<string>
  /** As `take`, into the projects folder, under a name that was free. */
  takeProject(name: string, content: Readable): Promise<string>
  /** Removes this run's uploads. */
  close(): void
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (thrown) {
    // EPERM: it runs, as somebody else.
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Removes what runs that did not end well have left. */
function removeAbandoned(folder: string): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : [])
    if (!isRunning(Number.parseInt(name, 10))) rmSync(join(folder, name), { recursive: true, force: true })
}

/** The last part of a name as a browser gives it, made fit for every file system. */
function fileNameOf(given: string): string {
  const last = given.slice(Math.max(given.lastIndexOf('/'), given.lastIndexOf('\\')) + 1)
  const ending = extname(last)
  return safeFileName(basename(last, ending)) + (/^\.\w{1,20}$/.test(ending) ? ending : '')
}

function unwritable(name: string, cause: unknown): GradusError {
  if (cause instanceof GradusError) return cause
  const { code } = cause as NodeJS.ErrnoException
  if (code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET')
    return new GradusError('bad-request', `${name} was not sent whole: send it again.`, undefined, cause)
  return code === 'ENOSPC'
    ? new GradusError('disk-full', `The disk is full: ${name} was not taken.`, undefined, cause)
    : new GradusError('file-unwritable', `${name} cannot be written to this disk.`, undefined, cause)
}

/** @param folder holds the uploads of all runs; @param projects takes project files. */
export function createUploads(folder: string, projects: string, limit = maximumUpload): Uploads {
  removeAbandoned(folder)
  const own = join(folder, `${process.pid}-${randomBytes(8).toString('hex')}`)
  mkdirSync(own, { recursive: true, mode: 0o700 })

  const write = async (path: string, name: string, content: Readable): Promise<void> => {
    let bytes = 0
    const count = new Transform({
      transform(chunk: Buffer, _, done) {
        bytes += chunk.length
        if (bytes <= limit) done(null, chunk)
        else done(new GradusError('bad-request', `${name} is larger than ${limit} bytes.`, { limit }))
      },
    })
    try {
      await pipeline(content, count, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
    } catch (cause) {
      await rm(path, { force: true })
      throw unwritable(name, cause)
    }
  }

  return {
    async take(given, content) {
      const name = fileNameOf(given)
      const place = join(own, randomBytes(8).toString('hex'))
      mkdirSync(place)
      await write(join(place, name), name, content)
      return join(place, name)
    },
    async takeProject(given, content) {
      const name = fileNameOf(given)
      if (extname(name) !== projectSuffix)
        throw new GradusError('bad-request', `${name} is no project file: its name must end in .gradus.`)
      const arriving = join(own, randomBytes(8).toString('hex'))
      await write(arriving, name, content)
      try {
        const path = freeProjectPath(projects, basename(name, projectSuffix))
        // Exclusively: another program may have taken the name meanwhile, and its project is not to be overwritten.
        await copyFile(arriving, path, constants.COPYFILE_EXCL)
        return path
      } catch (cause) {
        throw unwritable(name, cause)
      } finally {
        await rm(arriving, { force: true })
      }
    },
    close: () => rmSync(own, { recursive: true, force: true }),
  }
}
