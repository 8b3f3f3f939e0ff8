import { parentPort } from '../jobs/parentPort.ts'
import { useInstalledRuntime } from './runtime/installedRuntime.ts'

useInstalledRuntime()
const { serveTraining } = await import('./serveTraining.ts')
serveTraining(await parentPort())
