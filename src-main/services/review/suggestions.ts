import type { AppContract } from '#shared/contract/index.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import type { ServiceContext } from '../context.ts'
import { withProject } from '../withProject.ts'

export type SuggestionHandlers = Pick<Handlers<AppContract>, 'review.suggestions'>

/** The suggestions of the run in use, as Review and the command line list them. */
export function createSuggestionHandlers(context: ServiceContext): SuggestionHandlers {
  return {
    'review.suggestions': ({ offset, limit, includeRated }) =>
      withProject(context, (store) => {
        const run = store.runs.inUse()
        if (run === null) return { total: 0, runNumber: null, ranking: null, rows: [] }
        const { total, rows } = store.suggestions.page(run.id, { offset, limit, includeRated })
        return {
          total,
          runNumber: run.number,
          ranking: null,
          rows: rows.map(({ score, variance, low, high, spread, doubt, abstained, ...row }) => ({
            ...row,
            prediction: { score, variance, low, high, spread, doubt, abstained },
          })),
        }
      }),
  }
}
