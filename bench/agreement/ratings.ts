import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import type { RatingTable } from '../../src-main/agreement/ratingTable.ts'

const folder = '../shared/data'

/** Makes a table of scores by names of pairs and raters, by pair. */
export function toTable(cells: readonly { pair: string; rater: string; score: number }[]): RatingTable {
  const numbers = (names: Iterable<string>): Map<string, number> =>
    new Map([...new Set(names)].map((name, number) => [name, number]))
  const pairs = numbers(cells.map(({ pair }) => pair))
  const raters = numbers(cells.map(({ rater }) => rater))
  const rows = cells
    .map(({ pair, rater, score }) => ({ pair: pairs.get(pair) ?? 0, rater: raters.get(rater) ?? 0, score }))
    .sort((left, right) => left.pair - right.pair || left.rater - right.rater)
  return {
    pairs: pairs.size,
    raters: raters.size,
    pair: Int32Array.from(rows, ({ pair }) => pair),
    rater: Int32Array.from(rows, ({ rater }) => rater),
    score: Float64Array.from(rows, ({ score }) => score),
  }
}

/** The scores of each pair, in the table's order. */
export function scoresOf({ pairs, pair, score }: RatingTable): number[][] {
  const lists = Array.from({ length: pairs }, (): number[] => [])
  for (const [row, own] of pair.entries()) lists[own]?.push(score[row] ?? 0)
  return lists
}

/**
 * The slider ratings of Pavlick & Kwiatkowski 2019: every rating but can't-judge, and the first of each rater and pair.
 * Null where the file is not beside the repository.
 */
export function readSliders(): { every: RatingTable; first: RatingTable } | null {
  const path = `${folder}/pavlick/ratings.csv`
  if (!existsSync(path)) return null
  const every = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      // Ids of pairs hold commas; the six columns after them do not.
      const cells = line.split(',')
      const [rater = '', score = '', cannotJudge = ''] = cells.slice(-6)
      return { pair: cells.slice(0, -6).join(','), rater, score: Number(score), cannotJudge }
    })
    .filter(({ cannotJudge }) => cannotJudge === '0')
  const met = new Set<string>()
  const first = every.filter(({ pair, rater }) => {
    const key = `${pair}\n${rater}`
    return !met.has(key) && met.add(key)
  })
  return { every: toTable(every), first: toTable(first) }
}

const scored = z.object({ scores: z.array(z.number()) })

/** The scores of each pair of a file of JSON lines; null where it is not beside the repository. */
export function readScores(path: string): number[][] | null {
  const file = `${folder}/${path}`
  if (!existsSync(file)) return null
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => scored.parse(JSON.parse(line)).scores)
}
