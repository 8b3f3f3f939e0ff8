import type { Jobs } from '../jobs/jobs.ts'
import type { Pace } from '../jobs/pace.ts'
import type { StartWorker } from '../jobs/worker.ts'
import type { FileTokens } from './fileTokens.ts'
import type { ProjectSession } from './projectSession.ts'

/** Folders of this installation; absolute paths that exist. */
export interface Folders {
  /** Where projects are put unless the user chooses a folder. */
  readonly projects: string
  /** Recent projects, converted encoder. */
  readonly data: string
  /** The embedding cache; safe to delete. */
  readonly cache: string
  readonly log: string
}

/** What every service gets from the backend. */
export interface ServiceContext {
  readonly host: 'electron' | 'web' | 'command-line'
  readonly version: string
  readonly folders: Folders
  readonly startWorker: StartWorker
  /** Processors that encoding and training may use. */
  readonly threads: number
  readonly jobs: Jobs
  /** When processes of this work are to wait; without one they never do. */
  readonly pace?: Pace
  readonly files: FileTokens
  readonly session: ProjectSession
  /** Tells the window that something of the open project changed; many calls in a row become one event. */
  projectChanged(): void
  /** Writes one of our own bugs, with its stack, to the log. */
  log(thrown: unknown, where: string): void
}
