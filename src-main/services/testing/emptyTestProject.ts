import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { defaultProjectSettings } from '#shared/domain/project.ts'
import { createForkWorker } from '../../jobs/forkWorker.ts'
import { createJobs } from '../../jobs/jobs.ts'
import { openProjectStore, type ProjectStore } from '../../store/projectStore.ts'
import type { ServiceContext } from '../context.ts'
import { createFileTokens } from '../fileTokens.ts'
import { createProjectSession } from '../projectSession.ts'

/** For tests and benchmarks: a new project without pairs behind a context whose jobs need no worker process. */
export interface EmptyProject {
  readonly context: ServiceContext
  readonly store: ProjectStore
  readonly logged: unknown[]
  close(): Promise<void>
}

/** Makes a project titled `Test` in a folder of its own and opens it. */
export function openEmptyProject(folders: ServiceContext['folders']): EmptyProject {
  const path = join(mkdtempSync(join(folders.projects, 'empty-')), 'test.gradus')
  const store = openProjectStore(path, { create: true })
  store.project.create('Test', defaultProjectSettings)
  store.guidelines.write('Score how much the hypothesis follows.')
  const session = createProjectSession()
  session.set({ store, path })
  const logged: unknown[] = []
  const log = (thrown: unknown): void => void logged.push(thrown)
  const jobs = createJobs(() => undefined, log)
  return {
    context: {
      host: 'command-line',
      version: '0.0.0',
      folders,
      startWorker: createForkWorker(pathToFileURL(`${folders.cache}/`)),
      threads: 1,
      jobs,
      files: createFileTokens(null),
      session,
      projectChanged: () => undefined,
      log,
    },
    store,
    logged,
    async close() {
      await jobs.close()
      session.set(null)
    },
  }
}
