/** Rows chosen for something to be done with all of them. */
export interface Selection {
  readonly ids: ReadonlySet<string>
  /** Where a range begins that Shift extends, and what was chosen before it; null outside a range. */
  readonly range: { readonly from: number; readonly before: ReadonlySet<string> } | null
}

export const nothingSelected: Selection = { ids: new Set(), range: null }

/** Chooses a row, or takes it out. */
export function toggleRow({ ids }: Selection, id: string): Selection {
  const next = new Set(ids)
  if (!next.delete(id)) next.add(id)
  return { ids: next, range: null }
}

/**
 * Extends a range to a row, or begins one: the rows from where it began to this one are chosen beside what was before.
 * @param from where it begins if none has begun; `idAt` answers undefined for rows that are not at hand.
 */
export function extendTo(
  { ids, range }: Selection,
  { from, to }: { from: number; to: number },
  idAt: (index: number) => string | undefined,
): Selection {
  const begun = range ?? { from, before: ids }
  const next = new Set(begun.before)
  for (let index = Math.min(begun.from, to); index <= Math.max(begun.from, to); index++) {
    const id = idAt(index)
    if (id !== undefined) next.add(id)
  }
  return { ids: next, range: begun }
}

/** The next Shift begins a range of its own. */
export function endRange(selection: Selection): Selection {
  return selection.range === null ? selection : { ids: selection.ids, range: null }
}

/** Without these rows. */
export function without({ ids }: Selection, gone: Iterable<string>): Selection {
  const next = new Set(ids)
  for (const id of gone) next.delete(id)
  return { ids: next, range: null }
}
