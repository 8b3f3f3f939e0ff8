import type { Head } from './head.ts'
import { regression } from './regression.ts'

/** Every head that can be trained: one file and one line each. */
export const heads = { regression } as const satisfies Record<string, Head>
export type HeadName = keyof typeof heads
