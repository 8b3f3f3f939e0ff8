import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const sampleLine = z.object({
  id: z.string(),
  premise: z.string(),
  hypothesis: z.string(),
  domain: z.string(),
  ratings: z.array(z.object({ rater: z.string(), score: z.number().optional() })),
})

/** The sample project's own pairs, as the tests bring them in from outside. */
export const samplePairs = readFileSync(join(import.meta.dirname, '../resources/sample/pairs.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => sampleLine.parse(JSON.parse(line)))

const quote = (cell: string): string => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

/**
 * Writes a CSV with one row per rating (scores on 0–5) or per unrated pair, and five rows that must be refused.
 * @returns what a right import brings.
 */
export function writeImportFile(path: string): { pairs: number; ratings: number; rejected: number } {
  const rows = [['id', 'premise', 'hypothesis', 'score', 'rater', 'domain']]
  let ratings = 0
  for (const pair of samplePairs) {
    const scores = pair.ratings.filter((rating) => rating.score !== undefined)
    const texts = [pair.id, pair.premise, pair.hypothesis]
    if (scores.length === 0) rows.push([...texts, '', '', pair.domain])
    for (const { rater, score } of scores)
      rows.push([...texts, ((score ?? 0) * 5).toFixed(2), rater, pair.domain])
    ratings += scores.length
  }
  const lines = rows.map((row) => row.map(quote).join(','))
  lines.splice(40, 0, 'bad-1,A premise without a partner.,,2,Ines,none')
  lines.splice(80, 0, 'bad-2,The score is beyond its range.,It is nine of five.,9,Ines,none')
  lines.splice(120, 0, 'bad-3,The score is no number.,It is a word.,often,Ines,none')
  lines.splice(160, 0, 'bad-4,One column too many.,Nobody named it.,2,Ines,none,surplus')
  lines.splice(200, 0, 'bad-5,"This quote is never closed,And so the row is broken.,2,Ines,none')
  writeFileSync(path, `${lines.join('\r\n')}\r\n`)
  return { pairs: samplePairs.length, ratings, rejected: 5 }
}
