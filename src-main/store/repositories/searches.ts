import type Database from 'better-sqlite3'
import { z } from 'zod'
import { keptSearch, searchReport, type KeptSearch, type SearchReport } from '#shared/domain/search.ts'

export interface SearchesRepository {
  /** Keeps what a search found, in place of what the one before it did. */
  keep(report: SearchReport, createdAt: string): void
  /** What the last search found; null where there was none. */
  last(): KeptSearch | null
}

const row = z.object({ report: z.string(), createdAt: z.string() })

/** The last search of settings. */
export function createSearchesRepository(database: Database.Database): SearchesRepository {
  const upsert = database.prepare<[string, string]>(`
    INSERT INTO search_report (id, report, created_at) VALUES (1, ?, ?)
    ON CONFLICT (id) DO UPDATE SET report = excluded.report, created_at = excluded.created_at
  `)
  const select = database.prepare('SELECT report, created_at AS createdAt FROM search_report')
  return {
    keep: (report, createdAt) => void upsert.run(JSON.stringify(report), createdAt),
    last() {
      const raw = select.get()
      if (raw === undefined) return null
      const { report, createdAt } = row.parse(raw)
      return keptSearch.parse({ report: searchReport.parse(JSON.parse(report)), createdAt })
    },
  }
}
