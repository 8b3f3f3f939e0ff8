import { GradusError } from '#shared/contract/errors.ts'
import type { AppContract } from '#shared/contract/index.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import type { ServiceContext } from '../context.ts'
import { encoderDigest } from '../../encoder/catalogue.ts'
import { modelInUse } from '../model/modelInUse.ts'
import { giveWay } from '../training/giveWay.ts'
import { refreshRanking } from '../training/refreshRanking.ts'
import { requireIdle } from '../training/requireIdle.ts'
import { requireStillOpen, requireWholeProject, withProject } from '../withProject.ts'

export type SuggestionHandlers = Pick<Handlers<AppContract>, 'review.suggestions' | 'review.refresh'>

/** The suggestions of the run in use, as Review and the command line list them, and ranking them anew. */
export function createSuggestionHandlers(context: ServiceContext): SuggestionHandlers {
  return {
    'review.suggestions': ({ offset, limit, includeRated, history = false }) =>
      withProject(context, (store) => {
        const run = store.runs.inUse()
        if (run === null) return { total: 0, runNumber: null, ranking: null, rows: [] }
        const { total, rows } = store.suggestions.page(run.id, { offset, limit, includeRated, history })
        return {
          total,
          runNumber: run.number,
          ranking: store.suggestions.ranking(run.id),
          rows: rows.map(({ score, variance, low, high, spread, doubt, abstained, outOfFold, ...row }) => ({
            ...row,
            prediction: { score, variance, low, high, spread, doubt, abstained, outOfFold },
          })),
        }
      }),

    'review.refresh': () =>
      withProject(context, async (store) => {
        requireWholeProject(store, 'suggestions are ranked')
        await giveWay(context)
        requireStillOpen(store)
        const { run, weights } = modelInUse(store)
        if (run.encoderDigest !== encoderDigest)
          throw new GradusError(
            'bad-options',
            `Run ${run.number} was trained on another encoder, which this program does not have: train again.`,
          )
        requireIdle(context)
        const jobId = context.jobs.start(
          { kind: 'rank', runId: run.id, runNumber: run.number },
          'Reading labels',
          (running) => refreshRanking(context, store, { run, weights }, running),
        )
        return { jobId }
      }),
  }
}
