import { serve } from '#shared/rpc/server.ts'
import { parentPort } from '../../jobs/parentPort.ts'
import { probeContract } from './probeContract.ts'
import { expectedLosses } from './probeTrajectory.ts'

/**
 * A worker process for the tests of the ladder: it ends as a back end can end, in the way that its command line names.
 */
const [way] = process.argv.slice(2)
serve(
  probeContract,
  await parentPort(),
  {
    probe() {
      if (way === 'leave') process.exit(3)
      if (way === 'abort') process.abort()
      if (way === 'hang') for (;;);
      const losses = expectedLosses.map((loss, index) => {
        if (way === 'not-a-number' && index === 4) return null
        return way === 'wrong' && index >= 9 ? loss * 1.02 : loss
      })
      return { losses, millisecondsPerStep: 1.5, threads: 1 }
    },
  },
  (thrown, method) => console.error(method, thrown),
)
