import type Database from 'better-sqlite3'
import { makeIdsAfter } from './newId.ts'

/**
 * Lets new ids sort after all that a project's file holds of what people did. Which answer stands, and which
 * suggestion it answers, is told by the order of ids, and the file may come from a machine whose clock is ahead of this one's. Every query reads the end of an index.
 */
export function makeIdsAfterThoseOf(database: Database.Database): void {
  const latest = database
    .prepare<[], string | null>(
      `SELECT MAX(
        COALESCE((SELECT MAX(id) FROM rating), ''),
        COALESCE((SELECT MAX(id) FROM decision), ''),
        COALESCE((SELECT MAX(id) FROM suggestion), ''),
        COALESCE((SELECT MAX(id) FROM rater_decision), ''),
        COALESCE((SELECT MAX((SELECT MAX(id) FROM annotation_step WHERE rater_id = rater.id)) FROM rater), '')
      )`,
    )
    .pluck()
    .get()
  if (latest != null && latest !== '') makeIdsAfter(latest)
}
