import type { AppContract } from '#shared/contract/index.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import type { ServiceContext } from '../context.ts'
import { giveWay } from '../training/giveWay.ts'
import { chooseBackend, currentLadder, probeLadder } from './currentLadder.ts'

/** The handlers of contract/backends.ts. */
export function createBackendHandlers(
  context: ServiceContext,
): Pick<Handlers<AppContract>, 'backends.list' | 'backends.probe' | 'backends.choose'> {
  return {
    'backends.list': () => currentLadder(context),
    async 'backends.probe'() {
      await giveWay(context)
      // What else works the processors would falsify the times.
      for (const kind of ['probe', 'train', 'search', 'replay'] as const) context.jobs.requireIdle(kind)
      const jobId = context.jobs.start({ kind: 'probe' }, 'Probing back ends', async (running) => {
        await probeLadder(context, running.signal, (phase, share) => running.update({ phase, share }))
      })
      return { jobId }
    },
    'backends.choose': ({ choice }) => chooseBackend(context, choice),
  }
}
