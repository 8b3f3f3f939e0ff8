import type { Loss } from './loss.ts'
import { mse } from './mse.ts'

/** Every loss that can be trained with: one file and one line each. */
export const losses = { mse } as const satisfies Record<string, Loss>
