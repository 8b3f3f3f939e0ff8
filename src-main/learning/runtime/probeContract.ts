import { z } from 'zod'
import { backendName } from '#shared/domain/backend.ts'
import { method } from '#shared/rpc/contract.ts'

/** What a probe measured. */
export const probeResult = z.object({
  /** Losses of ten steps of the fixed problem [steps × members]; null for what is no number. */
  losses: z.array(z.number().nullable()),
  /** Of one step of the default heads on default batches. */
  millisecondsPerStep: z.number().positive(),
  /** Threads that this was fastest with. */
  threads: z.number().int().positive(),
})
export type ProbeResult = z.infer<typeof probeResult>

/** What the ladder and the process of a probe say to each other. */
export const probeContract = {
  methods: {
    /** Trains on one back end; whatever goes wrong is the answer, where it leaves the process alive. */
    probe: method(
      z.object({
        name: backendName,
        gpuFolder: z.string(),
        /** Processors that may be used. */
        threads: z.number().int().positive(),
      }),
      z.union([probeResult, z.object({ failure: z.string() })]),
    ),
  },
  events: {},
} as const
