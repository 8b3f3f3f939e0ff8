import { lowerPriorityWhereAsked } from '../../jobs/lowPriority.ts'
import { parentPort } from '../../jobs/parentPort.ts'
import { serveReplay } from './serveReplay.ts'

lowerPriorityWhereAsked()
serveReplay(await parentPort())
