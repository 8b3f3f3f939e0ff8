/** r(m) = a − b · m^−c: what learning curves look like (Hestness et al. 2017). */
export interface PowerLaw {
  readonly a: number
  /** At least 0: more labels do no harm. */
  readonly b: number
  readonly c: number
}

/** Exponents that are tried; published curves lie well within. */
const exponents = Array.from({ length: 40 }, (_, step) => 0.1 * 20 ** (step / 39))

/**
 * Fits r(m) = a − b · m^−c with 0 ≤ b and a ≤ 1 by least squares, a point of m labels weighing m, since what chance does to it
 * falls about as 1/m. For each exponent a and b are found in closed form; of exponents that fit equally, the smallest is kept.
 * @returns null without two points of different m, and where a value is no number.
 */
export function fitPowerLaw(labels: readonly number[], values: ArrayLike<number>): PowerLaw | null {
  if (new Set(labels).size < 2) return null
  let best: { readonly law: PowerLaw; readonly error: number } | null = null
  for (const c of exponents) {
    const law = fitWith(labels, values, c)
    const error = labels.reduce(
      (sum, m, index) => sum + m * ((values[index] ?? NaN) - powerLawAt(law, m)) ** 2,
      0,
    )
    if (Number.isFinite(error) && (best === null || error < best.error - 1e-15)) best = { law, error }
  }
  return best?.law ?? null
}

function fitWith(labels: readonly number[], values: ArrayLike<number>, c: number): PowerLaw {
  let [w, x, y, xx, xy] = [0, 0, 0, 0, 0]
  for (const [index, m] of labels.entries()) {
    const own = m ** -c
    const value = values[index] ?? NaN
    w += m
    x += m * own
    y += m * value
    xx += m * own * own
    xy += m * own * value
  }
  const spread = w * xx - x * x
  const b = spread <= 0 ? 0 : -(w * xy - x * y) / spread
  if (b <= 0) return { a: Math.min(1, y / w), b: 0, c }
  const a = (y + b * x) / w
  if (a <= 1) return { a, b, c }
  // At the bound the best b is that of a line through it.
  return { a: 1, b: Math.max(0, (x - xy) / xx), c }
}

/** r after m labels, m ≥ 1. */
export function powerLawAt({ a, b, c }: PowerLaw, m: number): number {
  return a - b * m ** -c
}

/** The labels at which the law reaches a value; Infinity where it never does, 0 where it is flat and above. */
export function labelsToReach({ a, b, c }: PowerLaw, value: number): number {
  if (b === 0) return value <= a ? 0 : Infinity
  return value >= a ? Infinity : (b / (a - value)) ** (1 / c)
}
