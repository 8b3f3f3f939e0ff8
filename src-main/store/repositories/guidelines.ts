import type Database from 'better-sqlite3'
import { z } from 'zod'
import { guideline, type Guideline, type WorkedExample } from '#shared/domain/project.ts'

export interface GuidelinesRepository {
  /** The version that holds now. @throws Error where none was ever written. */
  latest(): Guideline
  /** All versions, newest first, with when each was written. */
  list(): (Guideline & { readonly createdAt: string })[]
  /** Writes the next version. Worked examples stay as they were where none are given. */
  write(text: string, examples?: readonly WorkedExample[]): Guideline
}

const stored = z.object({ version: z.number(), text: z.string(), examples: z.string() })
const written = z.object({ createdAt: z.string() })

/** The versions of the guideline, from 1 on; none is ever changed. */
export function createGuidelinesRepository(database: Database.Database): GuidelinesRepository {
  const insert = database.prepare<[string, string | null, string]>(`
    INSERT INTO guideline (version, text, examples, created_at)
    SELECT COALESCE(MAX(version), 0) + 1, ?,
      COALESCE(?, (SELECT examples FROM guideline ORDER BY version DESC LIMIT 1), '[]'), ?
    FROM guideline
    RETURNING version, text, examples
  `)
  const columns = 'version, text, examples, created_at AS createdAt'
  const selectLatest = database.prepare(`SELECT ${columns} FROM guideline ORDER BY version DESC LIMIT 1`)
  const selectAll = database.prepare(`SELECT ${columns} FROM guideline ORDER BY version DESC`)
  const parse = (raw: unknown): Guideline => {
    const { version, text, examples } = stored.parse(raw)
    return guideline.parse({ version, text, examples: JSON.parse(examples) as unknown })
  }
  return {
    latest: () => parse(selectLatest.get()),
    list: () => selectAll.all().map((raw) => ({ ...parse(raw), createdAt: written.parse(raw).createdAt })),
    write: (text, examples) =>
      parse(
        insert.get(text, examples === undefined ? null : JSON.stringify(examples), new Date().toISOString()),
      ),
  }
}
