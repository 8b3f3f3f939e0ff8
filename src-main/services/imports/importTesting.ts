import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ImportOptions } from '#shared/contract/imports.ts'
import type { ImportCounts, Job } from '#shared/contract/jobs.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { openEmptyProject, type EmptyProject } from '../testing/emptyTestProject.ts'
import type { ServiceContext } from '../context.ts'
import { createImportHandlers, type ImportHandlers } from './imports.ts'

/** For tests: a CSV with a header, scores from 0 to 5 by `gold`. */
export const csv = {
  format: 'delimited',
  encoding: 'utf-8',
  separator: ',',
  quoting: 'double',
  header: true,
} as const
export const options: ImportOptions = {
  layout: csv,
  columns: { premise: 'premise', hypothesis: 'hypothesis', score: 'score', metadata: [] },
  scoreRange: { low: 0, high: 5 },
  rater: 'gold',
  split: null,
  onBadRow: 'report',
}
export const call: { readonly signal: AbortSignal } = { signal: new AbortController().signal }

/** Six thousand rows by seven raters. */
export const many = `premise,hypothesis,score,rater\n${Array.from({ length: 6_000 }, (_, row) => `Text ${row},Other ${row},${row % 6},rater ${row % 7}`).join('\n')}\n`
export const manyColumns: ImportOptions['columns'] = {
  premise: 'premise',
  hypothesis: 'hypothesis',
  score: 'score',
  rater: 'rater',
  metadata: [],
}

/** An import that has ended. */
interface EndedImport {
  readonly job: Job
  readonly importId: string
  readonly counts: ImportCounts
  /** Row, reason and message of what was not (wholly) taken. */
  readonly report: readonly (readonly [number, string, string])[]
}

/** For tests: an empty project and what importing into it needs. */
export interface ImportTesting {
  readonly project: EmptyProject
  readonly handlers: ImportHandlers
  /** Writes a file and returns its path. */
  write(name: string, content: string | Buffer): string
  /** Starts an import with the usual options, some changed; returns its job. */
  start(path: string, change?: Partial<ImportOptions>): Promise<string>
  run(path: string, change?: Partial<ImportOptions>): Promise<EndedImport>
  /** Every pair with its ratings, in the order of the project. */
  contents(): unknown[]
}

export function createImportTesting(folders: ServiceContext['folders']): ImportTesting {
  const project = openEmptyProject(folders)
  const { context, store } = project
  const handlers = createImportHandlers(context)

  const start = async (path: string, change: Partial<ImportOptions> = {}): Promise<string> => {
    const fileToken = context.files.allow(path)
    const { jobId } = await handlers['imports.start']({ fileToken, options: { ...options, ...change } }, call)
    return jobId
  }

  return {
    project,
    handlers,
    write(name, content) {
      const path = join(folders.projects, name)
      writeFileSync(path, content)
      return path
    },
    start,
    async run(path, change) {
      const job = await context.jobs.ended(await start(path, change))
      if (job.detail.kind !== 'import') throw new Error('An import ended as another kind of job')
      const { importId, counts } = job.detail
      const { rows } = await handlers['imports.rejected']({ importId, offset: 0, limit: 500 }, call)
      const report = rows.map(({ rowNumber, reason, message }) => [rowNumber, reason, message] as const)
      return { job, importId, counts, report }
    },
    contents: () => contentsOf(store),
  }
}

function contentsOf(store: ProjectStore): unknown[] {
  return store.database
    .prepare(
      `SELECT premise, hypothesis, external_id AS id, declared_split AS split, metadata,
        (SELECT json_group_array(json_array(rater.name, rating.score) ORDER BY rating.id) FROM current_rating AS rating
         JOIN rater ON rater.id = rating.rater_id WHERE rating.pair_id = pair.id) AS ratings
       FROM current_pair AS pair ORDER BY pair.id`,
    )
    .all()
    .map((row) => {
      const { metadata, ratings, ...rest } = row as { metadata: string; ratings: string }
      return { ...rest, metadata: JSON.parse(metadata) as unknown, ratings: JSON.parse(ratings) as unknown }
    })
}

/** A pair as `contents` shows it. */
export function pair(
  premise: string,
  hypothesis: string,
  ratings: readonly (readonly [string, number])[],
  change: object = {},
): unknown {
  return { premise, hypothesis, id: null, split: null, metadata: {}, ratings, ...change }
}

/** Every row of every table, as text. */
export function dump({ database }: ProjectStore): string {
  const tables = database
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
    .pluck()
    .all()
  return JSON.stringify(tables.map((name) => [name, database.prepare(`SELECT * FROM ${String(name)}`).all()]))
}
