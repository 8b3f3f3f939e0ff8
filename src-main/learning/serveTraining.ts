import type { Handlers } from '#shared/rpc/contract.ts'
import type { Port } from '#shared/rpc/port.ts'
import { serve, type Served } from '#shared/rpc/server.ts'
import { checkLabelled, checkPairs } from './checkRows.ts'
import { evaluate } from './scoring/evaluate.ts'
import { predict } from './scoring/predict.ts'
import { train } from './train.ts'
import { trainContract } from './trainContract.ts'
import { readWeights } from './weights.ts'

type TrainContract = typeof trainContract

/** Serves training, prediction and judging over a port, until that closes. */
export function serveTraining(port: Port): void {
  const served: Served<TrainContract> = serve(
    trainContract,
    port,
    createHandlers((name, payload) => served.emit(name, payload)),
    (thrown, method) => console.error(`Training process, ${method}:`, thrown),
  )
}

function createHandlers(emit: Served<TrainContract>['emit']): Handlers<TrainContract> {
  return {
    train: (input, { signal }) =>
      train(input, {
        signal,
        onEpoch: (record) => emit('epoch', record),
        onProgress: (share, phase) => emit('progress', { share, phase }),
      }),
    predict({ weights, pairs, threads }) {
      checkPairs(pairs, 'predicted')
      return predict(weights, pairs, threads)
    },
    evaluate({ weights, pairs, threads }) {
      checkLabelled(pairs, 'evaluated')
      return evaluate(readWeights(weights), pairs, threads)
    },
  }
}
