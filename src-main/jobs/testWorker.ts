import { serve } from '#shared/rpc/server.ts'
import { GradusError } from '#shared/contract/errors.ts'
import { parentPort } from './parentPort.ts'
import { testContract } from './testContract.ts'

/** A worker process for the tests of jobs: each method ends in one of the ways a real worker can end. */
serve(
  testContract,
  await parentPort(),
  {
    processId: () => ({ processId: process.pid }),
    double: ({ values }) => ({ values: values.map((value) => value * 2) }),
    leave: ({ code }) => process.exit(code),
    hangUp: () => {
      process.removeAllListeners('disconnect')
      setInterval(() => undefined, 60_000)
      process.disconnect()
      return {}
    },
    waitPolitely: (_, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new GradusError('cancelled', 'Stopped politely.')))
      }),
    spin: () => {
      for (;;);
    },
  },
  (thrown, method) => console.error(method, thrown),
)
