import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Job } from '#shared/contract/jobs.ts'
import { createForkWorker } from '../../jobs/forkWorker.ts'
import { createJobs } from '../../jobs/jobs.ts'
import { builtEntries } from '../../programRoot.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { ServiceContext } from '../context.ts'
import { createFileTokens } from '../fileTokens.ts'
import { locateFolders } from '../projects/folders.ts'
import { openProjectFile } from '../projects/projects.ts'
import { createProjectSession } from '../projectSession.ts'
import { ensureSampleProject } from '../projects/sampleProject.ts'

/** For tests: the backend's context over temporary folders and the sample project, with real worker processes. */
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
  const folders = locateFolders(root)
  for (const folder of Object.values<string>({ ...folders })) mkdirSync(folder)
  return { ...folders, remove: () => rmSync(root, { recursive: true, force: true }) }
}

/** Opens a sample project of its own behind a context. */
export function openTestBackend(
  folders: ServiceContext['folders'],
  change: Partial<Pick<ServiceContext, 'startWorker'>> = {},
): TestBackend {
  const path = ensureSampleProject(mkdtempSync(join(folders.projects, 'sample-')))
  const store = openProjectFile(path)
  const session = createProjectSession()
  session.set({ store, path })
  const jobStates: Job[] = []
  const logged: unknown[] = []
  const log = (thrown: unknown): void => void logged.push(thrown)
  const jobs = createJobs((job) => void jobStates.push(job), log)
  return {
    context: {
      host: 'command-line',
      version: '0.0.0',
      folders,
      startWorker: createForkWorker(builtEntries),
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
