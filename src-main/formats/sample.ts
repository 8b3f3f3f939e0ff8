import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { GradusError } from '#shared/contract/errors.ts'

/** Parts of a file from which the rest is guessed. */
export interface FileSample {
  readonly bytes: number
  readonly head: Buffer
  /** True where `head` is the whole file. */
  readonly whole: boolean
  /** Pieces from further on, at even offsets; they begin and end anywhere in a row. */
  readonly windows: readonly Buffer[]
}

const headBytes = 1_048_576
const windowBytes = 65_536
const windowCount = 8

/** Opens a file for reading; what the machine says against it becomes a sentence. */
export async function openForReading(path: string, fileName: string): Promise<FileHandle> {
  try {
    const handle = await open(path, 'r')
    const stat = await handle.stat()
    if (stat.isFile()) return handle
    await handle.close()
  } catch (thrown) {
    throw unreadable(fileName, thrown)
  }
  throw new GradusError('file-unreadable', `${fileName} is not a file: choose a file.`)
}

/** The error for a file that the machine does not let us read. */
export function unreadable(fileName: string, thrown: unknown): unknown {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  if (typeof code !== 'string') return thrown
  const why =
    code === 'ENOENT'
      ? 'it is not there any more'
      : code === 'EACCES' || code === 'EPERM'
        ? 'this user may not read it'
        : `the system says ${code}`
  return new GradusError('file-unreadable', `${fileName} cannot be read: ${why}.`, undefined, thrown)
}

/** Reads the beginning of a file and eight windows spread over the rest. */
export async function readSample(path: string, fileName: string): Promise<FileSample> {
  const handle = await openForReading(path, fileName)
  try {
    const { size } = await handle.stat()
    const head = await readAt(handle, 0, headBytes)
    const windows: Buffer[] = []
    const step = Math.floor((size - headBytes) / windowCount)
    if (step > windowBytes)
      for (let index = 1; index <= windowCount; index += 1) {
        const offset = Math.min(headBytes + index * step, size - windowBytes)
        windows.push(await readAt(handle, offset - (offset % 2), windowBytes))
      }
    return { bytes: size, head, whole: head.length >= size, windows }
  } catch (thrown) {
    throw unreadable(fileName, thrown)
  } finally {
    await handle.close()
  }
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}
