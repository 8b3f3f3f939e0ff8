import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { pearsonFromSums } from '../../learning/metrics/correlation.ts'
import type { GatheredRatings } from './gatherRatings.ts'

/** The scores of two raters on the pairs that both have scored [pairs]. */
export interface SharedScores {
  readonly pairIds: readonly string[]
  readonly first: readonly number[]
  readonly second: readonly number[]
}

/** What two raters gave the same pairs, in the order of the pairs. */
export function sharedScores(
  { scores, pairIds }: GatheredRatings,
  first: number,
  second: number,
): SharedScores {
  const ofFirst = new Map<number, number>()
  const found = { pairIds: [] as string[], first: [] as number[], second: [] as number[] }
  for (const [row, rater] of scores.rater.entries())
    if (rater === first) ofFirst.set(scores.pair[row] ?? 0, scores.score[row] ?? 0)
  for (const [row, rater] of scores.rater.entries()) {
    if (rater !== second) continue
    const pair = scores.pair[row] ?? 0
    const score = ofFirst.get(pair)
    if (score === undefined) continue
    found.pairIds.push(pairIds[pair] ?? '')
    found.first.push(score)
    found.second.push(scores.score[row] ?? 0)
  }
  return found
}

/** Scores compared before other work gets its turn: some milliseconds. */
const comparisonsPerTurn = 100_000
/** Only among so many raters with most scores are the two sought who have most pairs in common. */
const mostSought = 40

/** The two raters who count and have scored most pairs together; null where no two have. */
export async function mostTogether({
  scores,
  raters,
}: GatheredRatings): Promise<readonly [number, number] | null> {
  const counts = new Int32Array(raters.length)
  for (const rater of scores.rater) counts[rater] = (counts[rater] ?? 0) + 1
  const sought = [...counts.keys()]
    .filter((rater) => raters[rater]?.setAside === null && (counts[rater] ?? 0) > 0)
    .sort((one, other) => (counts[other] ?? 0) - (counts[one] ?? 0))
    .slice(0, mostSought)
  const place = new Map(sought.map((rater, index) => [rater, index]))
  const together = new Int32Array(sought.length ** 2)
  let work = 0
  for (const here of walkPairs(scores, (rater) => place.get(rater))) {
    for (let left = 0; left < here.length; left++)
      for (let right = left + 1; right < here.length; right++) {
        const [one, other] = [here[left] ?? 0, here[right] ?? 0]
        const cell = Math.min(one, other) * sought.length + Math.max(one, other)
        together[cell] = (together[cell] ?? 0) + 1
        work += 1
      }
    if (work > comparisonsPerTurn) {
      work = 0
      await yieldToOthers()
    }
  }
  let best = -1
  for (const [cell, count] of together.entries()) if (count > (together[best] ?? 0)) best = cell
  if (best < 0) return null
  return [sought[Math.floor(best / sought.length)] ?? 0, sought[best % sought.length] ?? 0]
}

/** For each pair what `pick` makes of its raters, where it makes something of them. */
function* walkPairs(
  { pair, rater }: GatheredRatings['scores'],
  pick: (rater: number) => number | undefined,
): Generator<number[]> {
  let present = -1
  let here: number[] = []
  for (const [row, number] of pair.entries()) {
    if (number !== present) {
      if (here.length > 1) yield here
      present = number
      here = []
    }
    const picked = pick(rater[row] ?? -1)
    if (picked !== undefined) here.push(picked)
  }
  if (here.length > 1) yield here
}

/** Sums over the pairs that two raters share, of which all figures of the two are made. */
export interface PairOfRaters {
  readonly first: number
  readonly second: number
  readonly shared: number
  /** Null under three shared pairs, and where one of them gave the same to all. */
  readonly pearson: number | null
  /** Mean of second less first, and of its absolute value. */
  readonly difference: number
  readonly mae: number
}

/** Sums over the scores x and y of the same pairs. */
interface Sums {
  n: number
  x: number
  y: number
  xx: number
  yy: number
  xy: number
  apart: number
}

/** Every two raters who share a pair, with how far apart they are. */
export async function comparePairsOfRaters({ scores, raters }: GatheredRatings): Promise<PairOfRaters[]> {
  const sums = new Map<number, Sums>()
  let start = 0
  let work = 0
  for (let row = 0; row <= scores.pair.length; row++) {
    if (row < scores.pair.length && scores.pair[row] === scores.pair[start]) continue
    for (let one = start; one < row; one++)
      for (let other = one + 1; other < row; other++) {
        // Rows of a pair stand by rising number of the rater.
        const [first, second] = [scores.rater[one] ?? 0, scores.rater[other] ?? 0]
        const key = first * raters.length + second
        const [x, y] = [scores.score[one] ?? 0, scores.score[other] ?? 0]
        const known = sums.get(key) ?? { n: 0, x: 0, y: 0, xx: 0, yy: 0, xy: 0, apart: 0 }
        known.n += 1
        known.x += x
        known.y += y
        known.xx += x * x
        known.yy += y * y
        known.xy += x * y
        known.apart += Math.abs(y - x)
        sums.set(key, known)
        work += 1
      }
    start = row
    if (work > comparisonsPerTurn) {
      work = 0
      await yieldToOthers()
    }
  }
  return [...sums]
    .sort(([one], [other]) => one - other)
    .map(([key, { n, x, y, xx, yy, xy, apart }]) => ({
      first: Math.floor(key / raters.length),
      second: key % raters.length,
      shared: n,
      pearson: pearsonFromSums(n, x, y, xx, yy, xy),
      difference: (y - x) / n,
      mae: apart / n,
    }))
}
