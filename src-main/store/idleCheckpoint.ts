import type Database from 'better-sqlite3'

/** So many pages of log may gather before a write has to merge them into the file itself: 32 MB. */
export const pagesBeforeCheckpoint = 8000

const writesBeforeCheckpoint = 40
const idleMilliseconds = 500

/**
 * Merges the log into the project file in pauses, so that no rating waits for it. To be called after each small write;
 * what is committed is safe either way.
 */
export function createIdleCheckpoint(database: Database.Database): () => void {
  let writes = 0
  let timer: NodeJS.Timeout | undefined
  const merge = (): void => {
    timer = undefined
    if (!database.open) return
    writes = 0
    database.pragma('wal_checkpoint(PASSIVE)')
  }
  return () => {
    writes += 1
    if (writes < writesBeforeCheckpoint) return
    clearTimeout(timer)
    timer = setTimeout(merge, idleMilliseconds).unref()
  }
}
