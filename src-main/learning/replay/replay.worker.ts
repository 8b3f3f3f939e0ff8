import { parentPort } from '../../jobs/parentPort.ts'
import { serveReplay } from './serveReplay.ts'

serveReplay(await parentPort())
