import { z } from 'zod'
import { ulid } from './ids.ts'

/** A person (or a named source of imported scores) who scores. */
export const rater = z.object({ id: ulid, name: z.string().min(1).max(80), createdAt: z.iso.datetime() })
export type Rater = z.infer<typeof rater>

/** Why a rater's ratings count for nothing at present, and since when. */
export const setAside = z.object({ reason: z.string().trim().min(1).max(2000), since: z.iso.datetime() })
export type SetAside = z.infer<typeof setAside>
