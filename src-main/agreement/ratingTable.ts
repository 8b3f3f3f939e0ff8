/** Present scores as columns: score n is of pair[n] by rater[n]. A rater has one score of a pair at most. */
export interface RatingTable {
  readonly pairs: number
  readonly raters: number
  /** Numbers of pairs, 0 to pairs − 1, in rising order [scores]. */
  readonly pair: Int32Array
  /** Numbers of raters, 0 to raters − 1 [scores]. */
  readonly rater: Int32Array
  /** 0–1 [scores]. */
  readonly score: Float64Array
}

/** Which rows belong to each group: those of group g are rows[starts[g]] to rows[starts[g + 1] − 1], in their order. */
export interface GroupedRows {
  /** [groups + 1] */
  readonly starts: Int32Array
  /** [rows] */
  readonly rows: Int32Array
}

/** Gathers rows by the number of their group, by counting. */
export function groupRows(group: Int32Array, groups: number): GroupedRows {
  const starts = new Int32Array(groups + 1)
  for (const own of group) starts[own + 1] = (starts[own + 1] ?? 0) + 1
  for (let at = 0; at < groups; at++) starts[at + 1] = (starts[at + 1] ?? 0) + (starts[at] ?? 0)
  const next = starts.slice()
  const rows = new Int32Array(group.length)
  for (let row = 0; row < group.length; row++) {
    const own = group[row] ?? 0
    const at = next[own] ?? 0
    rows[at] = row
    next[own] = at + 1
  }
  return { starts, rows }
}

/** Sums over the scores of each pair. */
export interface PairSums {
  /** [pairs] each. */
  readonly count: Int32Array
  readonly sum: Float64Array
  readonly squares: Float64Array
}

/** Count, sum and sum of squares of the scores of each pair. */
export function sumPairs({ pairs, pair, score }: RatingTable): PairSums {
  const count = new Int32Array(pairs)
  const sum = new Float64Array(pairs)
  const squares = new Float64Array(pairs)
  for (let row = 0; row < pair.length; row++) {
    const own = pair[row] ?? 0
    const value = score[row] ?? 0
    count[own] = (count[own] ?? 0) + 1
    sum[own] = (sum[own] ?? 0) + value
    squares[own] = (squares[own] ?? 0) + value * value
  }
  return { count, sum, squares }
}

/** The table without the pairs that fewer than two raters have scored; pairs and raters keep their numbers. */
export function sharedOnly(table: RatingTable): RatingTable {
  const { count } = sumPairs(table)
  const rows = Int32Array.from(table.pair.keys()).filter((row) => (count[table.pair[row] ?? 0] ?? 0) >= 2)
  if (rows.length === table.pair.length) return table
  return {
    pairs: table.pairs,
    raters: table.raters,
    pair: rows.map((row) => table.pair[row] ?? 0),
    rater: rows.map((row) => table.rater[row] ?? 0),
    score: Float64Array.from(rows, (row) => table.score[row] ?? 0),
  }
}
