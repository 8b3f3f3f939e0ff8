import type { Loss } from './loss.ts'
import { mse } from './mse.ts'

/** Every loss that scores can be trained with, by the name users choose it by: one file and one line each. */
export const losses = { mse } as const satisfies Record<string, Loss>
