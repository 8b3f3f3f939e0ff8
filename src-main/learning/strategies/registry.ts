import type { StrategyName } from '#shared/domain/suggestion.ts'
import { coreSet } from './coreSet.ts'
import { ensembleVariance } from './ensembleVariance.ts'
import { hybrid } from './hybrid.ts'
import { igs } from './igs.ts'
import { lcmd } from './lcmd.ts'
import { nearThreshold } from './nearThreshold.ts'
import { predictedSpread } from './predictedSpread.ts'
import { drawAtRandom } from './random.ts'
import type { Strategy } from './strategy.ts'

/** Every strategy by its name; `strategyDescriptions` says in a line what each does. */
export const strategies: Record<StrategyName, Strategy> = {
  random: drawAtRandom,
  'ensemble-variance': ensembleVariance,
  'predicted-spread': predictedSpread,
  'core-set': coreSet,
  igs,
  lcmd,
  'near-threshold': nearThreshold,
  hybrid,
}
