import { lowerPriorityWhereAsked } from '../jobs/lowPriority.ts'
import { parentPort } from '../jobs/parentPort.ts'
import { useInstalledRuntime } from './runtime/installedRuntime.ts'

lowerPriorityWhereAsked()
useInstalledRuntime()
const { serveTraining } = await import('./serveTraining.ts')
serveTraining(await parentPort())
