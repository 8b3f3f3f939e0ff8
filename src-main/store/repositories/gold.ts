import type Database from 'better-sqlite3'
import { gold, type Gold } from '#shared/domain/plan.ts'
import { z } from 'zod'

/** A gold pair with its texts. */
const listed = z.object({ ...gold.shape, premise: z.string(), hypothesis: z.string() })
export type ListedGold = z.infer<typeof listed>

export interface GoldRepository {
  ofPair(pairId: string): Gold | null
  /** In the order they were added. */
  list(): ListedGold[]
  /** Makes a pair gold, or gives it another score, tolerance or explanation. */
  write(made: Gold): void
  /** The pair is gold no more; its ratings stay. */
  remove(pairId: string): void
}

/** Pairs whose right score is known; everybody rates them. */
export function createGoldRepository(database: Database.Database): GoldRepository {
  const columns = 'gold.pair_id AS pairId, gold.score, gold.tolerance, gold.explanation'
  const select = database.prepare<[string]>(`SELECT ${columns} FROM gold WHERE pair_id = ?`)
  const selectAll = database.prepare(`
    SELECT ${columns}, pair.premise, pair.hypothesis
    FROM gold JOIN current_pair AS pair ON pair.id = gold.pair_id ORDER BY gold.created_at, gold.pair_id
  `)
  const upsert = database.prepare<Gold & { createdAt: string }>(`
    INSERT INTO gold (pair_id, score, tolerance, explanation, created_at)
    VALUES (@pairId, @score, @tolerance, @explanation, @createdAt)
    ON CONFLICT (pair_id) DO UPDATE SET score = @score, tolerance = @tolerance, explanation = @explanation
  `)
  const remove = database.prepare<[string]>('DELETE FROM gold WHERE pair_id = ?')
  return {
    ofPair(pairId) {
      const raw = select.get(pairId)
      return raw === undefined ? null : gold.parse(raw)
    },
    list: () => selectAll.all().map((raw) => listed.parse(raw)),
    write: (made) => void upsert.run({ ...made, createdAt: new Date().toISOString() }),
    remove: (pairId) => void remove.run(pairId),
  }
}
