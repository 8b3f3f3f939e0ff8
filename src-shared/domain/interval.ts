import { z } from 'zod'

/** A figure with its 95% bootstrap interval over premise groups; null where it is not defined, `reason` says why. */
export const interval = z.object({ value: z.number(), low: z.number(), high: z.number() })
export type Interval = z.infer<typeof interval>
