import { parentPort } from '../jobs/parentPort.ts'
import { serveAgreement } from './serveAgreement.ts'

serveAgreement(await parentPort())
