import type { FileLayout, ImportOptions, RejectedRow, RejectionReason } from '#shared/contract/imports.ts'
import { createLabelReader, type ClassScore } from '#shared/domain/classes.ts'
import type { Split } from '#shared/domain/pair.ts'
import { toUnitScore } from '#shared/domain/score.ts'
import { columnLabel, metadataName, placeColumns, requireTexts, type ColumnPlaces } from './columns.ts'
import { decodeForReading, decodeRaw, type RawText } from './encoding.ts'
import { parseJsonObject } from './jsonObject.ts'
import { limits } from './limits.ts'
import { parseScore, parseSplit } from './parseCells.ts'
import type { RawRecord } from './splitRecords.ts'

/** A row whose fields are all in order. Whether its pair is new is for the store to say. */
export interface ImportRow {
  readonly rowNumber: number
  readonly externalId: string | null
  readonly premise: string
  readonly hypothesis: string
  /** On 0–1, the label's where the row brings none of its own; null without either. */
  readonly score: number | null
  /** The class the row names, and whether the score is that of the class; null without a label. */
  readonly label: { readonly name: string; readonly scored: boolean } | null
  readonly rater: string
  readonly declaredSplit: Split | null
  readonly metadata: Readonly<Record<string, string>>
  /** The row is an answer that its rater has replaced or taken back since (our own ratings file has such rows). */
  readonly superseded: boolean
  /** The row as it stands in the file; `readable` makes it fit for people. */
  readonly raw: RawText
}

export type CheckedRow =
  { readonly kind: 'good'; readonly row: ImportRow } | { readonly kind: 'bad'; readonly row: RejectedRow }

/** A refusal on its way from the check that found it to the row's end. */
class Refusal extends Error {
  readonly reason: RejectionReason
  constructor(reason: RejectionReason, message: string) {
    super(message)
    this.reason = reason
  }
}

type Field = keyof ColumnPlaces['roles']

/** What a row gives for a column: undefined where it has no such field. */
interface Cells {
  readonly role: (role: Field) => string | undefined
  readonly metadata: () => Record<string, string>
  /** Whether the answer still stands, in our own ratings file; undefined in every other file. */
  readonly current: string | undefined
}

/** A file with these is one that we wrote: its rows are the whole history, not only what stands. */
const ownRatingsColumns = ['rating_id', 'answer_kind', 'current'] as const

/**
 * Makes the check of one row: everything that can be said of it without looking into the project.
 *
 * In delimited files a mapped column must be there in every row; a row with more fields than the header is refused,
 * while without header the fields beyond the mapped ones do not matter. In JSON Lines only premise and hypothesis must
 * be there. An empty score means the pair is not rated unless a label is there, whose score is then taken; an empty rater
 * is the one of the options, an empty split the options' split.
 * @param classes those that labels may name.
 * @param names the header's names; null for files without header and for JSON Lines.
 * @throws GradusError `bad-options` where the mapping names columns that the header does not have.
 */
