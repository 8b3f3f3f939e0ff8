import { GradusError } from '#shared/contract/errors.ts'
import type { Run } from '#shared/domain/run.ts'
import type { RunningJob } from '../../jobs/jobs.ts'
import { explainDatabaseError } from '../../store/databaseErrors.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { refitForConsensus } from '../agreement/raterModel.ts'
import type { ServiceContext } from '../context.ts'
import { openCache } from '../model/encoderAccess.ts'
import { loadModel, withTrainer } from '../model/scoring.ts'
import { requireStillOpen } from '../withProject.ts'
import { rankWaiting, writeRanked, type RankedSuggestions } from './rankWaiting.ts'
import { scoringLimits, type ScoringLimits } from './scoreWaiting.ts'
import { gatherTrainingData } from './trainingData.ts'

/** A finished run with its weights. */
export interface KeptRun {
  readonly run: Run
  /** safetensors, as the training process wrote them. */
  readonly weights: Uint8Array
}

/** Scores all that waits with the weights of a run, and ranks it as labels stand now. */
export async function rankWithRun(
  context: ServiceContext,
  store: ProjectStore,
  { run, weights }: KeptRun,
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
  inUse: KeptRun,
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
