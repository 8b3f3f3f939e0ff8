import { dotAt, invertSmall } from './denseMatrix.ts'

/** The inverse of a symmetric positive definite matrix to which rows are added: what a fit costs as labels come. */
export interface GrowingInverse {
  /** Row-major, each row `stride` apart; the first `size` of each of the first `size` rows count. */
  readonly values: Float64Array
  readonly stride: number
  size: number
}

/** An empty inverse with room for `capacity` rows. */
export function createGrowingInverse(capacity: number): GrowingInverse {
  return { values: new Float64Array(capacity * capacity), stride: capacity, size: 0 }
}

/**
 * Adds rows by the block inverse (Schur's complement), in 1½ · size² · added multiplications.
 * @param cross products of the new rows with the former ones [added × size].
 * @param own products of the new rows with one another, with what stands on the diagonal [added × added].
 */
export function addRows(inverse: GrowingInverse, cross: Float64Array, own: Float64Array): void {
  const { values, stride, size } = inverse
  const added = size === 0 ? Math.round(Math.sqrt(own.length)) : cross.length / size
  if (size + added > stride) throw new RangeError(`${size + added} rows where there is room for ${stride}`)
  // cross · inverse, laid out [size × added]: its rows are short and lie together.
  const carried = new Float64Array(size * added)
  for (let row = 0; row < size; row++)
    for (let place = 0; place < added; place++)
      carried[row * added + place] = dotAt(values, row * stride, cross, place * size, size)
  const complement = Float64Array.from(own)
  for (let one = 0; one < added; one++)
    for (let other = 0; other < added; other++) {
      let sum = 0
      for (let row = 0; row < size; row++)
        sum += (cross[one * size + row] ?? 0) * (carried[row * added + other] ?? 0)
      complement[one * added + other] = (complement[one * added + other] ?? 0) - sum
    }
  const corner = invertSmall(complement, added)
  const weighed = new Float64Array(size * added)
  for (let row = 0; row < size; row++)
    for (let place = 0; place < added; place++)
      weighed[row * added + place] = dotAt(carried, row * added, corner, place * added, added)
  for (let row = 0; row < size; row++)
    for (let column = 0; column <= row; column++) {
      const more = dotAt(carried, row * added, weighed, column * added, added)
      const value = (values[row * stride + column] ?? 0) + more
      values[row * stride + column] = value
      values[column * stride + row] = value
    }
  for (let place = 0; place < added; place++) {
    for (let row = 0; row < size; row++) {
      const value = -(weighed[row * added + place] ?? 0)
      values[(size + place) * stride + row] = value
      values[row * stride + size + place] = value
    }
    for (let other = 0; other < added; other++)
      values[(size + place) * stride + size + other] = corner[place * added + other] ?? 0
  }
  inverse.size = size + added
}

/** Adds `more` to one number on the diagonal of the matrix (Sherman & Morrison 1950). */
export function addToDiagonal(inverse: GrowingInverse, at: number, more: number): void {
  const { values, stride, size } = inverse
  const column = values.slice(at * stride, at * stride + size)
  const factor = more / (1 + more * (column[at] ?? 0))
  for (let row = 0; row < size; row++) {
    const scaled = factor * (column[row] ?? 0)
    if (scaled === 0) continue
    for (let other = 0; other < size; other++)
      values[row * stride + other] = (values[row * stride + other] ?? 0) - scaled * (column[other] ?? 0)
  }
}
