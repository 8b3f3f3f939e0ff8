import { z } from 'zod'
import { ulid } from './ids.ts'

/** A person (or a named source of imported scores) who scores. */
export const rater = z.object({ id: ulid, name: z.string().min(1).max(80), createdAt: z.iso.datetime() })
export type Rater = z.infer<typeof rater>
