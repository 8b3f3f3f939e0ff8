import { z } from 'zod'

/** A ULID, made where the row is made; its order is the order of making. */
export const ulid = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/)
