import { parentPort } from '../../jobs/parentPort.ts'
import { useInstalledRuntime } from './installedRuntime.ts'

useInstalledRuntime()
const { serveProbe } = await import('./serveProbe.ts')
serveProbe(await parentPort())
