import Database from 'better-sqlite3'

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
    try {
      database.pragma('wal_checkpoint(PASSIVE)')
      writes = 0
    } catch (thrown) {
      // What is committed is safe in the log: a disk that is full now is tried again at the next write, which says so.
      if (!(thrown instanceof Database.SqliteError)) throw thrown
    }
  }
  return () => {
    writes += 1
    if (writes < writesBeforeCheckpoint) return
    clearTimeout(timer)
    timer = setTimeout(merge, idleMilliseconds).unref()
  }
}
