/** A rising step function, linear between its knots and constant outside them. */
export interface IsotonicMap {
  /** Rising. */
  readonly from: Float64Array
  /** Never falling. */
  readonly to: Float64Array
}

interface Block {
  low: number
  high: number
  weight: number
  mean: number
}

/**
 * The non-decreasing map nearest to the targets in weighted squares: pool adjacent violators (Barlow et al. 1972).
 * Equal values of `from` are averaged first.
 */
export function fitIsotonic(
  from: ArrayLike<number>,
  target: ArrayLike<number>,
  weight: ArrayLike<number>,
): IsotonicMap {
  const order = Uint32Array.from({ length: from.length }, (_, index) => index).sort(
    (a, b) => (from[a] ?? 0) - (from[b] ?? 0),
  )
  const pool = (left: Block, right: Block): void => {
    const weights = left.weight + right.weight
    left.mean = (left.mean * left.weight + right.mean * right.weight) / weights
    left.weight = weights
    left.high = right.high
  }
  const distinct: Block[] = []
  for (const row of order) {
    const value = from[row] ?? 0
    const block = { low: value, high: value, weight: weight[row] ?? 1, mean: target[row] ?? 0 }
    const last = distinct.at(-1)
    if (last?.high === value) pool(last, block)
    else distinct.push(block)
  }
  const blocks: Block[] = []
  for (const block of distinct) {
    blocks.push(block)
    for (;;) {
      const [before, last] = [blocks.at(-2), blocks.at(-1)]
      if (before === undefined || last === undefined || before.mean < last.mean) break
      pool(before, last)
      blocks.pop()
    }
  }
  const knots = blocks.flatMap(({ low, high, mean }) =>
    low === high ? [[low, mean] as const] : [[low, mean] as const, [high, mean] as const],
  )
  return {
    from: Float64Array.from(knots, ([value]) => value),
    to: Float64Array.from(knots, ([, value]) => value),
  }
}

/** The map's value for each entry. */
export function applyIsotonic({ from, to }: IsotonicMap, values: ArrayLike<number>): Float32Array {
  const last = from.length - 1
  return Float32Array.from({ length: values.length }, (_, row) => {
    const value = values[row] ?? 0
    let low = 0
    let high = last
    if (value <= (from[0] ?? 0)) return to[0] ?? 0
    if (value >= (from[last] ?? 0)) return to[last] ?? 0
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((from[middle] ?? 0) <= value) low = middle
      else high = middle
    }
    const start = from[low] ?? 0
    const share = (value - start) / ((from[high] ?? 0) - start)
    return (to[low] ?? 0) + share * ((to[high] ?? 0) - (to[low] ?? 0))
  })
}
