import type { ColumnMapping } from '#shared/contract/imports.ts'
import { createLabelReader, defaultClassScores, type ClassScore } from '#shared/domain/classes.ts'
import type { ScoreRange } from '#shared/domain/score.ts'
import { parseScore, parseSplit } from './parseCells.ts'

/** One column as far as the sample shows it. */
export interface SampleColumn {
  readonly name: string
  /** The cells that are not empty, trimmed. */
  readonly cells: readonly string[]
}

// Names that data sets give to the two texts; both of a pair must be there. Spelt as `plain` spells.
const textNames: readonly (readonly [string, string])[] = [
  ['premise', 'hypothesis'],
  ['sentence1', 'sentence2'],
  ['sent1', 'sent2'],
  ['sentencea', 'sentenceb'],
  ['senta', 'sentb'],
  ['text1', 'text2'],
  ['texta', 'textb'],
  ['s1', 's2'],
  ['question1', 'question2'],
  ['q1', 'q2'],
  ['question', 'answer'],
  ['query', 'passage'],
  ['query', 'document'],
  ['source', 'target'],
  ['anchor', 'positive'],
  ['context', 'response'],
  ['claim', 'evidence'],
  ['item1', 'item2'],
  ['phrase1', 'phrase2'],
  ['first', 'second'],
  ['left', 'right'],
  ['p', 'h'],
]
const scoreNames =
  'score similarity similarityscore relatednessscore relatedness goldscore gold consensus rating meanscore mean averagescore average scores label value'.split(
    ' ',
  )
const labelNames =
  'goldlabel label labeltext labelname classlabel class nlilabel entailmentjudgment relation verdict'.split(
    ' ',
  )
const idNames = 'externalid pairid itemid uid guid id sid exampleid idx index'.split(' ')
const raterNames =
  'rater ratername raterid annotator annotatorid worker workerid coder judge user username'.split(' ')
const splitNames = 'split partition subset fold set'.split(' ')

/** A name without case, spaces and signs; only the last part of a dotted one. */
function plain(name: string): string {
  const last = name.startsWith('metadata.') ? name : (name.split('.').at(-1) ?? name)
  return last.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}

const knownNames = new Set([
  ...textNames.flat(),
  ...scoreNames,
  ...labelNames,
  ...idNames,
  ...raterNames,
  ...splitNames,
  'text',
])

/** Whether a column of this name would be recognised. */
export function isKnownColumnName(name: string): boolean {
  return knownNames.has(plain(name)) || /^score\d/.test(plain(name))
}

/**
 * Guesses which column is which, by name where the file has names, else by what stands in them.
 * @param classes those that labels may name: a column is one of labels where it mostly names them.
 * @returns `premise` and `hypothesis` empty where no guess could be made.
 */
export function guessColumns(
  columns: readonly SampleColumn[],
  named: boolean,
  classes: readonly ClassScore[] = defaultClassScores,
): ColumnMapping {
  const texts = (named ? textsByName(columns) : null) ?? textsByShape(columns) ?? ['', '']
  const rest = columns.filter(({ name }) => !texts.includes(name))
  const score = named ? byName(rest, scoreNames, isNumeric) : scoreByShape(rest)
  const guessed: ColumnMapping = { premise: texts[0], hypothesis: texts[1], metadata: [] }
  if (score !== undefined) guessed.score = score
  const label = findLabels(
    rest.filter(({ name }) => name !== score),
    named,
    classes,
  )
  if (label !== undefined) guessed.label = label
  const split = named ? byName(rest, splitNames, isSplit) : rest.find(isSplit)?.name
  if (split !== undefined) guessed.split = split
  if (!named) return guessed
  const id = byName(rest, idNames, ({ cells }) => cells.length > 0)
  if (id !== undefined) guessed.id = id
  const rater = byName(rest, raterNames, ({ cells }) => cells.length > 0)
  if (rater !== undefined) guessed.rater = rater
  guessed.metadata = rest.map(({ name }) => name).filter((name) => name.startsWith('metadata.'))
  return guessed
}

function textsByName(columns: readonly SampleColumn[]): [string, string] | null {
  for (const [first, second] of textNames) {
    const premise = columns.find(({ name }) => plain(name) === first)
    const hypothesis = columns.find(({ name }) => plain(name) === second)
    if (premise !== undefined && hypothesis !== undefined) return [premise.name, hypothesis.name]
  }
  return null
}

