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
