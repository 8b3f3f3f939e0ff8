import type Database from 'better-sqlite3'
import { reviewQuery, type ReviewQuery, type SavedFilter } from '#shared/domain/reviewFilter.ts'
import { z } from 'zod'
import { newId } from '../newId.ts'

export interface SavedFiltersRepository {
  /** By name. One that this program does not understand, as from a later one, is left out. */
  list(): SavedFilter[]
  /** Keeps a query under a name; one of that name, whatever its case, gives way. */
  save(name: string, query: ReviewQuery): SavedFilter
  /** @returns false where there is none of this id. */
  remove(id: string): boolean
}

const row = z.object({ id: z.string(), name: z.string(), query: z.string() })

/** Lists of Review that somebody named. */
export function createSavedFiltersRepository(database: Database.Database): SavedFiltersRepository {
  const select = database.prepare('SELECT id, name, query FROM saved_filter ORDER BY name')
  const insert = database.prepare<[string, string, string, string]>(`
    INSERT INTO saved_filter (id, name, query, created_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET
      id = excluded.id, name = excluded.name, query = excluded.query, created_at = excluded.created_at
  `)
  const remove = database.prepare<[string]>('DELETE FROM saved_filter WHERE id = ?')
  return {
    list: () =>
      select.all().flatMap((raw) => {
        const { id, name, query } = row.parse(raw)
        const known = reviewQuery.safeParse(JSON.parse(query))
        return known.success ? [{ id, name, query: known.data }] : []
      }),
    save(name, query) {
      const id = newId()
      insert.run(id, name, JSON.stringify(query), new Date().toISOString())
      return { id, name, query }
    },
    remove: (id) => remove.run(id).changes > 0,
  }
}
