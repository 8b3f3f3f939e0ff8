import { squaredDistance, thin, toPoints, usualWork, type Points } from './distances.ts'
import type { NearestRated, Pool } from './strategy.ts'

/** Begins with nothing labelled. @param vectors [pairs × width]. */
export function createNearestRated(vectors: Float32Array, width: number): NearestRated {
  const points = toPoints(vectors, width)
  const pairs = points.square.length
  return {
    points,
    distance: new Float64Array(pairs).fill(Infinity),
    owner: new Int32Array(pairs).fill(-1),
    seen: new Uint32Array(pairs),
  }
}

/** The candidates that are compared, with their nearest labelled pairs. */
export interface Compared {
  readonly points: Points
  /** Places among the pool's candidates [compared]. */
  readonly places: Uint32Array
  /** Rows of the vectors [compared]. */
  readonly rows: Uint32Array
  /** Squared, to the nearest labelled pair; infinite where nothing is labelled [compared]. */
  readonly distance: Float64Array
  /** That pair's place among the labelled; −1 where nothing is labelled [compared]. */
  readonly owner: Int32Array
}

/** Thins the candidates of a pool to what its work allows, and finds the nearest labelled pair of each. */
export function compareToRated(pool: Pool): Compared {
  const { width, candidates, labelled, count, seed, nearest, work = usualWork } = pool
  const points = nearest === undefined ? labelled.length + count : count
  const places = pool.compared ?? thin(candidates.length, points, { width, count, seed, work })
  const known = nearest ?? createNearestRated(pool.vectors, width)
  const rows = places.map((place) => candidates[place] ?? 0)
  takeIn(known, labelled, rows)
  return pick(known, places, rows)
}

/** Compares pairs with the labelled ones that are new to them. */
function takeIn(
  { points, distance, owner, seen }: NearestRated,
  labelled: Uint32Array,
  rows: Uint32Array,
): void {
  for (const row of rows) {
    let least = distance[row] ?? Infinity
    for (let place = seen[row] ?? 0; place < labelled.length; place++) {
      const found = squaredDistance(points, row, labelled[place] ?? 0)
      if (found >= least) continue
      least = found
      owner[row] = place
    }
    distance[row] = least
    seen[row] = labelled.length
  }
}

function pick({ points, distance, owner }: NearestRated, places: Uint32Array, rows: Uint32Array): Compared {
  return {
    points,
    places,
    rows,
    distance: Float64Array.from(rows, (row) => distance[row] ?? Infinity),
    owner: Int32Array.from(rows, (row) => owner[row] ?? -1),
  }
}

/** The median distance, not squared; null where nothing is labelled or nothing was compared. */
export function usualDistance(squared: Float64Array): number | null {
  const middle = Float64Array.from(squared).sort()[Math.floor(squared.length / 2)]
  return middle === undefined || !Number.isFinite(middle) ? null : Math.sqrt(middle)
}
