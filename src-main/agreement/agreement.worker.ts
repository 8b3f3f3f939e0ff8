import { lowerPriorityWhereAsked } from '../jobs/lowPriority.ts'
import { parentPort } from '../jobs/parentPort.ts'
import { serveAgreement } from './serveAgreement.ts'

lowerPriorityWhereAsked()
serveAgreement(await parentPort())
