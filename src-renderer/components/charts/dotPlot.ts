/** A score to draw: one number, or a range with its middle. */
export interface DotScore {
  readonly score: number
  readonly range: { readonly low: number; readonly high: number } | null
}

/** A dot with its place: `x` in units of the drawing, `level` 0 on the line and up from there. */
export interface PlacedDot<Score extends DotScore> {
  readonly given: Score
  readonly x: number
  readonly level: number
}

/**
 * Places scores on a line from 0 to 1 so that equal and near ones stand on one another: from low to high, each with its
 * range on the lowest level where it touches no other. Above `levels` they overlap.
 * @param diameter of a dot, in units of the drawing.
 */
export function placeDots<Score extends DotScore>(
  scores: readonly Score[],
  { width, diameter, levels }: { width: number; diameter: number; levels: number },
): PlacedDot<Score>[] {
  const ends = new Array<number>(levels).fill(-Infinity)
  const place = (value: number): number => Math.min(1, Math.max(0, value)) * width
  const lowEnd = ({ score, range }: DotScore): number => range?.low ?? score
  return scores
    .toSorted((one, other) => lowEnd(one) - lowEnd(other) || one.score - other.score)
    .map((given) => {
      const from = place(lowEnd(given))
      const free = ends.findIndex((end) => from - end >= diameter - 1e-9)
      const level = free === -1 ? ends.indexOf(Math.min(...ends)) : free
      ends[level] = place(given.range?.high ?? given.score)
      return { given, x: place(given.score), level }
    })
}
