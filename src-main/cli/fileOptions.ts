import { InvalidArgumentError, Option, type Command } from 'commander'
import type {
  ColumnMapping,
  ColumnRole,
  FileEncoding,
  FileLayout,
  ImportPreview,
} from '#shared/contract/imports.ts'
import type { ScoreRange } from '#shared/domain/score.ts'

/** What the user says of a file; everything else is guessed. */
export interface FileOptions {
  readonly columns?: readonly (readonly [ColumnRole | 'metadata', string])[]
  readonly format?: FileLayout['format']
  readonly encoding?: FileEncoding
  readonly separator?: Extract<FileLayout, { format: 'delimited' }>['separator']
  readonly quoting?: Extract<FileLayout, { format: 'delimited' }>['quoting']
  readonly header?: boolean
}

const roles = [
  'premise',
  'hypothesis',
  'id',
  'score',
  'label',
  'rater',
  'split',
  'metadata',
] as const satisfies (ColumnRole | 'metadata')[]
const separators = { comma: ',', tab: '\t', semicolon: ';', bar: '|' } as const
const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const satisfies FileEncoding[]

function parseColumns(
  text: string,
  before: NonNullable<FileOptions['columns']> = [],
): NonNullable<FileOptions['columns']> {
  const added = text.split(',').map((part) => {
    const [role, column] = [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]
    const known = roles.find((name) => name === role.trim())
    if (known === undefined || column.trim() === '')
      throw new InvalidArgumentError(`Write role=column, where role is one of ${roles.join(', ')}.`)
    return [known, column.trim()] as const
  })
  return [...before, ...added]
}

function parseSeparator(text: string): NonNullable<FileOptions['separator']> {
  for (const [name, sign] of Object.entries(separators)) if (text === name || text === sign) return sign
  if (text === '\\t') return '\t'
  throw new InvalidArgumentError(`Give one of ${Object.keys(separators).join(', ')}.`)
}

/** Reads `0..5`. */
export function parseRange(text: string): ScoreRange {
  const [low, high, ...rest] = text.split('..').map((part) => (part.trim() === '' ? NaN : Number(part)))
  if (
    low === undefined ||
    high === undefined ||
    rest.length > 0 ||
    !(high > low) ||
    !Number.isFinite(high - low)
  )
    throw new InvalidArgumentError('Write the lowest and the highest score, for example 0..5.')
  return { low, high }
}

/** Adds the options that say how a file is to be read. */
export function addFileOptions(command: Command): Command {
  return command
    .option(
      '--columns <list>',
      'role=column, comma-separated: names where the file has a header, 1-based numbers where it has none; ' +
        `roles: ${roles.join(', ')} (guessed)`,
      parseColumns,
    )
    .addOption(
      new Option('--format <format>', 'delimited or jsonl (guessed)').choices(['delimited', 'jsonl']),
    )
    .addOption(new Option('--encoding <encoding>', 'of the text (guessed)').choices(encodings))
    .option('--separator <sign>', `${Object.keys(separators).join(', ')} (guessed)`, parseSeparator)
    .addOption(
      new Option('--quoting <kind>', 'double: "…" encloses a cell; none: marks are text (guessed)').choices([
        'double',
        'none',
      ]),
    )
    .option('--header', 'the first row names the columns (guessed)')
    .option('--no-header', 'the first row is data (guessed)')
}

/** Puts what the user says over what was guessed. */
function correctLayout(guessed: FileLayout, options: FileOptions): FileLayout {
  const encoding = options.encoding ?? guessed.encoding
  if ((options.format ?? guessed.format) === 'jsonl') return { format: 'jsonl', encoding }
  const before =
    guessed.format === 'delimited'
      ? guessed
      : { separator: ',' as const, quoting: 'double' as const, header: true }
  return {
    format: 'delimited',
    encoding,
    separator: options.separator ?? before.separator,
    quoting: options.quoting ?? before.quoting,
    header: options.header ?? before.header,
  }
}

function correctColumns(guessed: ColumnMapping, given: NonNullable<FileOptions['columns']>): ColumnMapping {
  const mapping: ColumnMapping = {
    premise: guessed.premise,
    hypothesis: guessed.hypothesis,
    metadata: given.filter(([role]) => role === 'metadata').map(([, column]) => column),
  }
  for (const [role, column] of given) if (role !== 'metadata') mapping[role] = column
  return mapping
}

/** How a file is read. */
type Reading = Pick<ImportPreview, 'layout' | 'columns' | 'scoreRange'>

/**
 * Finds out how a file is to be read: guesses, corrected by what the user says. Columns that the user names are taken
 * alone; only the two texts are guessed where they are not among them.
 * @param preview reads the beginning of the file under what is known of it.
 */
export async function decideReading(
  options: FileOptions,
  preview: (given: { layout?: FileLayout; columns?: ColumnMapping }) => Promise<Reading>,
): Promise<Reading> {
  const given = options.columns ?? []
  const named = new Map(given)
  const [premise, hypothesis] = [named.get('premise'), named.get('hypothesis')]
  // Names say whether there is a header, so they help with guessing the rest.
  const hint =
    premise === undefined || hypothesis === undefined
      ? {}
      : { columns: correctColumns({ premise, hypothesis, metadata: [] }, given) }
  const layout = correctLayout((await preview(hint)).layout, options)
  const guessed = await preview({ layout })
  if (given.length === 0) return { layout, columns: guessed.columns, scoreRange: guessed.scoreRange }
  const columns = correctColumns(guessed.columns, given)
  const { scoreRange } = await preview({ layout, columns })
  return { layout, columns, scoreRange }
}
