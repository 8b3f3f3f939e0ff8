import { z } from 'zod'
import { method } from '#shared/rpc/contract.ts'

const nothing = z.object({})
const floats = z.object({ values: z.instanceof(Float32Array) })

/** What the tests say to their worker process. */
export const testContract = {
  methods: {
    processId: method(nothing, z.object({ processId: z.number() })),
    double: method(floats, floats),
    leave: method(z.object({ code: z.number() }), nothing),
    /** Drops the channel and stays. */
    hangUp: method(nothing, nothing),
    /** Ends when it is cancelled. */
    waitPolitely: method(nothing, nothing),
    /** Never gives the processor back. */
    spin: method(nothing, nothing),
  },
  events: {},
} as const
