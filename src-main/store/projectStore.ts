import type Database from 'better-sqlite3'
import { openDatabase } from './openDatabase.ts'

/** One open project file: its repositories, each a set of prepared statements over one table or question. */
export interface ProjectStore {
  readonly path: string
  /** For a repository's use, and for a transaction that spans several. */
  readonly database: Database.Database
  close(): void
}

/** Opens a project, or makes the file where `create` is set. */
export function openProjectStore(path: string, options: { create: boolean }): ProjectStore {
  const database = openDatabase(path, options)
  return {
    path,
    database,
    close: () => void database.close(),
  }
}
