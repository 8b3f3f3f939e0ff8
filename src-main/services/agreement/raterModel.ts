import type { ProjectStore } from '../../store/projectStore.ts'
import type { ServiceContext } from '../context.ts'
import { requireStillOpen } from '../withProject.ts'
import { gatherRatings } from './gatherRatings.ts'
import { fitRaterModel } from './measure.ts'

type FittingContext = Pick<ServiceContext, 'startWorker'>

/**
 * Fits the rater model to the ratings as they are, unless that has been done.
 * @returns why it cannot be fitted, in a sentence; null where it is fitted.
 * @throws GradusError `cancelled`, `worker-died`, `no-project-open`.
 */
export async function ensureRaterModel(
  context: FittingContext,
  store: ProjectStore,
  signal: AbortSignal,
): Promise<string | null> {
  const stamp = store.consensus.ratingsStamp()
  if (store.consensus.fittedOn() === stamp) return null
  const gathered = await gatherRatings(store, signal)
  const { model, reason } = await fitRaterModel(context, gathered, signal)
  requireStillOpen(store)
  if (model === null) return reason
  store.consensus.writeModel(model, stamp)
  store.wrote()
  return null
}

/**
 * To be called before the consensus of many pairs is read: where the project's rule is the rater model, that is fitted to
 * the ratings as they are. Where it cannot be fitted, the latest fit stays, and the mean stands in where there is none.
 */
export async function refitForConsensus(
  context: FittingContext,
  store: ProjectStore,
  signal: AbortSignal,
): Promise<void> {
  if (store.consensus.rule() === 'rater-model') await ensureRaterModel(context, store, signal)
}
