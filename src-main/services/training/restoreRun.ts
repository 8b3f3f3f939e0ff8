import { GradusError } from '#shared/contract/errors.ts'
import type { RunningJob } from '../../jobs/jobs.ts'
import { explainDatabaseError } from '../../store/databaseErrors.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { ServiceContext } from '../context.ts'
import { clearPredictions } from './interruptedRuns.ts'
import { writeRanked } from './rankWaiting.ts'
import { rankWithRun, type KeptRun } from './refreshRanking.ts'

/**
 * Makes an earlier run the one in use: scores the pool and the holdout with its weights, ranks suggestions as labels
 * stand now, and then changes over in one transaction. Whatever ends it before leaves the present run in use.
 * @throws GradusError `cancelled`, `worker-died`, `not-found` where the run went into the bin meanwhile, and what encoding
 *   and scoring throw.
 */
export async function restoreRun(
  context: ServiceContext,
  store: ProjectStore,
  earlier: KeptRun,
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
  earlier: KeptRun,
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
