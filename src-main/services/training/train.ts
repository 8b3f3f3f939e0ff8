import { GradusError, toErrorShape } from '#shared/contract/errors.ts'
import type { AppContract } from '#shared/contract/index.ts'
import type { BackendChoice, BackendName } from '#shared/domain/backend.ts'
import { trainingConfiguration, type TrainingConfiguration } from '#shared/domain/run.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import { encoderDigest } from '../../encoder/catalogue.ts'
import type { RunningJob } from '../../jobs/jobs.ts'
import { versionsInUse } from '../../libraryVersions.ts'
import { newId } from '../../store/newId.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { explainDatabaseError } from '../../store/databaseErrors.ts'
import { refitForConsensus } from '../agreement/raterModel.ts'
import { currentLadder, resolveBackend } from '../backends/currentLadder.ts'
import type { ServiceContext } from '../context.ts'
import { measureAfterRun } from '../evidence/measure.ts'
import { clearPredictions } from './interruptedRuns.ts'
import { giveWay } from './giveWay.ts'
import { requireIdle } from './requireIdle.ts'
import { countRows, gatherTrainingData, snapshotDigest } from './trainingData.ts'
import { carryOutRun, type PlannedRun } from './trainingJob.ts'
import { trainingObstacle } from './trainingSplit.ts'
import { requireStillOpen, requireWholeProject, withProject } from '../withProject.ts'

export type TrainHandlers = Pick<Handlers<AppContract>, 'train.outlook' | 'train.start' | 'train.resume'>

/** The handlers of contract/train.ts. */
export function createTrainHandlers(context: ServiceContext): TrainHandlers {
  return {
    'train.outlook': (_, { signal }) =>
      withProject(context, async (store) => {
        const { validationShare } = trainingConfiguration.parse({})
        const data = await gatherTrainingData(store, store.project.read().settings, validationShare, signal)
        const rows = countRows(data)
        const { train, validation, holdout } = rows
        const { labelledPairs, pool } = data
        return { labelledPairs, train, validation, holdout, pool, obstacle: trainingObstacle(rows) }
      }),

    'train.start': ({ configuration, backend }, { signal }) =>
      withProject(context, async (store) => {
        requireWholeProject(store, 'models are trained')
        await giveWay(context)
        return {
          jobId: await startTraining(context, store, { configuration, backend, automatic: false }, signal),
        }
      }),

    'train.resume': ({ runId }, { signal }) =>
      withProject(context, async (store) => {
        await giveWay(context)
        requireStillOpen(store)
        requireIdle(context)
        const stopped = store.runs.byId(runId)
        const checkpoint = store.runs.checkpoint(runId)
        if (stopped === null || checkpoint === null)
          throw new GradusError(
            'not-found',
            'This run cannot be gone on with: it has ended, or was stopped before its first epoch was whole. Train again.',
          )
        const { configuration, number } = stopped
        const { snapshot, ...run } = await planRun(context, store, runId, configuration, signal)
        if (stopped.encoderDigest !== encoderDigest)
          throw new GradusError(
            'bad-options',
            `Run ${number} was begun with another encoder, so it cannot be gone on with: train again.`,
          )
        if (snapshot !== stopped.snapshotDigest)
          throw new GradusError(
            'bad-options',
            `Ratings, classes or splits have changed since run ${number} was begun, so it cannot be gone on with: train again.`,
          )
        const asked = await resolveAsked(context, undefined, signal)
        await giveWay(context)
        requireStillOpen(store)
        requireIdle(context)
        if (!store.runs.resume(runId))
          throw new GradusError(
            'not-found',
            `Run ${number} is in the bin or running: it cannot be gone on with.`,
          )
        const { state } = checkpoint
        const resumed = { ...run, number, backend: asked, checkpoint: state, automatic: false }
        return { jobId: startRun(context, store, resumed) }
      }),
  }
}

/** A training that is to begin, asked for by a person or by itself. */
export interface WantedTraining {
  readonly configuration: TrainingConfiguration
  /** Undefined leaves it to Settings. */
  readonly backend: BackendChoice | undefined
  readonly automatic: boolean
}

