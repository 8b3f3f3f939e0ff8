import { GradusError } from '#shared/contract/errors.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import type { Port } from '#shared/rpc/port.ts'
import { serve, type Served } from '#shared/rpc/server.ts'
import { measureEvidence } from '../evidence/measureEvidence.ts'
import { openReplay, replayOne, replayReferenceOf, type OpenReplay } from './replayCell.ts'
import { replayContract } from './replayContract.ts'

type ReplayContract = typeof replayContract

/** Serves replays over a port, until that closes. */
export function serveReplay(port: Port): void {
  const served: Served<ReplayContract> = serve(
    replayContract,
    port,
    createHandlers((name, payload) => served.emit(name, payload)),
    (thrown, method) => console.error(`Replaying process, ${method}:`, thrown),
  )
}

function createHandlers(emit: Served<ReplayContract>['emit']): Handlers<ReplayContract> {
  let open: OpenReplay | null = null
  const opened = (): OpenReplay => {
    if (open === null) throw new GradusError('bad-request', 'No pairs are loaded: load some first.')
    return open
  }
  return {
    async load({ data, threads }) {
      await open?.kernel.dispose()
      open = null
      open = await openReplay(data, threads)
      return {}
    },
    reference: (_, { signal }) => replayReferenceOf(opened(), signal),
    replay: ({ strategy, seed, settings }, { signal }) =>
      replayOne(
        opened(),
        { strategy, seed, settings },
        { signal, onStep: (labels) => emit('step', { strategy, seed, labels }) },
      ),
    evidence: (request, { signal }) =>
      measureEvidence(request, { signal, onShare: (share) => emit('measured', { share }) }),
  }
}
