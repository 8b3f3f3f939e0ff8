import { centreOf, squaredDistance, toPoints } from './distances.ts'
import { compareToRated, usualDistance, type Compared } from './nearestRated.ts'
import type { Pool, Ranking } from './strategy.ts'

/**
 * Core-set: the candidate farthest from all that is rated or chosen, again and again (k-centre greedy; Gonzalez 1985,
 * Sener & Savarese 2018). Where nothing is rated, the first is the one farthest from the middle of the pool. Candidates
 * are thinned at random where comparing all of them would take more than the pool's work; `considered` says to how many.
 */
export function coreSet(pool: Pool): Ranking {
  const compared = compareToRated(pool)
  const usual = usualDistance(compared.distance)
  const chosen = farthestFirst(compared, pool.count)
  return {
    choices: chosen.map((index) => ({
      candidate: compared.places[index] ?? 0,
      because: { kind: 'unlike', nearest: ratedDistance(compared, index), usual },
    })),
    considered: compared.places.length,
    remark: null,
  }
}

/** To the nearest rated pair, not squared; null where nothing is rated. */
export function ratedDistance({ distance }: Pick<Compared, 'distance'>, index: number): number | null {
  const squared = distance[index] ?? Infinity
  return Number.isFinite(squared) ? Math.sqrt(squared) : null
}

/** Chooses, one after another, what is farthest from all rated and chosen. @returns places among the compared. */
export function farthestFirst({ points, rows, distance }: Compared, count: number): number[] {
  const nothingRated = !distance.every(Number.isFinite)
  const left = nothingRated ? fromTheMiddle(points, rows) : Float64Array.from(distance)
  const chosen: number[] = []
  while (chosen.length < Math.min(count, rows.length)) {
    let farthest = -1
    let most = -1
    for (let index = 0; index < left.length; index++) {
      const own = left[index] ?? 0
      if (own <= most) continue
      most = own
      farthest = index
    }
    chosen.push(farthest)
    const centre = rows[farthest] ?? 0
    for (let index = 0; index < left.length; index++) {
      const own = left[index] ?? 0
      if (own < 0) continue
      const found = squaredDistance(points, rows[index] ?? 0, centre)
      // After the first of all, the middle has done its part.
      if (found < own || (nothingRated && chosen.length === 1)) left[index] = found
    }
    left[farthest] = -2
  }
  return chosen
}

/** Squared distances to the middle of the compared candidates: where the first is looked for if nothing is rated. */
function fromTheMiddle(points: Compared['points'], rows: Uint32Array): Float64Array {
  const { width } = points
  const centre = centreOf(points, rows)
  const both = new Float32Array((rows.length + 1) * width)
  for (const [index, row] of rows.entries())
    both.set(points.vectors.subarray(row * width, (row + 1) * width), index * width)
  both.set(centre, rows.length * width)
  const joined = toPoints(both, width)
  return Float64Array.from(rows, (_, index) => squaredDistance(joined, index, rows.length))
}
