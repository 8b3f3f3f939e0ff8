import { isMainThread } from 'node:worker_threads'
import { lowerPriorityWhereAsked } from '../jobs/lowPriority.ts'
import { parentPort } from '../jobs/parentPort.ts'
import { serveModel } from './encodeThread.ts'
import { serveEncoding } from './serveEncoding.ts'

/** The program of the encoding process and of its threads. */
if (isMainThread) {
  lowerPriorityWhereAsked()
  serveEncoding(await parentPort(), new URL(import.meta.url))
} else serveModel()
