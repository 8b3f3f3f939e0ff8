import { GradusError } from '#shared/contract/errors.ts'
import type { Run } from '#shared/domain/run.ts'
import type { RunningJob } from '../../jobs/jobs.ts'
import { explainDatabaseError } from '../../store/databaseErrors.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { refitForConsensus } from '../agreement/raterModel.ts'
import type { ServiceContext } from '../context.ts'
import { openCache } from '../model/encoderAccess.ts'
import { loadModel, withTrainer } from '../model/scoring.ts'
import { clearPredictions } from './interruptedRuns.ts'
import { rankWaiting, writeRanked, type RankedSuggestions } from './rankWaiting.ts'
import { scoringLimits, type ScoringLimits } from './scoreWaiting.ts'
import { gatherTrainingData } from './trainingData.ts'
import { requireStillOpen } from '../withProject.ts'

/** A finished run that is to be the project's model again. */
export interface EarlierRun {
  readonly run: Run
  /** safetensors, as the training process wrote them. */
  readonly weights: Uint8Array
}

/**
 * Makes an earlier run the one in use: scores the pool and the holdout with its weights, ranks suggestions as labels
 * stand now, and then changes over in one transaction. Whatever ends it before leaves the present run in use.
 * @throws GradusError `cancelled`, `worker-died`, `not-found` where the run went into the bin meanwhile, and what encoding
 *   and scoring throw.
 */
export async function restoreRun(
  context: ServiceContext,
  store: ProjectStore,
  earlier: EarlierRun,
  running: RunningJob,
): Promise<void> {
  const { run } = earlier
  try {
    // What a program that ended while it restored this run has left.
    await clearPredictions(store, { of: run.id })
    await scoreAndUse(context, store, earlier, running)
  } catch (caught) {
    const thrown = explainDatabaseError(caught, store.path)
    if (store.database.open) await clearPredictions(store, { of: run.id })
    throw thrown
  }
  store.tally.recount()
  context.projectChanged()
  running.update({ phase: 'Clearing earlier predictions' })
  await clearPredictions(store, { except: run.id })
}

async function scoreAndUse(
  context: ServiceContext,
  store: ProjectStore,
  earlier: EarlierRun,
  running: RunningJob,
): Promise<void> {
  const { run } = earlier
  const ranked = await rankWithRun(context, store, earlier, running)
  store.database.transaction(() => {
    writeRanked(store, run.id, ranked)
    if (!store.runs.use(run.id))
      throw new GradusError(
        'not-found',
        `Run ${run.number} was put into the bin meanwhile: take it back first.`,
      )
  })()
}

/** Scores all that waits with the weights of a run, and ranks it as labels stand now. */
export async function rankWithRun(
  context: ServiceContext,
  store: ProjectStore,
  { run, weights }: EarlierRun,
  running: RunningJob,
  limits: ScoringLimits = scoringLimits,
): Promise<RankedSuggestions> {
  const { signal } = running
  const { holdoutShare } = store.project.read().settings
  const { validationShare, ensembleSize } = run.configuration
  await refitForConsensus(context, store, signal)
  requireStillOpen(store)
  const data = await gatherTrainingData(store, { holdoutShare }, validationShare, signal)
  const cache = openCache(context)
  try {
    return await withTrainer(context, signal, async (client) => {
      const model = await loadModel(client, weights, context.threads, signal)
      const work = { context, store, cache, model, run: { id: run.id, holdoutShare, data }, running }
      return rankWaiting({ ...work, share: (_, share) => share }, ensembleSize, limits)
    })
  } finally {
    cache.close()
  }
}

/**
 * Ranks anew with the run in use, as settings and ratings are now, and scores pairs that have come in since. Whatever ends
 * it before leaves the present suggestions as they are.
 * @throws GradusError `cancelled`, `worker-died`, `job-running` where another run has come into use meanwhile, and what
 *   encoding and scoring throw.
 */
export async function refreshRanking(
  context: ServiceContext,
  store: ProjectStore,
  inUse: EarlierRun,
  running: RunningJob,
): Promise<void> {
  const { run } = inUse
  try {
    const ranked = await rankWithRun(context, store, inUse, running)
    store.database.transaction(() => {
      if (store.runs.inUse()?.id !== run.id)
        throw new GradusError(
          'job-running',
          `Another run than run ${run.number} has come into use meanwhile: its own suggestions stand.`,
        )
      writeRanked(store, run.id, ranked)
    })()
  } catch (caught) {
    throw explainDatabaseError(caught, store.path)
  }
  store.tally.recount()
  context.projectChanged()
}
