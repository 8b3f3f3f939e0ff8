import { z } from 'zod'
import { method } from '#shared/rpc/contract.ts'

const int64 = z.instanceof(BigInt64Array)

/** What the encoding process and its threads say to each other. */
export const threadContract = {
  methods: {
    /** Runs the model on one padded batch, row-major [rows × length]; answers with unit vectors [rows × dimension]. */
    embed: method(
      z.object({ rows: z.number().int().positive(), ids: int64, mask: int64 }),
      z.instanceof(Float32Array),
    ),
  },
  events: {},
} as const

/** What a thread is started with. */
export const threadData = z.object({ modelPath: z.string(), processorThreads: z.number().int().positive() })
export type ThreadData = z.infer<typeof threadData>
