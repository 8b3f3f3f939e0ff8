import type Database from 'better-sqlite3'
import { sql as first } from './migrations/0001-first.ts'

const migrations: readonly string[] = [first]

/** The version this program writes. */
export const presentVersion = migrations.length

/** Brings a database to the present version, one transaction per version. */
export function migrate(database: Database.Database): void {
  const version = database.pragma('user_version', { simple: true }) as number
  migrations.slice(version).forEach((sql, index) => {
    database.transaction(() => {
      database.exec(sql)
      database.pragma(`user_version = ${version + index + 1}`)
    })()
  })
}
