import type Database from 'better-sqlite3'

/** A statement that takes longer than this is worth a line in the log, in milliseconds. */
const slow = 100
const longestText = 300

/**
 * Reports every statement prepared from now on that takes longer than `limit` milliseconds, with its text. Costs two
 * readings of the clock a statement.
 */
export function reportSlowStatements(
  database: Database.Database,
  report: (message: string) => void,
  limit = slow,
): void {
  const prepare = database.prepare.bind<(sql: string) => Database.Statement>(database)
  const watched = (sql: string): Database.Statement => {
    const statement = prepare(sql)
    for (const name of ['run', 'get', 'all'] as const) {
      const perform: (...given: unknown[]) => unknown = statement[name].bind(statement)
      const value = (...given: unknown[]): unknown => {
        const started = performance.now()
        try {
          return perform(...given)
        } finally {
          const milliseconds = performance.now() - started
          if (milliseconds > limit)
            report(`${Math.round(milliseconds)} ms: ${sql.replace(/\s+/g, ' ').trim().slice(0, longestText)}`)
        }
      }
      Object.defineProperty(statement, name, { value })
    }
    return statement
  }
  Object.defineProperty(database, 'prepare', { value: watched })
}
