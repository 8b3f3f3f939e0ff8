import type { DriftBlock } from '#shared/contract/agreement.ts'
import { medianOf } from '#shared/domain/consensus.ts'
import type { GatheredRatings } from './gatherRatings.ts'

const histogramBins = 20
/** At most so many blocks, of at least so many ratings: fewer say little, more cannot be told apart in a chart. */
const mostBlocks = 24
const smallestBlock = 5

/** Counts of one rater's present scores in 20 equal bins from 0 to 1; 1 falls into the last. */
export function scoreBins({ scores }: GatheredRatings, rater: number): number[] {
  const bins = new Array<number>(histogramBins).fill(0)
  for (const [row, of] of scores.rater.entries()) {
    if (of !== rater) continue
    const bin = Math.min(histogramBins - 1, Math.floor((scores.score[row] ?? 0) * histogramBins))
    bins[bin] = (bins[bin] ?? 0) + 1
  }
  return bins
}

/**
 * One rater's ratings in the order of their making, in blocks of about equal size: mean score, mean difference from the
 * mean of the other raters who count on the same pairs, and median seconds.
 */
export function raterDrift(gathered: GatheredRatings, rater: number): DriftBlock[] {
  const { scores, raters, pairIds } = gathered
  // What the others gave each pair.
  const [sum, count] = [new Float64Array(pairIds.length), new Int32Array(pairIds.length)]
  const own: number[] = []
  for (const [row, of] of scores.rater.entries()) {
    const pair = scores.pair[row] ?? 0
    if (of === rater) own.push(row)
    else if (raters[of]?.setAside === null) {
      sum[pair] = (sum[pair] ?? 0) + (scores.score[row] ?? 0)
      count[pair] = (count[pair] ?? 0) + 1
    }
  }
  // Rows of one import have the same time and stay in the order of their pairs.
  own.sort((one, other) => (scores.madeAt[one] ?? 0) - (scores.madeAt[other] ?? 0))
  const blocks = Math.max(1, Math.min(mostBlocks, Math.floor(own.length / smallestBlock)))
  return Array.from({ length: own.length === 0 ? 0 : blocks }, (_, block) => {
    const from = Math.floor((block * own.length) / blocks)
    const to = Math.floor(((block + 1) * own.length) / blocks)
    const rows = own.slice(from, to)
    const differences = rows.flatMap((row) => {
      const others = count[scores.pair[row] ?? 0] ?? 0
      return others === 0 ? [] : [(scores.score[row] ?? 0) - (sum[scores.pair[row] ?? 0] ?? 0) / others]
    })
    const measured = rows.map((row) => scores.seconds[row] ?? Number.NaN).filter(Number.isFinite)
    return {
      from: from + 1,
      to,
      startedAt: new Date(scores.madeAt[rows[0] ?? 0] ?? 0).toISOString(),
      score: meanOf(rows.map((row) => scores.score[row] ?? 0)) ?? 0,
      difference: meanOf(differences),
      pace: medianOf(measured),
    }
  })
}

/** Null of none. */
export function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
