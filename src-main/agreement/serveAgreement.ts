import type { Port } from '#shared/rpc/port.ts'
import { serve, type Served } from '#shared/rpc/server.ts'
import { agreementContract } from './agreementContract.ts'
import { agreementFigures, agreementIntervals } from './measureAgreement.ts'
import { fitRaterModel } from './raterModel.ts'
import { sharedOnly } from './ratingTable.ts'

/** Serves the statistics of agreement over a port, until that closes. */
export function serveAgreement(port: Port): void {
  const served: Served<typeof agreementContract> = serve(
    agreementContract,
    port,
    {
      figures: ({ table }) => agreementFigures(table),
      intervals: ({ table, seed }, { signal }) =>
        agreementIntervals(table, seed, {
          signal,
          onProgress: (share) => served.emit('progress', { share }),
        }),
      fitRaterModel({ table }) {
        const shared = sharedOnly(table)
        const fitted = fitRaterModel(shared)
        if (fitted === null)
          return {
            model: null,
            reason:
              shared.pair.length === 0
                ? 'The rater model needs two raters on the same pair.'
                : 'The rater model needs scores that differ.',
          }
        const { mean, variance, usualDeviation, bias, scale, deviation } = fitted
        return { model: { mean, variance, usualDeviation, bias, scale, deviation }, reason: null }
      },
    },
    (thrown, method) => console.error(`Agreement process, ${method}:`, thrown),
  )
}
