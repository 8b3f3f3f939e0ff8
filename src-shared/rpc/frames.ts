import { z } from 'zod'
import { errorShape } from '../contract/errors.ts'

/** What travels over a port. Calls are numbered by the caller; events go to whoever subscribed by name. */
export const frame = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('call'), id: z.number().int(), method: z.string(), input: z.unknown() }),
  z.object({ kind: z.literal('cancel'), id: z.number().int() }),
  z.object({ kind: z.literal('subscribe'), event: z.string() }),
  z.object({ kind: z.literal('unsubscribe'), event: z.string() }),
  z.object({ kind: z.literal('result'), id: z.number().int(), output: z.unknown() }),
  z.object({ kind: z.literal('failure'), id: z.number().int(), error: errorShape }),
  z.object({ kind: z.literal('event'), event: z.string(), payload: z.unknown() }),
])
export type Frame = z.infer<typeof frame>
