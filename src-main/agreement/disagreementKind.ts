import type { DisagreementKind } from '#shared/domain/disagreement.ts'

/** Scores within this of each other say the same. */
const together = 0.25
/** Raters whose scores differ by a standard deviation of less say the same, however many they are. */
const alike = 0.1
/** How far an outlier lies from everybody else, at least. */
const farOff = 0.3
/** How far the means of two camps lie apart, at least. */
const campsApart = 0.35
/**
 * The share of the squared deviations that two groups may leave within themselves to be camps: evenly spread scores leave a
 * quarter, normal ones 36% (1 − 2/π), two camps next to nothing. The best cut of few scores leaves little by chance alone:
 * for up to 15 raters the bound is what evenly spread scores fall below one time in ten (simulated, with the other
 * conditions: .055 of 4, .073 of 6, .098 of 8, .117 of 10, .144 of 15).
 */
function leftInCamps(raters: number): number {
  return raters <= 10 ? 0.05 + (0.07 * (raters - 4)) / 6 : Math.min(0.15, 0.12 + 0.005 * (raters - 10))
}
/** A camp has two raters, and this share of all. */
const smallestCamp = 0.2

/** The sorted scores cut in two where least is left within the parts: the best of all such cuts. */
function bestCut(sorted: readonly number[]): { at: number; left: number; apart: number } {
  const total = sorted.reduce((sum, score) => sum + score, 0)
  const n = sorted.length
  const mean = total / n
  const all = sorted.reduce((sum, score) => sum + (score - mean) ** 2, 0)
  let best = { at: 1, left: 1, apart: 0 }
  let low = 0
  for (let at = 1; at < n; at++) {
    low += sorted[at - 1] ?? 0
    const apart = (total - low) / (n - at) - low / at
    // Between two groups lies the product of their shares times the square of the distance of their means.
    const left = all === 0 ? 1 : 1 - (((at * (n - at)) / n) * (apart * apart)) / all
    if (left < best.left) best = { at, left, apart }
  }
  return best
}

/**
 * How the scores of one pair lie: `agree`; `one-outlier`, where everybody but one does; `two-camps`, two groups with a dip
 * in the middle; `wide`, spread over the scale, or two raters apart, where nobody can say which of both it is.
 * @param scores 0–1, in any order.
 * @returns null of fewer than two.
 */
export function disagreementKind(scores: readonly number[]): DisagreementKind | null {
  const n = scores.length
  if (n < 2) return null
  const sorted = scores.toSorted((left, right) => left - right)
  const range = (from: number, to: number): number => (sorted[to] ?? 0) - (sorted[from] ?? 0)
  // Scores are hundredths: a hair of rounding decides nothing.
  const within = (distance: number, most: number): boolean => distance <= most + 1e-9
  if (within(range(0, n - 1), together) || deviationOf(scores) <= alike) return 'agree'
  if (n === 2) return 'wide'
  const lowAlone = within(range(1, n - 1), together) && !within(range(0, 1), farOff - 2e-9)
  const highAlone = within(range(0, n - 2), together) && !within(range(n - 2, n - 1), farOff - 2e-9)
  if (lowAlone || highAlone) return 'one-outlier'
  const { at, left, apart } = bestCut(sorted)
  const smaller = Math.min(at, n - at)
  const areCamps =
    smaller >= 2 && smaller >= smallestCamp * n && apart >= campsApart && left <= leftInCamps(n)
  return areCamps ? 'two-camps' : 'wide'
}

/** Standard deviation (n − 1) of two scores or more; 0 of fewer. */
function deviationOf(scores: readonly number[]): number {
  if (scores.length < 2) return 0
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
  return Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / (scores.length - 1))
}

/**
 * How much a disagreement matters, ≥ 0: the standard deviation of the scores, a quarter more for two camps, times log₂ of
 * one more than the raters (what many say is no accident), plus half a point each for up to three disputes and for the
 * distance between model and people.
 * @param of.modelGap |prediction − consensus|, 0–1; null without a prediction.
 */
export function disagreementWeight(of: {
  readonly scores: readonly number[]
  readonly disputes: number
  readonly modelGap: number | null
}): number {
  const { scores, disputes, modelGap } = of
  const camps = disagreementKind(scores) === 'two-camps' ? 1.25 : 1
  return (
    deviationOf(scores) * camps * Math.log2(1 + scores.length) +
    0.5 * Math.min(disputes, 3) +
    0.5 * (modelGap ?? 0)
  )
}
