import type { LossName } from '#shared/domain/losses.ts'
import { binaryCrossEntropy } from './binaryCrossEntropy.ts'
import { cosent } from './cosent.ts'
import { gaussian } from './gaussian.ts'
import { huber } from './huber.ts'
import type { Loss } from './loss.ts'
import { mae } from './mae.ts'
import { mse } from './mse.ts'
import { ranking } from './ranking.ts'

/** Every loss that scores can be trained with, by the name users choose it by: one file and one line each. */
export const losses = {
  mse,
  mae,
  huber,
  'binary-cross-entropy': binaryCrossEntropy,
  ranking,
  cosent,
  gaussian,
} as const satisfies Record<LossName, Loss>
