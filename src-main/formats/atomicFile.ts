import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { GradusError } from '#shared/contract/errors.ts'

/** A written file, as lists of files show it. */
export interface WrittenFile {
  readonly path: string
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

/** A file that takes its name only when it is whole. */
export interface AtomicFile {
  write(content: string | Uint8Array): Promise<void>
  /** Everything is written and on disk; the file has its name from now on. */
  publish(): Promise<WrittenFile>
  /** Leaves no trace; does nothing after `publish`. */
  abandon(): Promise<void>
}

const bufferedCharacters = 65_536

/**
 * Begins a file beside its final place.
 * @throws GradusError (every method, too) `disk-full` or `file-unwritable`, naming the file.
 */
export async function createAtomicFile(path: string): Promise<AtomicFile> {
  const name = basename(path)
  const part = join(dirname(path), `.${name}.${randomBytes(4).toString('hex')}.part`)
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (thrown) {
      throw unwritable(path, thrown)
    }
  }
  const handle = await attempt(async () => {
    // Found out now rather than when other files of the same export already have their names.
    const there = await stat(path).catch(() => null)
    if (there?.isDirectory() === true) throw Object.assign(new Error('a folder'), { code: 'EISDIR' })
    return open(part, 'wx')
  })
  const hash = createHash('sha256')
  let buffered = ''
  let bytes = 0
  let state: 'open' | 'published' | 'abandoned' = 'open'

  const append = async (chunk: Uint8Array): Promise<void> => {
    hash.update(chunk)
    bytes += chunk.length
    await handle.writeFile(chunk)
  }
  const flush = async (): Promise<void> => {
    if (buffered === '') return
    const chunk = Buffer.from(buffered, 'utf8')
    buffered = ''
    await append(chunk)
  }

  return {
    async write(content) {
      if (typeof content === 'string') {
        buffered += content
        if (buffered.length >= bufferedCharacters) await attempt(flush)
        return
      }
      await attempt(async () => {
        await flush()
        await append(content)
      })
    },
    publish: () =>
      attempt(async () => {
        await flush()
        await handle.sync()
        await handle.close()
        await rename(part, path)
        state = 'published'
        return { path, name, bytes, sha256: hash.digest('hex') }
      }),
    async abandon() {
      if (state !== 'open') return
      state = 'abandoned'
      await handle.close()
      await rm(part, { force: true })
    },
  }
}

/**
 * Makes a folder and those above it where they are missing. (Node's own recursive way never ends in folders that let
 * nobody make anything, such as /proc.)
 * @throws GradusError `disk-full`, `file-unwritable`.
 */
export async function makeFolder(path: string): Promise<void> {
  const make = (): Promise<unknown> =>
    mkdir(path).catch(async (thrown: unknown) => {
      const there = await stat(path).catch(() => null)
      if (there?.isDirectory() !== true) throw thrown
    })
  try {
    await make()
  } catch (thrown) {
    const isMissing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'
    if (!isMissing || dirname(path) === path) throw unwritable(path, thrown)
    await makeFolder(dirname(path))
    await make().catch((again: unknown) => {
      throw unwritable(path, again)
    })
  }
}

/** What the machine says against writing a file, as a sentence; everything else as it is. */
export function unwritable(path: string, thrown: unknown): unknown {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  if (typeof code !== 'string') return thrown
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new GradusError(
      'disk-full',
      `The disk is full: ${path} could not be written. Make room and try again.`,
      undefined,
      thrown,
    )
  const why =
    code === 'ENOENT'
      ? 'its folder is not there'
      : code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
        ? 'this user may not write there'
        : code === 'EISDIR' || code === 'ENOTEMPTY' || code === 'EEXIST'
          ? 'a folder of that name is there'
          : code === 'ENOTDIR'
            ? 'what should be its folder is a file'
            : `the system says ${code}`
  return new GradusError(
    'file-unwritable',
    `${path} cannot be written: ${why}. Choose another folder.`,
    undefined,
    thrown,
  )
}
