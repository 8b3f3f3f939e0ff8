import { z } from 'zod'

/** How scores of one pair lie: together, all but one together, in two groups far apart, or spread over the scale. */
export const disagreementKind = z.enum(['agree', 'one-outlier', 'two-camps', 'wide'])
export type DisagreementKind = z.infer<typeof disagreementKind>
