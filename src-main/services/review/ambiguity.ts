import { lowestDeviation, newOrAgain } from '../../learning/strategies/newOrAgain.ts'
import type { WeighedPair } from '../settling/weighPair.ts'

/** Fewer scores cannot tell two camps from one careless answer. */
export const fewestForAmbiguity = 3
/** A spread that the model expects is high from so many times the usual on. */
const highExpected = 2

type Spread = Pick<WeighedPair, 'kind' | 'raters' | 'deviation'>

/**
 * What raters' scores of one pair usually differ by: the pooled standard deviation √(Σ(n−1)s² / Σ(n−1)) over the pairs.
 * @returns null where no pair has two scores.
 */
export function usualDeviation(pairs: Iterable<Pick<Spread, 'raters' | 'deviation'>>): number | null {
  let [squares, freedom] = [0, 0]
  for (const { raters, deviation } of pairs) {
    if (deviation === null) continue
    squares += (raters - 1) * deviation ** 2
    freedom += raters - 1
  }
  return freedom === 0 ? null : Math.sqrt(squares / freedom)
}

/**
 * Whether more raters would not remove the spread of a pair: wide or in two camps, of three scores or more, and even the low
 * end of what chance leaves its standard deviation (one-sided 95%) is above the usual one.
 */
export function isAmbiguous({ kind, raters, deviation }: Spread, usual: number | null): boolean {
  if (deviation === null || usual === null || raters < fewestForAmbiguity) return false
  return (kind === 'two-camps' || kind === 'wide') && lowestDeviation(deviation, raters) >= usual
}

/** Whether raters are expected to differ by much more than usual on a pair that too few have scored to see it. */
export function isExpectedAmbiguous(
  spread: number | null,
  pair: Pick<Spread, 'raters'> | null,
  usual: number | null,
): boolean {
  if (spread === null || usual === null || usual === 0 || (pair?.raters ?? 0) >= fewestForAmbiguity)
    return false
  return spread >= highExpected * usual
}

/** Why a pair is taken for ambiguous, in a sentence: "5 raters differ by a standard deviation of 0.44, and more would not …". */
export function ambiguityReason({ raters, deviation }: Spread, usual: number): string {
  const state = { ratings: raters, variance: 0, deviation, expectedDeviation: usual, surprise: null }
  const policy = {
    highVariance: Infinity,
    wideInterval: Infinity,
    ambiguousDeviation: usual,
    usualSurprise: null,
  }
  return newOrAgain(state, policy).reason
}
