import type Database from 'better-sqlite3'
import { rater, type Rater } from '#shared/domain/rater.ts'
import { newId } from '../newId.ts'

export interface RatersRepository {
  /** In the order of their making; those of an unfinished import are not there yet. */
  list(): Rater[]
  byId(raterId: string): Rater | null
  /** Names differ by more than case. */
  byName(name: string): Rater | null
  /** Makes a rater. The name must not be taken, not even in another case. */
  create(name: string): Rater
}

/** The people, and named sources of imported scores, who score. */
export function createRatersRepository(database: Database.Database): RatersRepository {
  const columns = 'id, name, created_at AS createdAt'
  const selectAll = database.prepare(`SELECT ${columns} FROM rater WHERE import_id IS NULL ORDER BY id`)
  const selectById = database.prepare<[string]>(
    `SELECT ${columns} FROM rater WHERE id = ? AND import_id IS NULL`,
  )
  const selectByName = database.prepare<[string]>(`SELECT ${columns} FROM rater WHERE name = ?`)
  const insert = database.prepare<Rater>(
    'INSERT INTO rater (id, name, created_at) VALUES (@id, @name, @createdAt)',
  )
  const parse = (raw: unknown): Rater | null => (raw === undefined ? null : rater.parse(raw))

  return {
    list: () => selectAll.all().map((raw) => rater.parse(raw)),
    byId: (raterId) => parse(selectById.get(raterId)),
    byName: (name) => parse(selectByName.get(name)),
    create(name) {
      const created = { id: newId(), name, createdAt: new Date().toISOString() }
      insert.run(created)
      return created
    },
  }
}