/**
 * Reads what there is to train on, writes the run down and starts its job.
 * @returns the job's id.
 * @throws GradusError `job-running`, `not-enough-labels`, `bad-options` (the back end), `no-project-open`.
 */
export async function startTraining(
  context: ServiceContext,
  store: ProjectStore,
  { configuration, backend, automatic }: WantedTraining,
  signal: AbortSignal,
): Promise<string> {
  requireStillOpen(store)
  requireIdle(context)
  // The id is made first: a rating that comes while labels are read is newer than the run, seen or not.
  const { snapshot, ...run } = await planRun(context, store, newId(), configuration, signal)
  const asked = await resolveAsked(context, backend, signal)
  // Another call may have started one while this one was reading.
  if (!automatic) await giveWay(context)
  requireStillOpen(store)
  requireIdle(context)
  const number = store.runs.start({
    id: run.id,
    configuration,
    encoderDigest,
    snapshotDigest: snapshot,
    labelledPairs: run.data.labelledPairs,
    libraries: versionsInUse(context.version),
    createdAt: new Date().toISOString(),
  })
  return startRun(context, store, { ...run, number, backend: asked, checkpoint: null, automatic })
}

function startRun(context: ServiceContext, store: ProjectStore, run: PlannedRun): string {
  const { id: runId, number: runNumber, automatic } = run
  return context.jobs.start(
    { kind: 'train', runId, runNumber, automatic, curves: [] },
    'Reading labels',
    (running) => keepRun(context, store, run, running),
  )
}

/** Reads what there is to train on. @throws GradusError `not-enough-labels`. */
async function planRun(
  context: ServiceContext,
  store: ProjectStore,
  id: string,
  configuration: TrainingConfiguration,
  signal: AbortSignal,
): Promise<
  Omit<PlannedRun, 'number' | 'backend' | 'checkpoint' | 'automatic'> & { readonly snapshot: string }
> {
  await refitForConsensus(context, store, signal)
  requireStillOpen(store)
  const { settings } = store.project.read()
  const data = await gatherTrainingData(store, settings, configuration.validationShare, signal)
  const obstacle = trainingObstacle(countRows(data))
  if (obstacle !== null) throw new GradusError('not-enough-labels', obstacle)
  const hasClassLabels = data.train.some(({ classCounts }) => classCounts.length > 0)
  const classes = hasClassLabels ? settings.classScores.map(({ name, score }) => ({ name, score })) : []
  return {
    id,
    configuration,
    holdoutShare: settings.holdoutShare,
    consensus: settings.consensus,
    data,
    classes,
    snapshot: await snapshotDigest(data, classes),
  }
}

/** The back end that was asked for by name, once it is known to work; null where the ladder decides during the run. */
async function resolveAsked(
  context: ServiceContext,
  backend: BackendChoice | undefined,
  signal: AbortSignal,
): Promise<BackendName | null> {
  const asked = backend ?? currentLadder(context).choice
  return asked === 'automatic' ? null : resolveBackend(context, asked, signal, () => undefined)
}

/** Carries out a run and writes down how it ended, whatever that is. */
async function keepRun(
  context: ServiceContext,
  store: ProjectStore,
  run: PlannedRun,
  running: RunningJob,
): Promise<void> {
  try {
    await carryOutRun(context, store, run, running)
  } catch (caught) {
    const thrown = explainDatabaseError(caught, store.path)
    // A project closed meanwhile finds its run still called running, and marks it, when it is opened next.
    if (store.database.open) {
      const { code, message } = toErrorShape(thrown)
      const { reason } = running.signal
      const why = reason instanceof GradusError ? reason.message : 'Cancelled.'
      store.runs.end(run.id, {
        status: code === 'cancelled' ? 'cancelled' : 'failed',
        failure: code === 'cancelled' ? why : message,
        finishedAt: new Date().toISOString(),
      })
      // Taken up from there, it would meet the same bug.
      if (code === 'unexpected') store.runs.removeCheckpoint(run.id)
      await clearPredictions(store, { of: run.id })
      context.projectChanged()
    }
    throw thrown
  }
  context.projectChanged()
  running.update({ phase: 'Clearing earlier predictions' })
  await clearPredictions(store, { except: run.id })
  measureAfterRun(context, store)
}
