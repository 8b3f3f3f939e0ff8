import type Database from 'better-sqlite3'
import { rater, setAside, type Rater, type SetAside } from '#shared/domain/rater.ts'
import { newId } from '../newId.ts'

export interface RatersRepository {
  /** In the order of their making; those of an unfinished import are not there yet. */
  list(): Rater[]
  byId(raterId: string): Rater | null
  /** Names differ by more than case. */
  byName(name: string): Rater | null
  /** Makes a rater. The name must not be taken, not even in another case. */
  create(name: string): Rater
  /** Raters whose ratings count for nothing at present, by id. */
  setAside(): ReadonlyMap<string, SetAside>
  /** Raters the plan deals pairs to, those set aside left out, by id. */
  takingPart(): ReadonlySet<string>
  /** Whether the plan deals pairs to this rater. */
  setTakesPart(raterId: string, takesPart: boolean): void
  /** Sets a rater aside, or takes them back, with the reason; the ratings stay as they are. */
  decide(raterId: string, kind: 'set-aside' | 'taken-back', reason: string): void
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
  const selectSetAside = database.prepare<[], SetAside & { raterId: string }>(
    'SELECT rater_id AS raterId, reason, created_at AS since FROM set_aside_rater',
  )
  const insertDecision = database.prepare<[string, string, string, string, string]>(
    'INSERT INTO rater_decision (id, rater_id, kind, reason, created_at) VALUES (?, ?, ?, ?, ?)',
  )
  const selectTakingPart = database
    .prepare<[], string>(
      `SELECT id FROM rater
       WHERE import_id IS NULL AND takes_part = 1 AND id NOT IN (SELECT rater_id FROM set_aside_rater) ORDER BY id`,
    )
    .pluck()
  const updateTakesPart = database.prepare<[number, string]>('UPDATE rater SET takes_part = ? WHERE id = ?')
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
    setAside: () => new Map(selectSetAside.all().map((row) => [row.raterId, setAside.parse(row)])),
    takingPart: () => new Set(selectTakingPart.all()),
    setTakesPart: (raterId, takesPart) => void updateTakesPart.run(takesPart ? 1 : 0, raterId),
    decide: (raterId, kind, reason) =>
      void insertDecision.run(newId(), raterId, kind, reason, new Date().toISOString()),
  }
}
