import type Database from 'better-sqlite3'
import { sql as first } from './migrations/0001-first.ts'
import { sql as runs } from './migrations/0002-runs.ts'
import { sql as classLabels } from './migrations/0003-class-labels.ts'
import { sql as predictions } from './migrations/0004-predictions.ts'
import { sql as search } from './migrations/0005-search.ts'
import { sql as manyRaters } from './migrations/0006-many-raters.ts'
import { sql as suggestions } from './migrations/0007-suggestions.ts'
import { sql as savedFilters } from './migrations/0008-saved-filters.ts'
import { sql as evidence } from './migrations/0009-evidence.ts'
import { sql as replay } from './migrations/0010-replay.ts'

/** The steps from an empty file to the present one: entry n brings version n to n + 1. They only ever grow. */
export const migrations: readonly string[] = [
  first,
  runs,
  classLabels,
  predictions,
  search,
  manyRaters,
  suggestions,
  savedFilters,
  evidence,
  replay,
]

/** The version this program writes. */
export const presentVersion = migrations.length

/** The version of a database; 0 for an empty one. */
export function versionOf(database: Database.Database): number {
  return Number(database.pragma('user_version', { simple: true }))
}

/** Brings a database to the newest version: each step in one transaction, none left half done, none passed over. */
export function migrate(database: Database.Database, steps: readonly string[] = migrations): void {
  const version = versionOf(database)
  steps.slice(version).forEach((sql, index) => {
    database
      .transaction(() => {
        database.exec(sql)
        const broken = database.pragma('foreign_key_check') as unknown[]
        if (broken.length > 0)
          throw new Error(
            `Migration to version ${version + index + 1} leaves ${broken.length} rows without parent.`,
          )
        database.pragma(`user_version = ${version + index + 1}`)
      })
      .exclusive()
  })
}