export function createRowCheck(
  options: ImportOptions,
  names: readonly string[] | null,
  classes: readonly ClassScore[],
): (record: RawRecord) => CheckedRow {
  const { layout, columns } = options
  requireTexts(columns)
  const places = layout.format === 'delimited' ? placeColumns(columns, names) : null
  const readLabel = createLabelReader(classes, options.labelMeanings)
  const ownRatings = names !== null && ownRatingsColumns.every((name) => names.includes(name))
  const label = (role: Field): string => columnLabel(columns[role] ?? '', role, layout)

  const delimitedCells = (record: RawRecord, at: ColumnPlaces): Cells => {
    const fields = decodeFields(record, names)
    if (
      names !== null &&
      fields.length > names.length &&
      fields.slice(names.length).some((extra) => extra.trim() !== '')
    )
      throw new Refusal(
        'unknown-column',
        `The row has ${fields.length} fields, but the header names ${names.length} columns.`,
      )
    const cell = (place: number, called: string): string => {
      const value = fields[place]
      if (value !== undefined) return value
      throw new Refusal('missing-column', `The row has ${fields.length} fields and so no ${called}.`)
    }
    return {
      role: (role) => {
        const place = at.roles[role]
        return place === null ? undefined : cell(place, label(role))
      },
      metadata: () =>
        Object.fromEntries(
          at.metadata.map(({ name, place }) => [name, cell(place, columnLabel(name, null, layout))]),
        ),
      current: ownRatings ? fields[names.indexOf('current')] : undefined,
    }
  }

  const objectCells = (record: RawRecord): Cells => {
    const line = decodeRaw(record.raw, layout.encoding)
    if (line === null)
      throw new Refusal('invalid-encoding', `The row is not valid ${encodingNames[layout.encoding]}.`)
    if (line.includes('\0')) throw new Refusal('nul-character', 'The row holds a NUL character.')
    const fields = parseJsonObject(line)
    if (fields === null) throw new Refusal('not-json', 'The line is not a JSON object.')
    return {
      role: (role) => {
        const column = columns[role]
        if (column === undefined || column === '') return undefined
        const value = fields.values.get(column)
        if (role !== 'premise' && role !== 'hypothesis') return value
        if (value === undefined) throw new Refusal('missing-column', `The object has no ${label(role)}.`)
        if (fields.lists.has(column))
          throw new Refusal('missing-column', `The ${asField(label(role))} is a list, not a text.`)
        return value
      },
      metadata: () =>
        Object.fromEntries(
          columns.metadata.flatMap((column) => {
            const value = fields.values.get(column)
            return value === undefined ? [] : [[metadataName(column), value] as const]
          }),
        ),
      current: ownRatingsColumns.every((name) => fields.values.has(name))
        ? fields.values.get('current')
        : undefined,
    }
  }

  const decodeFields = (record: RawRecord, header: readonly string[] | null): readonly string[] => {
    const called = (index: number): string => columnLabel(header?.[index] ?? String(index + 1), null, layout)
    if (record.raw.includes('\0')) {
      const index = record.fields.findIndex((field) => field.includes('\0'))
      throw new Refusal('nul-character', `The ${asField(called(index))} holds a NUL character.`)
    }
    return record.fields.map((field, index) => {
      const decoded = decodeRaw(field, layout.encoding)
      if (decoded !== null) return decoded
      throw new Refusal(
        'invalid-encoding',
        `The ${asField(called(index))} is not valid ${encodingNames[layout.encoding]}.`,
      )
    })
  }

  const requireSound = (value: string, called: string, limit: number): string => {
    if (value.includes('\0')) throw new Refusal('nul-character', `The ${called} holds a NUL character.`)
    if (!value.isWellFormed())
      throw new Refusal('invalid-encoding', `The ${called} holds half a character (a lone surrogate).`)
    if (value.length > limit)
      throw new Refusal(
        'text-too-long',
        `The ${called} has ${value.length.toLocaleString('en')} characters; at most ${limit.toLocaleString('en')} are taken.`,
      )
    return value
  }

  const textOf = (cells: Cells, role: 'premise' | 'hypothesis'): string => {
    const text = (cells.role(role) ?? '').trim()
    // Nothing but white space, control and format characters is nothing to read.
    if (!/[^\s\p{C}]/u.test(text)) throw new Refusal('empty-text', `The ${asField(label(role))} is empty.`)
    return requireSound(text, asField(label(role)), limits.text)
  }

  const scoreOf = (cells: Cells): number | null => {
    const cell = cells.role('score')?.trim() ?? ''
    if (cell === '') return null
    const shown = cell.length > 40 ? `${cell.slice(0, 40)}…` : cell
    const outside = parseScore(cell)
    if (outside === null)
      throw new Refusal('score-not-a-number', `The ${asField(label('score'))} is not a number: "${shown}".`)
    const mapped = toUnitScore(outside, options.scoreRange)
    if (mapped !== null) return mapped
    const { low, high } = options.scoreRange
    throw new Refusal(
      'score-out-of-range',
      `The ${asField(label('score'))} is ${shown}, outside ${low} to ${high}.`,
    )
  }

  const labelOf = (cells: Cells): ClassScore | null => {
    const cell = cells.role('label') ?? ''
    const reading = readLabel(cell)
    if (reading.kind === 'none') return null
    if (reading.kind === 'class') return reading.found
    throw new Refusal(
      'unknown-label',
      `The ${asField(label('label'))} is "${cell.trim().slice(0, 40)}", which is none of the classes: ${classes.map(({ name }) => name).join(', ')}.`,
    )
  }

  const splitOf = (cells: Cells): Split | null => {
    const cell = cells.role('split')?.trim() ?? ''
    if (cell === '') return options.split
    const found = parseSplit(cell)
    if (found !== null) return found
    throw new Refusal(
      'unknown-split',
      `The ${asField(label('split'))} is "${cell.slice(0, 40)}"; known are train, validation (dev) and holdout (test).`,
    )
  }

  const check = (record: RawRecord): ImportRow => {
    if (record.problem !== null) throw new Refusal(record.problem.reason, record.problem.message)
    const cells = places === null ? objectCells(record) : delimitedCells(record, places)
    const premise = textOf(cells, 'premise')
    const hypothesis = textOf(cells, 'hypothesis')
    const id = requireSound((cells.role('id') ?? '').trim(), asField(label('id')), limits.externalId)
    const rater = requireSound((cells.role('rater') ?? '').trim(), asField(label('rater')), limits.raterName)
    const superseded = cells.current !== undefined && cells.current !== 'true'
    const score = scoreOf(cells)
    // What no longer stands may name a class that is no longer there.
    const named = superseded ? null : labelOf(cells)
    const metadata = cells.metadata()
    for (const [name, value] of Object.entries(metadata)) requireSound(value, `field "${name}"`, limits.text)
    return {
      rowNumber: record.line,
      externalId: id === '' ? null : id,
      premise,
      hypothesis,
      score: superseded ? null : (score ?? named?.score ?? null),
      label: named === null ? null : { name: named.name, scored: score === null },
      rater: rater === '' ? options.rater : rater,
      declaredSplit: splitOf(cells),
      metadata,
      superseded,
      raw: record.raw,
    }
  }

  return (record) => {
    try {
      return { kind: 'good', row: check(record) }
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown
      const { reason, message } = thrown
      return {
        kind: 'bad',
        row: { rowNumber: record.line, reason, message, text: readable(record.raw, layout) },
      }
    }
  }
}

/** A row's raw text for people to read, cut to what is kept of a rejected row. */
export function readable(raw: RawText, layout: FileLayout): string {
  // SQLite's tools and most editors stop at NUL, so it is shown instead.
  const text = decodeForReading(raw.slice(0, limits.rejectedText * 4), layout.encoding).replaceAll(
    '\0',
    '\u2400',
  )
  return text.slice(0, limits.rejectedText).toWellFormed()
}

const encodingNames = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16',
  'utf-16be': 'UTF-16',
  'windows-1252': 'Windows-1252',
} as const

function asField(called: string): string {
  return called.startsWith('field ') ? called : `field ${called}`
}
