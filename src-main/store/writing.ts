import type Database from 'better-sqlite3'

/**
 * Makes `work` one transaction that takes the write lock at its start. A transaction that reads first and writes later
 * would fail at once, without waiting, where another process has written in between.
 */
export function writing<Input extends unknown[], Output>(
  database: Database.Database,
  work: (...input: Input) => Output,
): (...input: Input) => Output {
  const transaction = database.transaction(work)
  return (...input) => transaction.immediate(...input)
}

/**
 * The same without waiting for the disk, so that many such writes in a row hold up nobody's rating. A power cut may take
 * them, never half of one: for what counts only once a later, waiting transaction says so, which puts on disk whatever
 * was written before it.
 */
export function writingAhead<Input extends unknown[], Output>(
  database: Database.Database,
  work: (...input: Input) => Output,
): (...input: Input) => Output {
  const write = writing(database, work)
  return (...input) => {
    database.pragma('synchronous = NORMAL')
    try {
      return write(...input)
    } finally {
      database.pragma('synchronous = FULL')
    }
  }
}
