import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { Job } from '#shared/contract/jobs.ts'
import { defaultProjectSettings } from '#shared/domain/project.ts'
import { createForkWorker } from '../jobs/forkWorker.ts'
import { createJobs } from '../jobs/jobs.ts'
import { newId } from '../store/newId.ts'
import { pairDigest, premiseGroup } from '../store/pairKeys.ts'
import { openProjectStore, type ProjectStore } from '../store/projectStore.ts'
import type { ServiceContext } from './context.ts'
import { createFileTokens } from './fileTokens.ts'
import { createProjectSession } from './projectSession.ts'

/** For tests: the backend's context over temporary folders, with real worker processes. */
export interface TestBackend {
  readonly context: ServiceContext
  readonly store: ProjectStore
  /** Every state of every job, in order. */
  readonly jobStates: Job[]
  readonly logged: unknown[]
  close(): Promise<void>
}

/** Makes folders that several test backends may share, so that the encoder is converted once. */
export function createTestFolders(): ServiceContext['folders'] & { remove(): void } {
  const root = mkdtempSync(join(tmpdir(), 'gradus-test-'))
  const folder = (name: string): string => {
    const path = join(root, name)
    mkdirSync(path)
    return path
  }
  return {
    projects: folder('projects'),
    data: folder('data'),
    cache: folder('cache'),
    log: folder('log'),
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

/** Opens an empty project in memory behind a context. */
export function openTestBackend(
  folders: ServiceContext['folders'],
  change: Partial<Pick<ServiceContext, 'startWorker'>> = {},
): TestBackend {
  const store = openProjectStore(':memory:', { create: true })
  store.project.create('Test', defaultProjectSettings)
  store.database.exec(
    `INSERT INTO guideline (version, text, created_at) VALUES (1, '', '2026-01-01T00:00:00.000Z')`,
  )
  const session = createProjectSession()
  session.set({ store, path: ':memory:' })
  const jobStates: Job[] = []
  const logged: unknown[] = []
  const log = (thrown: unknown): void => void logged.push(thrown)
  const jobs = createJobs((job) => void jobStates.push(job), log)
  return {
    context: {
      host: 'web',
      version: '0.0.0',
      folders,
      startWorker: createForkWorker(new URL('../../out/main/', import.meta.url)),
      threads: 2,
      jobs,
      files: createFileTokens(null),
      session,
      projectChanged: () => undefined,
      log,
      ...change,
    },
    store,
    jobStates,
    logged,
    async close() {
      await jobs.close()
      session.set(null)
    },
  }
}

const sampleRow = z.object({
  id: z.string(),
  premise: z.string(),
  hypothesis: z.string(),
  ratings: z.array(z.object({ rater: z.string(), score: z.number().optional() })),
})

/** Puts the program's sample pairs with their ratings into a project. */
export function addSamplePairs(store: ProjectStore): void {
  const at = '2026-01-01T00:00:00.000Z'
  const importId = newId()
  const { database } = store
  database
    .prepare(
      `INSERT INTO import (id, file_name, options, counts, started_at, finished_at) VALUES (?, 'sample', '{}', '{}', ?, ?)`,
    )
    .run(importId, at, at)
  const insertPair = database.prepare(
    `INSERT INTO pair (id, import_id, external_id, premise, hypothesis, digest, premise_group, metadata)
     VALUES (?, ?, ?, ?, ?, ?, ?, '{}')`,
  )
  const insertRater = database.prepare('INSERT INTO rater (id, name, created_at) VALUES (?, ?, ?)')
  const insertRating = database.prepare(
    `INSERT INTO rating (id, pair_id, rater_id, kind, score, scale_kind, guideline_version, pass_number, source, created_at)
     VALUES (?, ?, ?, 'score', ?, 'linear', 1, 1, 'annotate', ?)`,
  )
  const raters = new Map<string, string>()
  const raterId = (name: string): string => {
    const id = raters.get(name) ?? newId()
    if (!raters.has(name)) insertRater.run(id, name, at)
    raters.set(name, id)
    return id
  }
  const lines = readFileSync(new URL('../../resources/sample/pairs.jsonl', import.meta.url), 'utf8')
  database.transaction(() => {
    for (const line of lines.split('\n').filter((text) => text !== '')) {
      const { id, premise, hypothesis, ratings } = sampleRow.parse(JSON.parse(line))
      const pairId = newId()
      insertPair.run(
        pairId,
        importId,
        id,
        premise,
        hypothesis,
        pairDigest(premise, hypothesis),
        premiseGroup(premise),
      )
      for (const { rater, score } of ratings)
        if (score !== undefined) insertRating.run(newId(), pairId, raterId(rater), score, at)
    }
  })()
}
