/** Σ left[leftStart + i] · right[rightStart + i] over `length`; four sums side by side overlap in the processor. */
export function dotAt(
  left: Float64Array,
  leftStart: number,
  right: Float64Array,
  rightStart: number,
  length: number,
): number {
  let first = 0
  let second = 0
  let third = 0
  let fourth = 0
  let index = 0
  for (; index + 3 < length; index += 4) {
    first += (left[leftStart + index] ?? 0) * (right[rightStart + index] ?? 0)
    second += (left[leftStart + index + 1] ?? 0) * (right[rightStart + index + 1] ?? 0)
    third += (left[leftStart + index + 2] ?? 0) * (right[rightStart + index + 2] ?? 0)
    fourth += (left[leftStart + index + 3] ?? 0) * (right[rightStart + index + 3] ?? 0)
  }
  for (; index < length; index++) first += (left[leftStart + index] ?? 0) * (right[rightStart + index] ?? 0)
  return first + second + (third + fourth)
}

/**
 * The inverse of a small symmetric positive definite matrix [size × size], by Gauss and Jordan's elimination, for which
 * such a matrix needs no exchange of rows.
 */
export function invertSmall(matrix: Float64Array, size: number): Float64Array {
  const left = Float64Array.from(matrix)
  const inverse = new Float64Array(size * size)
  for (let row = 0; row < size; row++) inverse[row * size + row] = 1
  for (let pivot = 0; pivot < size; pivot++) {
    const scale = 1 / (left[pivot * size + pivot] ?? 1)
    for (let column = 0; column < size; column++) {
      left[pivot * size + column] = (left[pivot * size + column] ?? 0) * scale
      inverse[pivot * size + column] = (inverse[pivot * size + column] ?? 0) * scale
    }
    for (let row = 0; row < size; row++) {
      const factor = left[row * size + pivot] ?? 0
      if (row === pivot || factor === 0) continue
      for (let column = 0; column < size; column++) {
        const place = row * size + column
        left[place] = (left[place] ?? 0) - factor * (left[pivot * size + column] ?? 0)
        inverse[place] = (inverse[place] ?? 0) - factor * (inverse[pivot * size + column] ?? 0)
      }
    }
  }
  return inverse
}
