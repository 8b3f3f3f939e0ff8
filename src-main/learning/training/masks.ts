import type { Head, HeadSize } from '../heads/head.ts'

/** Where each mask of a step lies in the step's window of the pool. */
export interface MaskLayout {
  readonly masks: ReadonlyMap<
    string,
    { readonly start: number; readonly length: number; readonly shape: readonly number[] }
  >
  /** Length of the window. */
  readonly length: number
}

/** Lays a head's masks for a step of `rows` rows one after another. */
export function maskLayout(head: Head, size: HeadSize, rows: number): MaskLayout {
  let end = 0
  const masks = new Map(
    Object.entries(head.masks(size, rows)).map(([name, shape]) => {
      const start = end
      const length = shape.reduce((product, side) => product * side, 1)
      end += length
      return [name, { start, length, shape }] as const
    }),
  )
  return { masks, length: end }
}
