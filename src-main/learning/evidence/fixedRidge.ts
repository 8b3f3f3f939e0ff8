import { dotAt } from '../replay/denseMatrix.ts'
import { addRows, createGrowingInverse, type GrowingInverse } from '../replay/growingInverse.ts'

/** Rows added to the inverse at once: few, since what they cost among themselves rises with their cube. */
const rowsAtOnce = 24

/** Labelled pairs and the holdout in products of their features, as `createPairKernel` gives them. */
export interface EvidenceKernel {
  /** For each labelled pair its products with all labelled pairs, then with those of the holdout. */
  readonly products: readonly Float32Array[]
  /** 0–1 [labels]. */
  readonly target: ArrayLike<number>
  /** 0–1 [holdout]. */
  readonly holdoutTarget: ArrayLike<number>
}

/** What a fit on some labels says of the holdout. */
export interface RidgeOnHoldout {
  /** Clipped to 0–1 [holdout]. */
  readonly score: Float64Array
  /** What r on the holdout loses without each of the labels, to first order in the scores [labels fitted on]. */
  readonly influence: Float64Array
}

/**
 * Ridge regression with free bias and one strength, on the first labels of an order for several numbers of them: the model of
 * a replay (`createGrowingRidge`), whose inverse grows in the same way. Without label i the weights and the bias change by
 * the i-th column of the inverse of the bordered system times α_i / B_ii; r changes by its gradient with regard to the
 * scores times what that does to them.
 * @param order labels by number. @param sizes rising, each at least 1 and at most as many as `order` has.
 * @param start what `invertFirst` gave for the first labels of this order, with this strength; it is left as it is.
 */
export function fitInOrder(
  kernel: EvidenceKernel,
  order: ArrayLike<number>,
  sizes: readonly number[],
  lambda: number,
  start: GrowingInverse = createGrowingInverse(0),
): RidgeOnHoldout[] {
  const inverse = withRoom(start, sizes.at(-1) ?? 0)
  return sizes.map((size) => {
    while (inverse.size < size)
      grow(inverse, kernel, order, Math.min(size, inverse.size + rowsAtOnce), lambda)
    return fitNow(inverse, kernel, order, lambda)
  })
}

/** What several orders that begin with the same labels share. @param order labels by number; all are taken. */
export function invertFirst(
  kernel: EvidenceKernel,
  order: ArrayLike<number>,
  lambda: number,
): GrowingInverse {
  const inverse = createGrowingInverse(order.length)
  while (inverse.size < order.length)
    grow(inverse, kernel, order, Math.min(order.length, inverse.size + rowsAtOnce), lambda)
  return inverse
}

/** A copy with room for more rows. */
function withRoom({ values, stride, size }: GrowingInverse, capacity: number): GrowingInverse {
  const copy = createGrowingInverse(capacity)
  for (let row = 0; row < size; row++)
    copy.values.set(values.subarray(row * stride, row * stride + size), row * capacity)
  copy.size = size
  return copy
}

/** Adds the labels of the order up to `end`. */
function grow(
  inverse: GrowingInverse,
  { products }: EvidenceKernel,
  order: ArrayLike<number>,
  end: number,
  lambda: number,
): void {
  const { size } = inverse
  const added = end - size
  const cross = new Float64Array(added * size)
  const own = new Float64Array(added * added)
  for (let place = 0; place < added; place++) {
    const product = products[order[size + place] ?? 0]
    for (let row = 0; row < size; row++) cross[place * size + row] = product?.[order[row] ?? 0] ?? 0
    for (let other = 0; other < added; other++)
      own[place * added + other] = (product?.[order[size + other] ?? 0] ?? 0) + (place === other ? lambda : 0)
  }
  addRows(inverse, cross, own)
}

function fitNow(
  { values, stride, size }: GrowingInverse,
  { products, target, holdoutTarget }: EvidenceKernel,
  order: ArrayLike<number>,
  lambda: number,
): RidgeOnHoldout {
  const own = Float64Array.from({ length: size }, (_, row) => target[order[row] ?? 0] ?? 0)
  const ones = new Float64Array(size).fill(1)
  const times = (vector: Float64Array): Float64Array =>
    vector.map((_, row) => dotAt(values, row * stride, vector, 0, size))
  const sums = times(ones)
  const total = dotAt(sums, 0, ones, 0, size)
  const bias = dotAt(sums, 0, own, 0, size) / total
  const weight = times(own).map((value, row) => value - (sums[row] ?? 0) * bias)

  const labels = target.length
  const holdout = holdoutTarget.length
  const raw = new Float64Array(holdout).fill(bias)
  for (let row = 0; row < size; row++) {
    const product = products[order[row] ?? 0]
    const by = weight[row] ?? 0
    for (let pair = 0; pair < holdout; pair++)
      raw[pair] = (raw[pair] ?? 0) + by * (product?.[labels + pair] ?? 0)
  }
  const score = raw.map((value) => Math.min(1, Math.max(0, value)))

  const gradient = pearsonGradient(score, holdoutTarget)
  // A score at an end does not move with what is clipped off it.
  for (let pair = 0; pair < holdout; pair++) if (score[pair] !== raw[pair]) gradient[pair] = 0
  const gradientSum = gradient.reduce((sum, value) => sum + value, 0)
  const pulled = new Float64Array(size)
  for (let row = 0; row < size; row++) {
    const product = products[order[row] ?? 0]
    let sum = 0
    for (let pair = 0; pair < holdout; pair++) sum += (gradient[pair] ?? 0) * (product?.[labels + pair] ?? 0)
    pulled[row] = sum
  }
  const carried = times(pulled)
  const share = dotAt(carried, 0, ones, 0, size) / total
  const influence = weight.map((by, row) => {
    const sum = sums[row] ?? 0
    // B of the row with itself, and the row of B times what pulls r, bias included.
    const diagonal = (values[row * stride + row] ?? 0) - (sum * sum) / total
    const pull = (carried[row] ?? 0) - sum * share + (sum / total) * gradientSum
    return diagonal <= 0 ? 0 : ((pull * by) / diagonal) * Math.sqrt(Math.min(1, lambda * diagonal))
  })
  return { score, influence }
}

/** How Pearson's r rises with each score [rows]; all 0 where r is not defined. */
export function pearsonGradient(score: ArrayLike<number>, target: ArrayLike<number>): Float64Array {
  const n = score.length
  let [x, y] = [0, 0]
  for (let row = 0; row < n; row++) {
    x += (score[row] ?? 0) / n
    y += (target[row] ?? 0) / n
  }
  let [xx, yy, xy] = [0, 0, 0]
  for (let row = 0; row < n; row++) {
    const [left, right] = [(score[row] ?? 0) - x, (target[row] ?? 0) - y]
    xx += left * left
    yy += right * right
    xy += left * right
  }
  const gradient = new Float64Array(n)
  if (xx <= 1e-12 * n || yy <= 1e-12 * n) return gradient
  const length = Math.sqrt(xx * yy)
  const r = xy / length
  return gradient.map((_, row) => ((target[row] ?? 0) - y) / length - (r * ((score[row] ?? 0) - x)) / xx)
}
