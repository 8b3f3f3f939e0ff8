import type { SliceColumn } from '../../learning/metrics/slices.ts'
import type { JudgedFacts, JudgedRows } from './judgedRows.ts'

/** Under so many rows a slice has no figures. */
const fewestRows = 5
/** More metadata than this is not looked at: nobody reads so many tables. */
const mostMetadata = 20

/**
 * What judged pairs can be cut by: length, score, number of ratings, source file, how they came to be held out, and
 * each metadata column. A column is left out where it would not divide the rows into slices that can be judged.
 */
export function sliceColumns({ facts, score }: Pick<JudgedRows, 'facts' | 'score'>): SliceColumn[] {
  const built: SliceColumn[] = [
    { name: 'words of both texts', values: facts.map(({ words }) => words) },
    // Bands end at hundredths, so that they can be read.
    { name: 'score given', values: Array.from(score, (value) => Math.round(100 * value) / 100) },
    { name: 'ratings', values: facts.map(({ ratings }) => ratings) },
    { name: 'file', values: facts.map(({ source }) => source) },
    {
      name: 'held out',
      values: facts.map(({ declared }) => (declared ? 'declared at import' : 'by its premise')),
    },
  ]
  const names = [...new Set(facts.flatMap(({ metadata }) => Object.keys(metadata)))]
  const free = names.slice(0, mostMetadata).map((name) => ({ name, values: metadataValues(facts, name) }))
  return [...built, ...free].filter(divides)
}

/** Numbers where every text that is there is one, else the texts; empty ones count as absent. */
function metadataValues(facts: readonly JudgedFacts[], name: string): SliceColumn['values'] {
  const texts = facts.map(({ metadata }) => {
    const text = metadata[name]?.trim() ?? ''
    return text === '' ? null : text
  })
  const numbers = texts.map((text) => (text === null ? null : Number(text)))
  return numbers.every((number) => number === null || Number.isFinite(number)) ? numbers : texts
}

/** Numbers are cut into bands; texts only divide where two of them have enough rows, unlike ids or remarks. */
function divides({ values }: SliceColumn): boolean {
  const counts = new Map<string | number | null, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  if (values.every((value) => value === null || typeof value === 'number')) return counts.size > 1
  return [...counts.values()].filter((rows) => rows >= fewestRows).length > 1
}
