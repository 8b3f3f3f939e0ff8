/** Rows in bands of rising value. */
export interface Bands {
  /** The band of each row, from 0 [rows]. */
  readonly of: Uint32Array
  readonly count: number
}

/**
 * Cuts rows into at most `most` bands of about equally many rows, none of under `fewest` unless there are fewer in all;
 * rows of equal value stay together.
 * @param values [rows].
 */
export function equalCountBands(values: ArrayLike<number>, most: number, fewest: number): Bands {
  const { length } = values
  const order = Uint32Array.from({ length }, (_, row) => row).sort(
    (a, b) => (values[a] ?? 0) - (values[b] ?? 0),
  )
  const ends: number[] = []
  let start = 0
  for (let place = 0; place < length; place++) {
    const open = Math.max(1, Math.min(most - ends.length, Math.floor((length - start) / fewest)))
    const tied = place + 1 < length && values[order[place] ?? 0] === values[order[place + 1] ?? 0]
    if (tied || place + 1 - start < Math.round((length - start) / open)) continue
    start = place + 1
    ends.push(start)
  }
  const beforeLast = ends.at(-2)
  // What ties have left over joins the band before.
  if (beforeLast !== undefined && length - beforeLast < fewest) ends.splice(-2, 1)

  const of = new Uint32Array(length)
  for (const [band, end] of ends.entries())
    for (let place = ends[band - 1] ?? 0; place < end; place++) of[order[place] ?? 0] = band
  return { of, count: ends.length }
}
