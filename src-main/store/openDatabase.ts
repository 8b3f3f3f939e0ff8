import { closeSync, existsSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import Database from 'better-sqlite3'
import { GradusError } from '#shared/contract/errors.ts'
import { explainingDatabaseErrors } from './databaseErrors.ts'
import { pagesBeforeCheckpoint } from './idleCheckpoint.ts'
import { migrate, presentVersion, versionOf } from './migrate.ts'

/** "Grad" as SQLite's application id: tells our files from every other SQLite file. */
export const applicationId = 0x47726164

/** How long a statement waits for another process that is writing the same project, in milliseconds. */
const longestWait = 5000

/** SQLite's file header: the magic words at 0, the user's version at 60, the application id at 68. */
const headerLength = 72
const magic = 'SQLite format 3\0'

function notAProject(path: string): GradusError {
  return new GradusError('not-a-project', `"${basename(path)}" is no Gradus project: choose a .gradus file.`)
}

function refuseNewer(path: string, version: number): void {
  if (version > presentVersion)
    throw new GradusError(
      'project-newer',
      `"${basename(path)}" was written by a newer Gradus (file version ${version}; this one knows up to ` +
        `${presentVersion}): open it with the newer one. The file was left as it is.`,
      { version, presentVersion },
    )
}

/** Looks at a file without SQLite, which may write: is it ours, and is it not from a newer program? */
function inspect(path: string): void {
  const facts = statSync(path, { throwIfNoEntry: false })
  if (facts === undefined)
    throw new GradusError('not-found', `"${basename(path)}" is not there any more: it was moved or deleted.`)
  if (!facts.isFile()) throw notAProject(path)
  const header = Buffer.alloc(headerLength)
  const file = openSync(path, 'r')
  try {
    if (readSync(file, header, 0, headerLength, 0) < headerLength) throw notAProject(path)
  } finally {
    closeSync(file)
  }
  if (header.toString('latin1', 0, magic.length) !== magic || header.readUInt32BE(68) !== applicationId)
    throw notAProject(path)
  refuseNewer(path, header.readUInt32BE(60))
  // After a crash the newest version number may still lie in the log beside the file.
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false })
  if (log === undefined || log.size === 0) return
  const reading = new Database(path, { readonly: true })
  try {
    refuseNewer(path, versionOf(reading))
  } finally {
    reading.close()
  }
}

/**
 * Keeps the project as it is before a migration as `<path>.v<version>.bak`; never leaves half a copy under that name.
 * SQLite copies, since closing a file of our own on the same path would let go of SQLite's locks.
 */
function keepCopy(database: Database.Database, path: string): void {
  const copy = `${path}.v${versionOf(database)}.bak`
  rmSync(`${copy}.part`, { force: true })
  database.prepare<[string]>('VACUUM INTO ?').run(`${copy}.part`)
  renameSync(`${copy}.part`, copy)
}

/** The settings every connection needs. */
function prepare(database: Database.Database): void {
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  database.pragma(`wal_autocheckpoint = ${pagesBeforeCheckpoint}`)
}

/**
 * Tells whether no other process has the project open. In WAL mode every connection holds a shared lock on the file for
 * as long as it lives, and the system lets go of it when a process dies: getting the exclusive lock proves to be alone.
 */
function isAlone(path: string): boolean {
  const probe = new Database(path, { timeout: 0 })
  try {
    probe.pragma('locking_mode = EXCLUSIVE')
    probe.exec('BEGIN EXCLUSIVE; COMMIT')
    return true
  } catch (thrown) {
    if (thrown instanceof Database.SqliteError && thrown.code.startsWith('SQLITE_BUSY')) return false
    throw thrown
  } finally {
    probe.close()
  }
}

function create(path: string): Database.Database {
  if (path !== ':memory:' && existsSync(path))
    throw new GradusError(
      'already-exists',
      `There is a file named "${basename(path)}" already: choose another name.`,
    )
  if (!existsSync(dirname(path)))
    throw new GradusError(
      'file-unwritable',
      `The folder of "${basename(path)}" is not there: choose another one.`,
    )
  const database = new Database(path, { timeout: longestWait })
  try {
    // Before the log exists, so that the file itself says from its first byte on whose it is.
    database.pragma(`application_id = ${applicationId}`)
    prepare(database)
    migrate(database)
    return database
  } catch (thrown) {
    database.close()
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true })
    throw thrown
  }
}

function open(path: string, patience: number): OpenedDatabase {
  inspect(path)
  const alone = isAlone(path)
  const database = new Database(path, { fileMustExist: true, timeout: patience })
  try {
    refuseNewer(path, versionOf(database))
    prepare(database)
    if (versionOf(database) < presentVersion) {
      if (!alone)
        throw new GradusError(
          'project-in-use',
          `"${basename(path)}" has to be brought to this version first: close it in the other program and open it again.`,
        )
      keepCopy(database, path)
      migrate(database)
    }
    return { database, alone }
  } catch (thrown) {
    database.close()
    throw thrown
  }
}

export interface OpenedDatabase {
  readonly database: Database.Database
  /** No other process had the project open: what an ended process has left half done may be cleared away. */
  readonly alone: boolean
}

/**
 * Opens a project file, or makes one where `create` is set, and brings it to the present version after keeping a copy.
 * A second process may have the project open, too: SQLite lets both write in turn, each waiting for the other at most
 * `patience` milliseconds.
 * @throws GradusError `not-found`, `not-a-project`, `project-newer`, `project-in-use`, `already-exists`, `disk-full`,
 *   `file-unwritable`; the file is untouched then.
 */
export function openDatabase(path: string, options: { create: boolean; patience?: number }): OpenedDatabase {
  return explainingDatabaseErrors(path, () =>
    options.create ? { database: create(path), alone: true } : open(path, options.patience ?? longestWait),
  )
}
