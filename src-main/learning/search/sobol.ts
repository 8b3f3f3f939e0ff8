import { createRandom } from '../random.ts'

/** Bits of a coordinate: so many digits are drawn and shifted. */
const bits = 32

/**
 * Primitive polynomials (degree s, coefficients a) and first direction integers m of dimensions 2 to 7, as published by
 * Joe & Kuo, Constructing Sobol sequences with better two-dimensional projections, SIAM J. Sci. Comput. 30 (2008), file
 * new-joe-kuo-6.21201. Dimension 1 is van der Corput's sequence.
 */
const published: readonly { readonly s: number; readonly a: number; readonly m: readonly number[] }[] = [
  { s: 1, a: 0, m: [1] },
  { s: 2, a: 1, m: [1, 3] },
  { s: 3, a: 1, m: [1, 3, 1] },
  { s: 3, a: 2, m: [1, 1, 1] },
  { s: 4, a: 1, m: [1, 1, 3, 3] },
  { s: 4, a: 4, m: [1, 3, 5, 13] },
]

/** The most coordinates a point may have. */
export const mostDimensions = published.length + 1

/** Direction numbers of a dimension, from 0, as binary fractions of `bits` digits [bits]. */
function directionNumbers(dimension: number): Uint32Array {
  const entry = published[dimension - 1]
  if (entry === undefined) return Uint32Array.from({ length: bits }, (_, bit) => 2 ** (bits - 1 - bit))
  const { s, a, m } = entry
  const directions = Uint32Array.from({ length: bits }, (_, bit) => (m[bit] ?? 0) * 2 ** (bits - 1 - bit))
  for (let bit = s; bit < bits; bit++) {
    const before = directions[bit - s] ?? 0
    let direction = before ^ (before >>> s)
    for (let term = 1; term < s; term++)
      if (((a >>> (s - 1 - term)) & 1) === 1) direction ^= directions[bit - term] ?? 0
    directions[bit] = direction
  }
  return directions
}

/**
 * The first points of Sobol's sequence in the order of Gray's code (Antonov & Saleev 1979). The first 2ᵏ points have
 * exactly one coordinate in each 2ᵏ-th of the range, in every dimension.
 * @param dimensions coordinates of a point, at most `mostDimensions`.
 * @param seed draws a digital shift of each dimension, which keeps that balance and moves the first point away from the
 *   corner (Cranley & Patterson 1976, in digits as Owen 1995); null leaves the sequence as published.
 * @returns points [count], each coordinate 0 (included) to 1 (excluded).
 * @throws RangeError with more dimensions than there are direction numbers for.
 */
export function sobolPoints(count: number, dimensions: number, seed: number | null): number[][] {
  if (dimensions > mostDimensions)
    throw new RangeError(`${dimensions} dimensions asked of Sobol's sequence, at most ${mostDimensions}`)
  const directions = Array.from({ length: dimensions }, (_, dimension) => directionNumbers(dimension))
  const digits = Uint32Array.from({ length: dimensions }, (_, dimension) => {
    if (seed === null) return 0
    const random = createRandom(seed, 'sobol', dimension)
    return random.integer(2 ** 16) * 2 ** 16 + random.integer(2 ** 16)
  })
  return Array.from({ length: count }, (_, index) => {
    if (index > 0) {
      // Gray's codes of neighbours differ in the lowest bit that the former index has not set.
      const bit = 31 - Math.clz32(~(index - 1) & index)
      for (const [dimension, own] of directions.entries())
        digits[dimension] = (digits[dimension] ?? 0) ^ (own[bit] ?? 0)
    }
    return Array.from(digits, (value) => value / 2 ** bits)
  })
}
