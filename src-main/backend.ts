import { availableParallelism } from 'node:os'
import { contract, type AppContract } from '#shared/contract/index.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import type { Port } from '#shared/rpc/port.ts'
import { serve, type Served } from '#shared/rpc/server.ts'
import { createJobs } from './jobs/jobs.ts'
import { createPersonPace } from './jobs/pace.ts'
import type { StartWorker } from './jobs/worker.ts'
import { createLog } from './log.ts'
import { programVersion } from './programRoot.ts'
import { createAgreementHandlers } from './services/agreement/agreement.ts'
import { createAnnotateHandlers } from './services/annotation/annotate.ts'
import { createRetraining } from './services/background/retraining.ts'
import { createBackendHandlers } from './services/backends/backends.ts'
import type { ServiceContext } from './services/context.ts'
import { createEvidenceHandlers } from './services/evidence/evidence.ts'
import { createExportHandlers } from './services/exports/exports.ts'
import { createFileTokens, type FileTokens } from './services/fileTokens.ts'
import { openFolders } from './services/projects/folders.ts'
import { createImportHandlers } from './services/imports/imports.ts'
import { createJobsHandlers } from './services/jobs.ts'
import { createJudgingHandlers } from './services/judging/judging.ts'
import { createPlanHandlers } from './services/plan/plan.ts'
import { createProgramHandlers } from './services/program.ts'
import { createProjectHandlers } from './services/projects/projects.ts'
import { createProjectSession } from './services/projectSession.ts'
import { createReplayHandlers } from './services/replay/replay.ts'
import { createReviewListHandlers } from './services/review/lists.ts'
import { createReviewHandlers } from './services/review/review.ts'
import { createSuggestionHandlers } from './services/review/suggestions.ts'
import { createSettlingHandlers } from './services/settling/settling.ts'
import { createWeighedPairs } from './services/settling/weighedPairs.ts'
import { createRunsHandlers } from './services/training/runs.ts'
import { createSearchHandlers } from './services/training/search.ts'
import { createTrainHandlers } from './services/training/train.ts'

export interface BackendOptions {
  readonly host: ServiceContext['host']
  readonly startWorker: StartWorker
  /** Makes a file fetchable and returns its address; null where results go to folders. */
  readonly offerDownload: FileTokens['offerDownload']
  /** A folder for everything the program keeps; by default the environment's GRADUS_HOME, else the system's places. */
  readonly home?: string
}

export interface Backend {
  /** For a caller in the same process; inputs are taken as parsed. */
  readonly handlers: Handlers<AppContract>
  readonly context: ServiceContext
  /** Serves one window. Any number may be connected. */
  connect(port: Port): void
  /** Cancels jobs, waits for their ends, closes the project and every connection. */
  close(): Promise<void>
}

/** Changes within this time become one event, in milliseconds. */
const projectEventDelay = 100

/**
 * Builds the program without a host: the services over one store, and what connects them to windows.
 * @throws GradusError `file-unwritable` where the program's folders cannot be made.
 */
export function createBackend(options: BackendOptions): Backend {
  const folders = openFolders(options.home)
  const log = createLog(folders.log)
  const connections = new Map<Port, Served<AppContract>>()
  const person = createPersonPace()
  let changeTimer: NodeJS.Timeout | undefined

  const context: ServiceContext = {
    host: options.host,
    version: programVersion(),
    folders,
    startWorker: options.startWorker,
    threads: availableParallelism(),
    jobs: createJobs((job) => {
      for (const served of connections.values()) served.emit('job', job)
      if (job.outcome.status !== 'running') retraining.look()
    }, log),
    files: createFileTokens(options.offerDownload),
    session: createProjectSession(),
    projectChanged() {
      changeTimer ??= setTimeout(() => {
        changeTimer = undefined
        void tellProject()
        retraining.look()
      }, projectEventDelay)
    },
    log,
  }

  const weighedPairs = createWeighedPairs()
  const retraining = createRetraining(context, person)

  const handlers: Handlers<AppContract> = {
    ...createProgramHandlers(context),
    ...createProjectHandlers(context),
    ...createImportHandlers(context),
    ...createAnnotateHandlers(context),
    ...createPlanHandlers(context),
    ...createReviewHandlers(context),
    ...createSuggestionHandlers(context),
    ...createReviewListHandlers(context, weighedPairs),
    ...createSettlingHandlers(context, weighedPairs),
    ...createTrainHandlers(context),
    ...createSearchHandlers(context),
    ...createRunsHandlers(context),
    ...createReplayHandlers(context),
    ...createBackendHandlers(context),
    ...createJudgingHandlers(context),
    ...createAgreementHandlers(context),
    ...createEvidenceHandlers(context),
    ...createExportHandlers(context),
    ...createJobsHandlers(context, person),
  }

  const tellProject = async (): Promise<void> => {
    if (connections.size === 0) return
    try {
      const overview = await handlers['project.current']({}, { signal: new AbortController().signal })
      for (const served of connections.values()) served.emit('project', overview)
    } catch (thrown) {
      log(thrown, 'event project')
    }
  }

  return {
    handlers,
    context,
    connect(port) {
      connections.set(port, serve(contract, port, handlers, log))
      port.onClose(() => connections.delete(port))
    },
    async close() {
      await retraining.close()
      await context.jobs.close()
      clearTimeout(changeTimer)
      context.session.set(null)
      for (const port of [...connections.keys()]) port.close()
    },
  }
}
