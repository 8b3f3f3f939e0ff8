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
    labelled: 0,
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
  if (nearest !== undefined) {
    takeIn(nearest, labelled)
    return pick(nearest, thin(candidates.length, count, { width, count, seed, work }), candidates)
  }
  const fresh = createNearestRated(pool.vectors, width)
  const places = thin(candidates.length, labelled.length + count, { width, count, seed, work })
  takeIn(
    fresh,
    labelled,
    places.map((place) => candidates[place] ?? 0),
  )
  return pick(fresh, places, candidates)
}

/** Compares pairs, by default all, with the labelled ones that are new. */
function takeIn(nearest: NearestRated, labelled: Uint32Array, rows?: Uint32Array): void {
  const { points, distance, owner } = nearest
  const count = rows?.length ?? distance.length
  for (let place = nearest.labelled; place < labelled.length; place++) {
    const centre = labelled[place] ?? 0
    for (let index = 0; index < count; index++) {
      const row = rows === undefined ? index : (rows[index] ?? 0)
      const found = squaredDistance(points, row, centre)
      if (found >= (distance[row] ?? 0)) continue
      distance[row] = found
      owner[row] = place
    }
  }
  nearest.labelled = labelled.length
}

function pick(
  { points, distance, owner }: NearestRated,
  places: Uint32Array,
  candidates: Uint32Array,
): Compared {
  const rows = places.map((place) => candidates[place] ?? 0)
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
