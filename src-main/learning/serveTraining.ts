import { GradusError } from '#shared/contract/errors.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import type { Port } from '#shared/rpc/port.ts'
import { serve, type Served } from '#shared/rpc/server.ts'
import { processGate } from '../jobs/gate.ts'
import { checkFinite, checkLabelled, checkPairs } from './checkRows.ts'
import { evaluate } from './scoring/evaluate.ts'
import { createKeptCandidates, type KeptCandidates } from './scoring/keptCandidates.ts'
import { createScorer, type Scorer } from './scoring/predict.ts'
import { search } from './search/search.ts'
import { train } from './train.ts'
import { trainContract } from './trainContract.ts'
import { readsTokens, readWeights } from './weights.ts'

type TrainContract = typeof trainContract

/** Serves training, search, prediction and judging over a port, until that closes. */
export function serveTraining(port: Port): void {
  const served: Served<TrainContract> = serve(
    trainContract,
    port,
    createHandlers((name, payload) => served.emit(name, payload)),
    (thrown, method) => console.error(`Training process, ${method}:`, thrown),
  )
}

function createHandlers(emit: Served<TrainContract>['emit']): Handlers<TrainContract> {
  let loaded: { readonly scorer: Scorer; readonly kept: KeptCandidates } | null = null
  const requireLoaded = (): NonNullable<typeof loaded> => {
    if (loaded === null) throw new GradusError('bad-request', 'No weights are loaded: load some first.')
    return loaded
  }
  return {
    hold({ milliseconds }) {
      processGate.hold(milliseconds)
      return {}
    },
    train: (input, { signal }) =>
      train(input, {
        signal,
        onEpoch: (head, maximumEpochs, record) => emit('epoch', { head, maximumEpochs, record }),
        onProgress: (share, phase) => emit('progress', { share, phase }),
        onCheckpoint: (epoch, state) => emit('checkpoint', { epoch, state }),
      }),
    search: (input, { signal }) =>
      search(input, {
        signal,
        onProgress: (share, phase) => emit('progress', { share, phase }),
        onTried: (tried) => emit('tried', tried),
      }),
    async load({ weights, threads }) {
      const scorer = await createScorer(weights, threads)
      // Taken only now: another call may have loaded some meanwhile.
      const before = loaded
      const members = scorer.weights.heads.regression?.size.members ?? 1
      loaded = { scorer, kept: createKeptCandidates(members) }
      await before?.scorer.close()
      return { readsTokens: readsTokens(scorer.weights) }
    },
    async predict({ pairs, keep }) {
      const { scorer, kept } = requireLoaded()
      checkPairs(pairs, 'predicted')
      checkFinite(pairs, 'predicted')
      const said = await scorer.predict(pairs)
      if (keep !== null) kept.keep(keep, pairs, said)
      return said
    },
    rank(request) {
      const { kept } = requireLoaded()
      const pairs = { ...request.labelled, tokens: null }
      checkPairs(pairs, 'rated')
      checkFinite(pairs, 'rated')
      return kept.rank(request)
    },
    evaluate({ weights, pairs, threads }) {
      checkLabelled(pairs, 'evaluated')
      checkFinite(pairs, 'evaluated')
      return evaluate(readWeights(weights), pairs, threads)
    },
  }
}
