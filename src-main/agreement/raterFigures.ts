import type { AgreementFigure } from '#shared/domain/agreement.ts'
import { absent, between, known, needsOverlap } from './figure.ts'
import { sumPairs, type RatingTable } from './ratingTable.ts'

/** A rater beside the mean of the others who scored the same pairs. */
export interface AgainstOthers {
  /** Pairs that somebody else has scored, too. */
  readonly shared: number
  readonly pearson: AgreementFigure
  readonly mae: AgreementFigure
  /** Mean of the own score less the others' mean. */
  readonly difference: AgreementFigure
}

interface Sums {
  n: number
  x: number
  y: number
  xx: number
  yy: number
  xy: number
  apart: number
}

/** Pearson with Fisher's interval (Fisher 1921), from sums over the pairs (x, y). */
export function pearsonFigure({ n, x, y, xx, yy, xy }: Omit<Sums, 'apart'>): AgreementFigure {
  if (n === 0) return absent(needsOverlap)
  if (n < 3) return absent('needs three pairs that somebody else has scored, too')
  const [ofX, ofY] = [xx - (x * x) / n, yy - (y * y) / n]
  // Rounding leaves a hair of the squares where all are equal.
  if (ofX <= 1e-12 * n || ofY <= 1e-12 * n)
    return absent(ofX <= 1e-12 * n ? 'all scores are the same' : 'the others’ scores are all the same')
  const r = Math.min(1, Math.max(-1, (xy - (x * y) / n) / Math.sqrt(ofX * ofY)))
  if (n < 4 || Math.abs(r) > 1 - 1e-12) return known(r)
  const half = 1.959964 / Math.sqrt(n - 3)
  return between(r, [Math.tanh(Math.atanh(r) - half), Math.tanh(Math.atanh(r) + half)])
}

/** A mean with its normal interval, from count, sum and sum of squares. */
function meanFigure(n: number, sum: number, squares: number, reason: string): AgreementFigure {
  if (n === 0) return absent(reason)
  const mean = sum / n
  if (n < 2) return known(mean)
  const half = 1.959964 * Math.sqrt(Math.max(0, squares / n - mean * mean) / (n - 1))
  return between(mean, [mean - half, mean + half])
}

/** Each rater against the mean of the others of the same pairs [raters]. */
export function againstOthers(table: RatingTable): AgainstOthers[] {
  const { pair, rater, score } = table
  const pairs = sumPairs(table)
  const sums = Array.from({ length: table.raters }, (): Sums => {
    return { n: 0, x: 0, y: 0, xx: 0, yy: 0, xy: 0, apart: 0 }
  })
  for (let row = 0; row < pair.length; row++) {
    const own = pair[row] ?? 0
    const count = pairs.count[own] ?? 0
    const of = sums[rater[row] ?? -1]
    if (count < 2 || of === undefined) continue
    const x = score[row] ?? 0
    const y = ((pairs.sum[own] ?? 0) - x) / (count - 1)
    of.n += 1
    of.x += x
    of.y += y
    of.xx += x * x
    of.yy += y * y
    of.xy += x * y
    of.apart += Math.abs(x - y)
  }
  return sums.map((of) => {
    // Squares of x − y follow from the others.
    const squares = of.xx + of.yy - 2 * of.xy
    return {
      shared: of.n,
      pearson: pearsonFigure(of),
      mae: meanFigure(of.n, of.apart, squares, needsOverlap),
      difference: meanFigure(of.n, of.x - of.y, squares, needsOverlap),
    }
  })
}
