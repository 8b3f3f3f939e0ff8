import { z } from 'zod'
import { abstention } from './abstention.ts'
import type { Head } from './head.ts'
import { interaction } from './interaction.ts'
import { nli } from './nli.ts'
import { regression } from './regression.ts'
import { spread } from './spread.ts'

/** Every head that can be trained: one file and one line each. */
export const heads = { regression, interaction, spread, abstention, nli } as const satisfies Record<
  string,
  Head
>
export type HeadName = keyof typeof heads

/** Their names, in this order. */
export const headNames = Object.keys(heads) as HeadName[]
/** A name as files and processes give it. */
export const headName = z.enum(headNames)
