import { GradusError } from '#shared/contract/errors.ts'
import type { ColumnMapping, ColumnRole, FileLayout } from '#shared/contract/imports.ts'

/** The names of a header row as people refer to them: trimmed, told apart where two are equal or empty. */
export function headerNames(cells: readonly string[]): string[] {
  const names = new Set<string>()
  const copies = new Map<string, number>()
  for (const [index, cell] of cells.entries()) {
    const wanted = cell.trim() === '' ? `column ${index + 1}` : cell.trim()
    let name = wanted
    while (names.has(name)) {
      const copy = (copies.get(wanted) ?? 1) + 1
      copies.set(wanted, copy)
      name = `${wanted} (${copy})`
    }
    names.add(name)
  }
  return [...names]
}

/** The names of the columns of a file without header: their numbers, from 1. */
export function numberNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index + 1))
}

/** Where a column of the mapping lies in a delimited row; null where it has none. */
export interface ColumnPlaces {
  readonly roles: Readonly<Record<ColumnRole, number | null>>
  readonly metadata: readonly { readonly name: string; readonly place: number }[]
}

/** The name under which a metadata column is kept; ours come back under the name they left with. */
export function metadataName(column: string): string {
  return column.startsWith('metadata.') ? column.slice('metadata.'.length) : column
}

/**
 * Finds the mapped columns among those a delimited file has.
 * @param names the header's names, or null where there is no header and columns go by number.
 * @throws GradusError `bad-options` naming the column that the file does not have.
 */
export function placeColumns(mapping: ColumnMapping, names: readonly string[] | null): ColumnPlaces {
  const place = (column: string): number => {
    if (names === null) {
      if (!/^[1-9]\d{0,4}$/.test(column))
        throw new GradusError(
          'bad-options',
          `The file has no header, so columns go by number: "${column}" is none. Write for example premise=1.`,
        )
      return Number(column) - 1
    }
    const found = names.indexOf(column)
    if (found < 0) throw unknownColumn(column, names)
    return found
  }
  const role = (name: ColumnRole): number | null => {
    const column = mapping[name]
    return column === undefined || column === '' ? null : place(column)
  }
  requireTexts(mapping)
  return {
    roles: {
      premise: role('premise'),
      hypothesis: role('hypothesis'),
      id: role('id'),
      score: role('score'),
      label: role('label'),
      rater: role('rater'),
      split: role('split'),
    },
    metadata: mapping.metadata.map((column) => ({ name: metadataName(column), place: place(column) })),
  }
}

/** @throws GradusError `bad-options` where premise or hypothesis has no column, or both have the same. */
export function requireTexts(mapping: ColumnMapping): void {
  for (const role of ['premise', 'hypothesis'] as const)
    if (mapping[role] === '')
      throw new GradusError('bad-options', `No column was chosen for the ${role}: name one and try again.`)
  if (mapping.premise === mapping.hypothesis)
    throw new GradusError('bad-options', 'Premise and hypothesis have the same column: choose two columns.')
}

/** The refusal of a mapping that names a column the file does not have. */
export function unknownColumn(column: string, names: readonly string[]): GradusError {
  const shown = names.slice(0, 30).join(', ') + (names.length > 30 ? ' …' : '')
  return new GradusError('bad-options', `The file has no column "${column}". It has: ${shown}.`)
}

/** How messages name the column of a role: by its name, or by number and role. */
export function columnLabel(column: string, role: string | null, layout: FileLayout): string {
  const named = layout.format === 'jsonl' || layout.header
  if (named) return role === null || role === column ? `"${column}"` : `"${column}" (${role})`
  return role === null ? `field ${column}` : `field ${column} (${role})`
}
