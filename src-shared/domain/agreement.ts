import { z } from 'zod'

/**
 * A figure of agreement. Where it is not defined, `value` is null and `reason` says why; the ends of its 95% interval are
 * null until intervals are computed, and where they cannot be.
 */
export const agreementFigure = z.object({
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  reason: z.string().nullable(),
})
export type AgreementFigure = z.infer<typeof agreementFigure>
