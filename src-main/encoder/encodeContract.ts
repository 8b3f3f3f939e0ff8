import { z } from 'zod'
import { method } from '#shared/rpc/contract.ts'
import { paceMethods } from '../jobs/pace.ts'

/** What the backend and the encoding process say to each other. */
export const encodeContract = {
  methods: {
    ...paceMethods,
    /** Encodes the texts that the cache lacks and writes their vectors there. Cancelling keeps what is written. */
    encode: method(
      z.object({
        texts: z.array(z.string()),
        cachePath: z.string(),
        /** Where the converted model lies, or is put at first use. */
        modelFolder: z.string(),
        threads: z.number().int().positive(),
        /** Whether texts without token vectors are encoded, too, and those are stored. */
        tokens: z.boolean(),
      }),
      z.object({ encoded: z.number().int(), seconds: z.number() }),
    ),
  },
  events: {
    progress: z.object({ done: z.number().int(), total: z.number().int() }),
  },
} as const
