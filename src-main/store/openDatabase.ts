import Database from 'better-sqlite3'
import { migrate } from './migrate.ts'

/**
 * Opens a project file, or makes one where `create` is set, with the settings every connection needs, and brings it to
 * the present version.
 */
export function openDatabase(path: string, options: { create: boolean }): Database.Database {
  const database = new Database(path, { fileMustExist: !options.create })
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  migrate(database)
  return database
}
