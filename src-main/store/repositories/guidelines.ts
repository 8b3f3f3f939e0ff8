import type Database from 'better-sqlite3'
import { z } from 'zod'
import { guideline, type Guideline, type WorkedExample } from '#shared/domain/project.ts'

export interface GuidelinesRepository {
  /** The version that holds now. @throws Error where none was ever written. */
  latest(): Guideline
  /** All versions, newest first, with when each was written and how many present answers were given under it. */
  list(): (Guideline & { readonly createdAt: string; readonly ratings: number })[]
  /** Writes the next version. Worked examples stay as they were where none are given. */
  write(text: string, examples?: readonly WorkedExample[]): Guideline
}

const stored = z.object({ version: z.number(), text: z.string(), examples: z.string() })
const listed = z.object({ createdAt: z.string(), ratings: z.number() })

/** The versions of the guideline, from 1 on; none is ever changed. */
export function createGuidelinesRepository(database: Database.Database): GuidelinesRepository {
  const insert = database.prepare<[string, string | null, string]>(`
    INSERT INTO guideline (version, text, examples, created_at)
    SELECT COALESCE(MAX(version), 0) + 1, ?,
      COALESCE(?, (SELECT examples FROM guideline ORDER BY version DESC LIMIT 1), '[]'), ?
    FROM guideline
    RETURNING version, text, examples
  `)
  const columns = 'version, text, examples'
  const selectLatest = database.prepare(`SELECT ${columns} FROM guideline ORDER BY version DESC LIMIT 1`)
  const selectAll = database.prepare(`
    SELECT ${columns}, created_at AS createdAt, COALESCE(given.ratings, 0) AS ratings
    FROM guideline LEFT JOIN (
      SELECT guideline_version, COUNT(*) AS ratings FROM current_rating GROUP BY guideline_version
    ) AS given ON given.guideline_version = guideline.version
    ORDER BY version DESC
  `)
  const parse = (raw: unknown): Guideline => {
    const { version, text, examples } = stored.parse(raw)
    return guideline.parse({ version, text, examples: JSON.parse(examples) as unknown })
  }
  return {
    latest: () => parse(selectLatest.get()),
    list: () => selectAll.all().map((raw) => ({ ...parse(raw), ...listed.parse(raw) })),
    write: (text, examples) =>
      parse(
        insert.get(text, examples === undefined ? null : JSON.stringify(examples), new Date().toISOString()),
      ),
  }
}
