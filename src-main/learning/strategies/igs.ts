import { coreSet } from './coreSet.ts'
import { squaredDistance, thin, toPoints, usualWork } from './distances.ts'
import type { Pool, Ranking } from './strategy.ts'

/**
 * iGS, greedy in features and outputs (Wu, Lin & Huang 2019, Active learning for regression using greedy sampling): the
 * candidate n with the highest least product, over the rated pairs m, of their distance in features and of the
 * difference of its predicted score to m's score. A pair chosen for the same batch stands in with its predicted score.
 * Where no score is predicted, or nothing rated, it chooses as core-set does. Candidates are thinned at random where
 * comparing all of them would take more than the pool's work; `considered` says to how many.
 */
export function igs(pool: Pool): Ranking {
  const { predictions, candidates, labelled, target, width, count, seed, work = usualWork } = pool
  if (predictions === null || labelled.length === 0)
    return {
      ...coreSet(pool),
      remark: 'There is no model yet, so the pairs least like the rated ones are chosen.',
    }
  const points = pool.nearest?.points ?? toPoints(pool.vectors, width)
  const places =
    pool.compared ?? thin(candidates.length, labelled.length + count, { width, count, seed, work })
  const rows = places.map((place) => candidates[place] ?? 0)
  const score = Float64Array.from(places, (place) => predictions.score[place] ?? 0)
  const least = new Float64Array(rows.length).fill(Infinity)
  const nearest = new Float64Array(rows.length)
  const difference = new Float64Array(rows.length)
  const compare = (other: number, value: number, isRated: boolean): void => {
    for (let index = 0; index < rows.length; index++) {
      if ((least[index] ?? 0) < 0) continue
      const apart = Math.abs((score[index] ?? 0) - value)
      const distance = Math.sqrt(squaredDistance(points, rows[index] ?? 0, other))
      if (distance * apart >= (least[index] ?? 0)) continue
      least[index] = distance * apart
      if (!isRated) continue
      nearest[index] = distance
      difference[index] = apart
    }
  }
  for (const [place, row] of labelled.entries()) compare(row, target[place] ?? 0, true)
  const chosen: number[] = []
  while (chosen.length < Math.min(count, rows.length)) {
    let best = 0
    for (let index = 1; index < least.length; index++)
      if ((least[index] ?? 0) > (least[best] ?? 0)) best = index
    chosen.push(best)
    least[best] = -1
    compare(rows[best] ?? 0, score[best] ?? 0, false)
  }
  return {
    choices: chosen.map((index) => ({
      candidate: places[index] ?? 0,
      because: {
        kind: 'unlike-in-both',
        nearest: nearest[index] ?? 0,
        difference: difference[index] ?? 0,
      },
    })),
    considered: places.length,
    remark: null,
  }
}
