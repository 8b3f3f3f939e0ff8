import { basename } from 'node:path'
import { SqliteError } from 'better-sqlite3'
import { GradusError } from '#shared/contract/errors.ts'

/**
 * Tells what the machine lacks, where SQLite or the file system failed for a reason outside this program; every other
 * thrown value is returned as it is.
 */
export function explainDatabaseError(thrown: unknown, path: string): unknown {
  const name = basename(path)
  const code = errorCodeOf(thrown)
  if (code === null) return thrown
  const explained = (as: GradusError['code'], message: string): GradusError =>
    new GradusError(as, message, { system: code }, thrown)
  // Making the file of shared memory beside a project larger fails for want of room.
  if (['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE', 'ENOSPC', 'EDQUOT'].includes(code))
    return explained(
      'disk-full',
      `The disk is full: "${name}" could not be written. Make room and do it again.`,
    )
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return explained(
      'project-in-use',
      `Another program is holding "${name}": close it there and do it again.`,
    )
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT'))
    return explained(
      'not-a-project',
      `"${name}" is damaged or no Gradus project: open another file or a copy of it.`,
    )
  if (code.startsWith('SQLITE_READONLY') || code === 'EROFS' || code === 'EACCES' || code === 'EPERM')
    return explained(
      'file-unwritable',
      `"${name}" or its folder may not be written: give the right to write, or copy the file elsewhere.`,
    )
  if (code.startsWith('SQLITE_CANTOPEN') || code === 'ENOTDIR' || code === 'ENOENT')
    return explained('file-unwritable', `"${name}" cannot be opened for writing in that folder.`)
  if (code.startsWith('SQLITE_IOERR') || code === 'EIO')
    return explained(
      'file-unwritable',
      `Reading or writing "${name}" failed (${code}): check the disk it lies on.`,
    )
  return thrown
}

function errorCodeOf(thrown: unknown): string | null {
  if (thrown instanceof SqliteError) return thrown.code
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string') return thrown.code
  return null
}

/** Runs `work`; what it throws is explained where the cause lies outside this program. */
export function explainingDatabaseErrors<Result>(path: string, work: () => Result): Result {
  try {
    return work()
  } catch (thrown) {
    throw explainDatabaseError(thrown, path)
  }
}
