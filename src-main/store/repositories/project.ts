import type Database from 'better-sqlite3'
import { z } from 'zod'
import { ulid } from '#shared/domain/ids.ts'
import { defaultProjectSettings, projectSettings, type ProjectSettings } from '#shared/domain/project.ts'
import { newId } from '../newId.ts'

/** The one row that names the project and holds its settings. */
export interface StoredProject {
  readonly id: string
  readonly title: string
  readonly settings: ProjectSettings
  readonly createdAt: string
  /** The rater this file was split off for; null: it is the project itself. */
  readonly workRaterId: string | null
}

export interface ProjectRepository {
  /** Writes the project's row; a file has one. */
  create(title: string, settings: ProjectSettings): StoredProject
  /** The project of this file. @throws Error where the row was never written. */
  read(): StoredProject
  exists(): boolean
  writeTitle(title: string): void
  writeSettings(settings: ProjectSettings): void
}

/** Settings as they are stored; what an earlier version did not know yet has its default. */
export function parseSettings(text: string): ProjectSettings {
  return projectSettings.parse({ ...defaultProjectSettings, ...z.looseObject({}).parse(JSON.parse(text)) })
}

const row = z.object({
  id: ulid,
  title: z.string(),
  settings: z.string(),
  createdAt: z.string(),
  workRaterId: ulid.nullable(),
})

/** The project's title and settings. */
export function createProjectRepository(database: Database.Database): ProjectRepository {
  const insert = database.prepare<Record<Exclude<keyof StoredProject, 'workRaterId'>, string>>(
    'INSERT INTO project (id, title, settings, created_at) VALUES (@id, @title, @settings, @createdAt)',
  )
  const select = database.prepare(
    'SELECT id, title, settings, created_at AS createdAt, work_rater_id AS workRaterId FROM project',
  )
  const updateTitle = database.prepare<[string]>('UPDATE project SET title = ?')
  const updateSettings = database.prepare<[string]>('UPDATE project SET settings = ?')

  return {
    create(title, settings) {
      const created = { id: newId(), title, settings, createdAt: new Date().toISOString() }
      insert.run({ ...created, settings: JSON.stringify(settings) })
      return { ...created, workRaterId: null }
    },
    read() {
      const { settings, ...rest } = row.parse(select.get())
      return { ...rest, settings: parseSettings(settings) }
    },
    exists: () => select.get() !== undefined,
    writeTitle: (title) => void updateTitle.run(title),
    writeSettings: (settings) => void updateSettings.run(JSON.stringify(settings)),
  }
}
