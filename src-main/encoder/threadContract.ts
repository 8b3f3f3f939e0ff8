import { z } from 'zod'
import { method } from '#shared/rpc/contract.ts'
import { tokenVectors } from '../onnx/tokenVectors.ts'

const int64 = z.instanceof(BigInt64Array)

const encodedBatch = z.object({
  /** Unit vectors, row-major [rows × dimension]. */
  pooled: z.instanceof(Float32Array),
  /** Null unless asked for. */
  tokens: tokenVectors.nullable(),
})
export type EncodedBatch = z.infer<typeof encodedBatch>

/** What the encoding process and its threads say to each other. */
export const threadContract = {
  methods: {
    /** Runs the model on one padded batch, row-major [rows × length]. */
    embed: method(
      z.object({
        rows: z.number().int().positive(),
        ids: int64,
        mask: int64,
        /** Whether token vectors are wanted, too. */
        tokens: z.boolean(),
      }),
      encodedBatch,
    ),
  },
  events: {},
} as const

/** What a thread is started with. */
export const threadData = z.object({ modelPath: z.string(), processorThreads: z.number().int().positive() })
export type ThreadData = z.infer<typeof threadData>
