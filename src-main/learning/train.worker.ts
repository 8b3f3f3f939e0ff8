import { parentPort } from '../jobs/parentPort.ts'
import { serveTraining } from './serveTraining.ts'

serveTraining(await parentPort())
