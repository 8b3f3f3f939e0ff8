import type Database from 'better-sqlite3'
import { guideline, type Guideline } from '#shared/domain/project.ts'

export interface GuidelinesRepository {
  /** The version that holds now. @throws Error where none was ever written. */
  latest(): Guideline
  /** Writes the next version. */
  write(text: string): Guideline
}

/** The versions of the guideline, from 1 on; none is ever changed. */
export function createGuidelinesRepository(database: Database.Database): GuidelinesRepository {
  const insert = database.prepare<[string, string]>(`
    INSERT INTO guideline (version, text, created_at)
    SELECT COALESCE(MAX(version), 0) + 1, ?, ? FROM guideline
    RETURNING version, text
  `)
  const select = database.prepare('SELECT version, text FROM guideline ORDER BY version DESC LIMIT 1')
  return {
    latest: () => guideline.parse(select.get()),
    write: (text) => guideline.parse(insert.get(text, new Date().toISOString())),
  }
}
