import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createForkWorker } from '../../jobs/forkWorker.ts'
import { createJobs } from '../../jobs/jobs.ts'
import type { ServiceContext } from '../context.ts'
import { createFileTokens } from '../fileTokens.ts'
import { createProjectSession } from '../projectSession.ts'

/** For tests: a context over folders below `root`, with no project open. */
export interface TestContext {
  readonly context: ServiceContext
  readonly logged: unknown[]
  /** How often services said that the project changed. */
  changes(): number
  close(): Promise<void>
}

/** Makes the folders, too. */
export function createTestContext(root: string, host: ServiceContext['host'] = 'web'): TestContext {
  const folder = (name: string): string => {
    const path = join(root, name)
    mkdirSync(path, { recursive: true })
    return path
  }
  const logged: unknown[] = []
  const log = (thrown: unknown): void => void logged.push(thrown)
  const jobs = createJobs(() => undefined, log)
  const session = createProjectSession()
  let changes = 0
  return {
    context: {
      host,
      version: '0.0.0',
      folders: {
        projects: folder('projects'),
        data: folder('data'),
        cache: folder('cache'),
        log: folder('log'),
      },
      startWorker: createForkWorker(pathToFileURL(`${root}/`)),
      threads: 1,
      jobs,
      files: createFileTokens(null),
      session,
      projectChanged: () => void (changes += 1),
      log,
    },
    logged,
    changes: () => changes,
    async close() {
      await jobs.close()
      session.set(null)
    },
  }
}

/** For calls of handlers in tests. */
export const testCall: { readonly signal: AbortSignal } = { signal: new AbortController().signal }
