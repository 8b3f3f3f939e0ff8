import { coreSet, ratedDistance } from './coreSet.ts'
import { squaredDistance } from './distances.ts'
import { compareToRated } from './nearestRated.ts'
import type { Pool, Ranking } from './strategy.ts'

/**
 * LCMD, largest cluster, maximum distance (Holzmüller et al. 2023, A framework and benchmark for deep batch active
 * learning for regression): every candidate belongs to the nearest pair that is rated or chosen; of the cluster whose
 * squared distances sum to most, the farthest candidate is chosen, and makes a cluster of its own. It covers where the
 * pool is dense, as core-set covers where it is sparse. Distances are to be those of the gradients of the score by the
 * last layer: for a linear model the features, which `pairVectors` stand for. Where nothing is rated, core-set's first
 * choice makes the first cluster. Candidates are thinned at random where comparing all of them would take more than the
 * pool's work; `considered` says to how many.
 */
export function lcmd(pool: Pool): Ranking {
  if (pool.candidates.length === 0) return { choices: [], considered: 0, remark: null }
  const compared = compareToRated(pool)
  const { points, places, rows, owner } = compared
  const distance = Float64Array.from(compared.distance)
  const clusters = pool.labelled.length
  const total = new Float64Array(clusters + pool.count)
  const size = new Uint32Array(clusters + pool.count)
  const isChosen = new Uint8Array(rows.length)
  const chosen: { index: number; cluster: number }[] = []

  /** Gives the new cluster of `index` what is nearer to it than to its present one. */
  const choose = (index: number): void => {
    const cluster = clusters + chosen.length
    isChosen[index] = 1
    chosen.push({ index, cluster })
    for (let other = 0; other < rows.length; other++) {
      if (isChosen[other] === 1 && other !== index) continue
      const own = distance[other] ?? 0
      const found = other === index ? 0 : squaredDistance(points, rows[other] ?? 0, rows[index] ?? 0)
      if (found >= own && other !== index) continue
      const before = owner[other] ?? -1
      if (before >= 0) {
        total[before] = (total[before] ?? 0) - own
        size[before] = (size[before] ?? 0) - 1
      }
      distance[other] = found
      owner[other] = cluster
      total[cluster] = (total[cluster] ?? 0) + found
      size[cluster] = (size[cluster] ?? 0) + 1
    }
  }

  if (clusters === 0) {
    const [first] = coreSet({ ...pool, count: 1 }).choices
    choose(Math.max(0, places.indexOf(first?.candidate ?? 0)))
  } else
    for (const [index, cluster] of owner.entries()) {
      total[cluster] = (total[cluster] ?? 0) + (distance[index] ?? 0)
      size[cluster] = (size[cluster] ?? 0) + 1
    }

  while (chosen.length < Math.min(pool.count, rows.length)) {
    const largest = largestCluster(
      total,
      size,
      chosen.map(({ cluster }) => cluster),
    )
    let farthest = -1
    for (let index = 0; index < rows.length; index++)
      if (
        isChosen[index] === 0 &&
        owner[index] === largest &&
        (farthest < 0 || (distance[index] ?? 0) > (distance[farthest] ?? 0))
      )
        farthest = index
    choose(farthest)
  }
  return {
    choices: chosen.map(({ index, cluster }) => ({
      candidate: places[index] ?? 0,
      because: { kind: 'stands-for', pairs: size[cluster] ?? 1, nearest: ratedDistance(compared, index) },
    })),
    considered: places.length,
    remark: null,
  }
}

/** The cluster with the largest total among those that hold a candidate still to be chosen. */
function largestCluster(total: Float64Array, size: Uint32Array, own: readonly number[]): number {
  const chosenIn = new Set(own)
  let largest = -1
  for (let cluster = 0; cluster < total.length; cluster++) {
    // The one a chosen candidate makes holds that candidate itself.
    const waiting = (size[cluster] ?? 0) - (chosenIn.has(cluster) ? 1 : 0)
    if (waiting > 0 && (largest < 0 || (total[cluster] ?? 0) > (total[largest] ?? 0))) largest = cluster
  }
  return largest
}
