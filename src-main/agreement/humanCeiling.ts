import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { HumanCeiling } from '#shared/domain/run.ts'

const draws = 100

/** Running sums over (x, y), kept by Welford's update so that nearly equal scores do not cancel out. */
interface Moments {
  n: number
  meanX: number
  meanY: number
  squaresX: number
  squaresY: number
  products: number
}

function add(moments: Moments, x: number, y: number): void {
  moments.n++
  const fromX = x - moments.meanX
  moments.meanX += fromX / moments.n
  moments.squaresX += fromX * (x - moments.meanX)
  const fromY = y - moments.meanY
  moments.meanY += fromY / moments.n
  moments.squaresY += fromY * (y - moments.meanY)
  moments.products += fromX * (y - moments.meanY)
}

/**
 * What people reach: one random rater of each pair against the mean of the pair's others.
 * @param pairs per pair the scores (0–1) of its raters; pairs with fewer than two are left out. Each costs 100 draws: a
 *   source of many lets other work go in between.
 * @param seed fixes who is drawn.
 * @returns Pearson as the mean of 100 draws (null where a side is constant or under three pairs are left) and the
 *   expected mean absolute difference over all possible draws; null where no pair has two raters.
 */
export async function humanCeiling(
  pairs: Iterable<readonly number[]> | AsyncIterable<readonly number[]>,
  seed: number,
): Promise<HumanCeiling | null> {
  const random = xoroshiro128plus(seed)
  const drawn = Array.from({ length: draws }, (): Moments => ({
    n: 0,
    meanX: 0,
    meanY: 0,
    squaresX: 0,
    squaresY: 0,
    products: 0,
  }))
  let count = 0
  let differences = 0
  for await (const scores of pairs) {
    if (scores.length < 2) continue
    count++
    const sum = scores.reduce((total, score) => total + score, 0)
    const others = (score: number): number => (sum - score) / (scores.length - 1)
    differences += scores.reduce((total, score) => total + Math.abs(score - others(score)), 0) / scores.length
    for (const moments of drawn) {
      const score = scores[uniformInt(random, 0, scores.length - 1)] ?? 0
      add(moments, score, others(score))
    }
  }
  if (count === 0) return null
  const correlations = drawn.map(
    ({ products, squaresX, squaresY }) => products / Math.sqrt(squaresX * squaresY),
  )
  const defined = count >= 3 && correlations.every(Number.isFinite)
  return {
    pairs: count,
    pearson: defined ? correlations.reduce((total, r) => total + r, 0) / draws : null,
    mae: differences / count,
  }
}