/** The first two columns that hold running text. */
function textsByShape(columns: readonly SampleColumn[]): [string, string] | null {
  const running = columns.filter(({ cells }) => {
    if (cells.length === 0) return false
    // Times of day and JSON are no running text, although they hold letters and spaces.
    const spaced = cells.filter(
      (cell) =>
        /\p{L}\s+\p{L}|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(cell) &&
        !/\d\d:\d\d:\d\d/.test(cell) &&
        !/^[[{]"/.test(cell),
    )
    return spaced.length * 2 > cells.length && !cells.every((cell) => cell === cells[0] && cells.length > 3)
  })
  const [premise, hypothesis] = running
  return premise === undefined || hypothesis === undefined ? null : [premise.name, hypothesis.name]
}

/** The first of the names, in their order, whose column also looks right; then names that begin like it. */
function byName(
  columns: readonly SampleColumn[],
  names: readonly string[],
  fits: (column: SampleColumn) => boolean,
): string | undefined {
  for (const wanted of names)
    for (const column of columns) if (plain(column.name) === wanted && fits(column)) return column.name
  if (names !== scoreNames) return undefined
  return columns.find((column) => /^score\d/.test(plain(column.name)) && fits(column))?.name
}

/** A column that names classes: by its name where half of its cells do, else where nearly all do. */
function findLabels(
  columns: readonly SampleColumn[],
  named: boolean,
  classes: readonly ClassScore[],
): string | undefined {
  const read = createLabelReader(classes)
  const shareOf = ({ cells }: SampleColumn): number =>
    cells.filter((cell) => read(cell).kind === 'class').length / Math.max(1, cells.length)
  const byOwnName = named ? byName(columns, labelNames, (column) => shareOf(column) >= 0.5) : undefined
  return byOwnName ?? columns.find((column) => shareOf(column) >= 0.9)?.name
}

function isNumeric({ cells }: SampleColumn): boolean {
  const numbers = cells.filter((cell) => parseScore(cell) !== null)
  return numbers.length > 0 && numbers.length * 5 >= cells.length * 4
}

function isSplit({ cells }: SampleColumn): boolean {
  return cells.length > 0 && cells.every((cell) => parseSplit(cell) !== null)
}

/** A numeric column that is no year, no running number and no code with leading zeros; rather one with fractions. */
function scoreByShape(columns: readonly SampleColumn[]): string | undefined {
  const candidates = columns.filter((column) => {
    const { cells } = column
    const numbers = cells.map(parseScore)
    if (cells.length === 0 || numbers.includes(null)) return false
    if (cells.some((cell) => /^0\d/.test(cell))) return false
    const integers = numbers.every(Number.isInteger)
    const years = integers && numbers.every((number) => number !== null && number >= 1900 && number <= 2100)
    const codes = integers && cells.length > 20 && new Set(cells).size * 2 > cells.length
    return !years && !codes
  })
  const fractional = candidates.find(({ cells }) => cells.some((cell) => /[.,]\d/.test(cell)))
  return (fractional ?? candidates[0])?.name
}

const usualRanges: readonly ScoreRange[] = [
  { low: 0, high: 1 },
  { low: -1, high: 1 },
  { low: 1, high: 5 },
  { low: 0, high: 5 },
  { low: 1, high: 7 },
  { low: 0, high: 10 },
  { low: 0, high: 100 },
  { low: -100, high: 100 },
]

/**
 * Guesses the range of the outside scores: one that the column's name tells (`score_0_5`), else the narrowest usual one
 * that holds every value seen, else the whole numbers around them.
 */
export function guessScoreRange(name: string | undefined, cells: readonly string[]): ScoreRange {
  const told = /(?:^|[^\d-])(-?\d{1,3})(?:_|-|\.\.|to)(\d{1,3})\)?$/i.exec(name ?? '')
  const numbers = cells.map(parseScore).filter((number) => number !== null)
  const low = numbers.reduce((least, number) => Math.min(least, number), Infinity)
  const high = numbers.reduce((most, number) => Math.max(most, number), -Infinity)
  const holds = (range: ScoreRange): boolean => range.low <= low && high <= range.high
  if (told !== null) {
    const range = { low: Number(told[1]), high: Number(told[2]) }
    if (range.high > range.low && (numbers.length === 0 || holds(range))) return range
  }
  if (numbers.length === 0) return { low: 0, high: 1 }
  return (
    usualRanges.find(holds) ?? { low: Math.floor(low), high: Math.max(Math.ceil(high), Math.floor(low) + 1) }
  )
}
