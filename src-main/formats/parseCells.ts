import type { Split } from '#shared/domain/pair.ts'

/**
 * Reads a number as data files write it: `3`, `-0.5`, `1e-3`, and `3,5` with a decimal comma.
 * @returns null for everything else, `1,000` included: it can be read in two ways.
 */
export function parseScore(cell: string): number | null {
  if (/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(cell)) return Number(cell)
  if (/^[+-]?\d+,\d+$/.test(cell) && !/^[+-]?[1-9]\d{0,2},\d{3}$/.test(cell))
    return Number(cell.replace(',', '.'))
  return null
}

const splitWords: ReadonlyMap<string, Split> = new Map([
  ['train', 'train'],
  ['training', 'train'],
  ['validation', 'validation'],
  ['valid', 'validation'],
  ['val', 'validation'],
  ['dev', 'validation'],
  ['development', 'validation'],
  ['holdout', 'holdout'],
  ['held-out', 'holdout'],
  ['heldout', 'holdout'],
  ['hold-out', 'holdout'],
  ['test', 'holdout'],
  ['testing', 'holdout'],
])

/** Reads a split by the names that data sets give it; null where it is none of them. */
export function parseSplit(cell: string): Split | null {
  return splitWords.get(cell.toLowerCase()) ?? null
}
