import { GradusError } from '#shared/contract/errors.ts'
import type { Run } from '#shared/domain/run.ts'
import type { RunningJob } from '../../jobs/jobs.ts'
import { explainDatabaseError } from '../../store/databaseErrors.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { ServiceContext } from '../context.ts'
import { openCache } from '../model/encoderAccess.ts'
import { loadModel, withTrainer } from '../model/scoring.ts'
import { toSuggestions } from './chooseSuggestions.ts'
import { clearPredictions } from './interruptedRuns.ts'
import { gatherTrainingData } from './trainingData.ts'
import { scoreWaiting } from './trainingJob.ts'

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
  context.projectChanged()
  running.update({ phase: 'Clearing earlier predictions' })
  await clearPredictions(store, { except: run.id })
}

async function scoreAndUse(
  context: ServiceContext,
  store: ProjectStore,
  { run, weights }: EarlierRun,
  running: RunningJob,
): Promise<void> {
  const { signal } = running
  const { holdoutShare } = store.project.read().settings
  const { validationShare, ensembleSize } = run.configuration
  const data = await gatherTrainingData(store, { holdoutShare }, validationShare, signal)
  const cache = openCache(context)
  try {
    await withTrainer(context, signal, async (client) => {
      const model = await loadModel(client, weights, context.threads, signal)
      const ranked = await scoreWaiting({
        context,
        store,
        cache,
        model,
        run: { id: run.id, holdoutShare, data },
        running,
        share: (_, share) => share,
      })
      const suggestions = toSuggestions(run.id, ensembleSize, ranked)
      store.database.transaction(() => {
        store.suggestions.retire(run.id)
        store.suggestions.write(suggestions)
        if (!store.runs.use(run.id))
          throw new GradusError(
            'not-found',
            `Run ${run.number} was put into the bin meanwhile: take it back first.`,
          )
      })()
    })
  } finally {
    cache.close()
  }
}
