/** Sums over rows from which ridge regression is solved, about a fixed `shift` of the features. */
export interface NormalEquations {
  readonly width: number
  readonly weight: number
  /** Σ w (x − shift) [width] */
  readonly feature: Float64Array
  readonly target: number
  /** Σ w (x − shift)(x − shift)ᵀ [width × width] */
  readonly gram: Float64Array
  /** Σ w (x − shift) y [width] */
  readonly moment: Float64Array
}

/** score = bias + Σ weight · (x − shift). */
export interface LinearModel {
  readonly weight: Float64Array
  readonly bias: number
}

/** The equations of both sets of rows together; they must share their shift. */
export function addEquations(left: NormalEquations, right: NormalEquations): NormalEquations {
  const add = (a: Float64Array, b: Float64Array): Float64Array =>
    a.map((value, index) => value + (b[index] ?? 0))
  return {
    width: left.width,
    weight: left.weight + right.weight,
    feature: add(left.feature, right.feature),
    target: left.target + right.target,
    gram: add(left.gram, right.gram),
    moment: add(left.moment, right.moment),
  }
}

/** The equations without those of some of the rows; both must share their shift. */
export function subtractEquations(all: NormalEquations, some: NormalEquations): NormalEquations {
  const subtract = (a: Float64Array, b: Float64Array): Float64Array =>
    a.map((value, index) => value - (b[index] ?? 0))
  return {
    width: all.width,
    weight: all.weight - some.weight,
    feature: subtract(all.feature, some.feature),
    target: all.target - some.target,
    gram: subtract(all.gram, some.gram),
    moment: subtract(all.moment, some.moment),
  }
}

/** The equations of some neighbouring features alone. */
export function sliceEquations(equations: NormalEquations, start: number, end: number): NormalEquations {
  const { width } = equations
  const side = end - start
  const gram = new Float64Array(side * side)
  for (let row = 0; row < side; row++)
    gram.set(equations.gram.subarray((start + row) * width + start, (start + row) * width + end), row * side)
  return {
    ...equations,
    width: side,
    feature: equations.feature.slice(start, end),
    gram,
    moment: equations.moment.slice(start, end),
  }
}

/**
 * Ridge regression in closed form: (Xᵀ W X + λI) w = Xᵀ W y with the weighted means taken out and a free bias
 * (Hoerl & Kennard 1970). The system is solved by conjugate gradients (Hestenes & Stiefel 1952) to a relative residual
 * of 10⁻⁸, which for the well-conditioned systems of ridge takes far fewer operations than a factorisation.
 * @param lambda > 0, on the features as they are.
 * @param start a first guess, such as the solution for a neighbouring λ.
 */
export function solveRidge(equations: NormalEquations, lambda: number, start?: Float64Array): LinearModel {
  const { width, gram, weight: rows } = equations
  const centre = equations.feature.map((sum) => sum / rows)
  const targetMean = equations.target / rows
  const right = equations.moment.map((sum, index) => sum - rows * (centre[index] ?? 0) * targetMean)

  const multiply = (vector: Float64Array, into: Float64Array): void => {
    const shared = rows * dot(centre, vector, 0)
    for (let row = 0; row < width; row++)
      into[row] = dot(gram, vector, row * width) - shared * (centre[row] ?? 0) + lambda * (vector[row] ?? 0)
  }

  const solution = start === undefined ? new Float64Array(width) : Float64Array.from(start)
  const product = new Float64Array(width)
  multiply(solution, product)
  const residual = right.map((value, index) => value - (product[index] ?? 0))
  const direction = Float64Array.from(residual)
  let square = dot(residual, residual, 0)
  const limit = 1e-16 * dot(right, right, 0)
  for (let iteration = 0; iteration < 10 * width && square > limit; iteration++) {
    multiply(direction, product)
    const step = square / dot(direction, product, 0)
    for (let index = 0; index < width; index++) {
      solution[index] = (solution[index] ?? 0) + step * (direction[index] ?? 0)
      residual[index] = (residual[index] ?? 0) - step * (product[index] ?? 0)
    }
    const next = dot(residual, residual, 0)
    const turn = next / square
    square = next
    for (let index = 0; index < width; index++)
      direction[index] = (residual[index] ?? 0) + turn * (direction[index] ?? 0)
  }
  return { weight: solution, bias: targetMean - dot(centre, solution, 0) }
}

/** Σ left[offset + i] · right[i]; four sums side by side let the processor overlap them. */
function dot(left: Float64Array, right: Float64Array, offset: number): number {
  const length = right.length
  let first = 0
  let second = 0
  let third = 0
  let fourth = 0
  let index = 0
  for (; index + 3 < length; index += 4) {
    first += (left[offset + index] ?? 0) * (right[index] ?? 0)
    second += (left[offset + index + 1] ?? 0) * (right[index + 1] ?? 0)
    third += (left[offset + index + 2] ?? 0) * (right[index + 2] ?? 0)
    fourth += (left[offset + index + 3] ?? 0) * (right[index + 3] ?? 0)
  }
  for (; index < length; index++) first += (left[offset + index] ?? 0) * (right[index] ?? 0)
  return first + second + (third + fourth)
}
