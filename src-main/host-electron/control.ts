import { z } from 'zod'
import { errorShape } from '#shared/contract/errors.ts'
import { workerNames } from '../jobs/worker.ts'

// What Electron's main process and the backend process say to each other, beside the windows' own ports.

const id = z.number().int()
const workerExit = z.discriminatedUnion('how', [
  z.object({ how: z.literal('exited'), code: z.number() }),
  z.object({ how: z.literal('killed'), signal: z.string() }),
  z.object({ how: z.literal('not-started'), reason: z.string() }),
])

/** Main to backend. `connect` and `worker` bring a port. */
export const toBackend = z.discriminatedUnion('kind', [
  /** Opens the named project; null for what a start opens. Windows are served after it. */
  z.object({ kind: z.literal('open'), project: z.string().nullable() }),
  z.object({ kind: z.literal('connect') }),
  /** Makes a path that the user chose into a token. */
  z.object({ kind: z.literal('allow'), id, path: z.string() }),
  z.object({ kind: z.literal('worker'), id }),
  z.object({ kind: z.literal('worker-ended'), id, exit: workerExit }),
  z.object({ kind: z.literal('close') }),
])
export type ToBackend = z.infer<typeof toBackend>

/** Backend to main. */
export const fromBackend = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open-failed'), error: errorShape }),
  z.object({ kind: z.literal('allowed'), id, token: z.string() }),
  z.object({ kind: z.literal('start-worker'), id, name: z.enum(workerNames), words: z.array(z.string()) }),
  z.object({ kind: z.literal('kill-worker'), id }),
  z.object({ kind: z.literal('closed') }),
])
export type FromBackend = z.infer<typeof fromBackend>
