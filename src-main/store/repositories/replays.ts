import type Database from 'better-sqlite3'
import { z } from 'zod'
import {
  replayCell,
  replayPlan,
  replayReference,
  type ReplayCell,
  type ReplayPlan,
  type ReplayReference,
} from '#shared/domain/replay.ts'

/** A replay as it is kept: what was asked for, and what is known of it. */
export interface StoredReplay {
  /** Names data and settings: cells of other ones do not belong to it. */
  readonly key: string
  readonly plan: ReplayPlan
  /** What the labels were when it was begun; another stamp is of other labels. */
  readonly labels: string
  readonly reference: ReplayReference | null
  /** Those of strategies and seeds that an earlier replay with this key was asked for, too. */
  readonly cells: readonly ReplayCell[]
  readonly begunAt: string
}

export interface ReplaysRepository {
  /** Keeps what is asked for in place of what was before; what is known of it stays where the key is the same. */
  begin(replay: Pick<StoredReplay, 'key' | 'plan' | 'labels' | 'begunAt'>): void
  keepReference(reference: ReplayReference): void
  keepCell(cell: ReplayCell): void
  /** The last replay; null where there was none. */
  last(): StoredReplay | null
  /** Changes whenever a decision may have given a pair another label. */
  decisionsStamp(): string
}

const row = z.object({
  key: z.string(),
  plan: z.string(),
  labels: z.string(),
  reference: z.string().nullable(),
  begunAt: z.string(),
})
const cellRow = replayCell.extend({ points: z.string() })

/** The last replay of strategies. */
export function createReplaysRepository(database: Database.Database): ReplaysRepository {
  const upsert = database.prepare<[string, string, string, string]>(`
    INSERT INTO replay (id, key, plan, labels, reference, begun_at) VALUES (1, ?, ?, ?, NULL, ?)
    ON CONFLICT (id) DO UPDATE SET key = excluded.key, plan = excluded.plan, labels = excluded.labels,
      reference = CASE WHEN key = excluded.key THEN reference END, begun_at = excluded.begun_at
  `)
  const clear = database.prepare<[string]>(
    'DELETE FROM replay_cell WHERE NOT EXISTS (SELECT 1 FROM replay WHERE key = ?)',
  )
  const setReference = database.prepare<[string]>('UPDATE replay SET reference = ?')
  const insertCell = database.prepare<[string, number, string, number]>(
    'INSERT OR REPLACE INTO replay_cell (strategy, seed, points, seconds) VALUES (?, ?, ?, ?)',
  )
  const select = database.prepare('SELECT key, plan, labels, reference, begun_at AS begunAt FROM replay')
  const selectCells = database.prepare('SELECT strategy, seed, points, seconds FROM replay_cell')
  const selectDecisions = database
    .prepare<[], string>(`SELECT COUNT(*) || ' ' || COALESCE(MAX(id), '') FROM decision`)
    .pluck()
  return {
    begin: database.transaction(
      ({ key, plan, labels, begunAt }: Parameters<ReplaysRepository['begin']>[0]) => {
        clear.run(key)
        upsert.run(key, JSON.stringify(plan), labels, begunAt)
      },
    ),
    keepReference: (reference) => void setReference.run(JSON.stringify(reference)),
    keepCell: ({ strategy, seed, points, seconds }) =>
      void insertCell.run(strategy, seed, JSON.stringify(points), seconds),
    last() {
      const raw = select.get()
      if (raw === undefined) return null
      const { key, plan, labels, reference, begunAt } = row.parse(raw)
      return {
        key,
        plan: replayPlan.parse(JSON.parse(plan)),
        labels,
        reference: reference === null ? null : replayReference.parse(JSON.parse(reference)),
        cells: z
          .array(cellRow)
          .parse(selectCells.all())
          .map((cell) => replayCell.parse({ ...cell, points: JSON.parse(cell.points) as unknown })),
        begunAt,
      }
    },
    decisionsStamp: () => selectDecisions.get() ?? '',
  }
}
