import type Database from 'better-sqlite3'
import { openDatabase } from './openDatabase.ts'
import { createLabelsRepository, type LabelsRepository } from './repositories/labels.ts'
import { createPredictionsRepository, type PredictionsRepository } from './repositories/predictions.ts'
import { createRunsRepository, type RunsRepository } from './repositories/runs.ts'
import { createSuggestionsRepository, type SuggestionsRepository } from './repositories/suggestions.ts'

/** One open project file: its repositories, each a set of prepared statements over one table or question. */
export interface ProjectStore {
  readonly path: string
  /** For a repository's use, and for a transaction that spans several. */
  readonly database: Database.Database
  readonly labels: LabelsRepository
  readonly runs: RunsRepository
  readonly predictions: PredictionsRepository
  readonly suggestions: SuggestionsRepository
  close(): void
}

/** Opens a project, or makes the file where `create` is set. */
export function openProjectStore(path: string, options: { create: boolean }): ProjectStore {
  const database = openDatabase(path, options)
  return {
    path,
    database,
    labels: createLabelsRepository(database),
    runs: createRunsRepository(database),
    predictions: createPredictionsRepository(database),
    suggestions: createSuggestionsRepository(database),
    close: () => void database.close(),
  }
}
