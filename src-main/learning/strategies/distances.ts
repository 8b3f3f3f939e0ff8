import { createRandom } from '../random.ts'

/** Vectors with what distances between them need. */
export interface Points {
  readonly width: number
  /** [points × width] */
  readonly vectors: Float32Array
  /** Square of each length [points]. */
  readonly square: Float64Array
}

/** Adds the squares of lengths to vectors. */
export function toPoints(vectors: Float32Array, width: number): Points {
  const square = new Float64Array(width === 0 ? 0 : vectors.length / width)
  for (let point = 0; point < square.length; point++)
    square[point] = dot(vectors, point * width, vectors, point * width, width)
  return { width, vectors, square }
}

/** Squared Euclidean distance of two points. */
export function squaredDistance({ width, vectors, square }: Points, one: number, other: number): number {
  const product = dot(vectors, one * width, vectors, other * width, width)
  return Math.max(0, (square[one] ?? 0) + (square[other] ?? 0) - 2 * product)
}

/** The mean of some points [width]; zero where there are none. */
export function centreOf({ width, vectors }: Points, rows: Uint32Array): Float32Array {
  const sum = new Float64Array(width)
  for (const row of rows)
    for (let index = 0; index < width; index++)
      sum[index] = (sum[index] ?? 0) + (vectors[row * width + index] ?? 0)
  return Float32Array.from(sum, (value) => value / Math.max(1, rows.length))
}

/** Σ of products of `width` numbers; four sums side by side let the processor overlap them. */
export function dot(
  left: Float32Array,
  leftStart: number,
  right: Float32Array,
  rightStart: number,
  width: number,
): number {
  let first = 0
  let second = 0
  let third = 0
  let fourth = 0
  let index = 0
  for (; index + 3 < width; index += 4) {
    first += (left[leftStart + index] ?? 0) * (right[rightStart + index] ?? 0)
    second += (left[leftStart + index + 1] ?? 0) * (right[rightStart + index + 1] ?? 0)
    third += (left[leftStart + index + 2] ?? 0) * (right[rightStart + index + 2] ?? 0)
    fourth += (left[leftStart + index + 3] ?? 0) * (right[rightStart + index + 3] ?? 0)
  }
  for (; index < width; index++) first += (left[leftStart + index] ?? 0) * (right[rightStart + index] ?? 0)
  return first + second + (third + fourth)
}

/** Products of numbers that a ranking may take unless told otherwise: about a second. */
export const usualWork = 1e9
/** Even where the work would allow fewer, so many candidates are compared for each that is chosen. */
const fewestForEach = 10

/**
 * The places of the candidates that are compared: all, or, where comparing each of them with so many points takes more
 * than `work` products, as many as it allows, drawn by the seed, in their order.
 */
export function thin(
  candidates: number,
  points: number,
  { width, count, seed, work }: { width: number; count: number; seed: number; work: number },
): Uint32Array {
  const affordable = Math.floor(work / Math.max(1, points * width))
  const kept = Math.min(candidates, Math.max(fewestForEach * count, affordable))
  const places = Uint32Array.from({ length: candidates }, (_, place) => place)
  if (kept === candidates) return places
  const random = createRandom(seed, 'thinned candidates')
  for (let place = 0; place < kept; place++) {
    const other = place + random.integer(candidates - place)
    const own = places[place] ?? 0
    places[place] = places[other] ?? 0
    places[other] = own
  }
  return places.slice(0, kept).sort()
}
