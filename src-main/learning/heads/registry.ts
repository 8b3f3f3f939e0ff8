import type { TrainedHead } from '#shared/domain/run.ts'
import { abstention } from './abstention.ts'
import type { Head } from './head.ts'
import { interaction } from './interaction.ts'
import { nli } from './nli.ts'
import { regression } from './regression.ts'
import { spread } from './spread.ts'

/** Every head that can be trained: one file and one line each. */
export const heads = { regression, interaction, spread, abstention, nli } as const satisfies Record<
  TrainedHead,
  Head
>
