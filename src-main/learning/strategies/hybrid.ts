import { coreSet, farthestFirst } from './coreSet.ts'
import { becauseOfMembers, rankByEnsembleVariance, varianceObstacle } from './ensembleVariance.ts'
import { compareToRated } from './nearestRated.ts'
import type { Pool, Ranking } from './strategy.ts'

/** From so many labels on the heads' variance is worth listening to. */
export const labelsForVariance = 50
/** So many candidates of the highest variance are thinned for each that is chosen. */
const candidatesForEach = 5

/**
 * The default: core-set until 50 pairs are rated; then, of the five times as many candidates on which the heads differ
 * most, those that are farthest from one another and from all that is rated, so that a batch does not ask the same
 * thing twenty times.
 */
export function hybrid(pool: Pool): Ranking {
  const { predictions, candidates, labelled, count } = pool
  if (labelled.length < labelsForVariance) return coreSet(pool)
  const remark = varianceObstacle(predictions)
  if (predictions === null || remark !== null) return { ...coreSet(pool), remark }
  const places = rankByEnsembleVariance(predictions.variance, candidatesForEach * count)
  const compared = compareToRated({
    ...pool,
    candidates: places.map((place) => candidates[place] ?? 0),
    compared: Uint32Array.from(places.keys()),
  })
  return {
    choices: farthestFirst(compared, count).map((index) => {
      const candidate = places[compared.places[index] ?? 0] ?? 0
      return { candidate, because: becauseOfMembers(predictions, candidate) }
    }),
    considered: candidates.length,
    remark: null,
  }
}
