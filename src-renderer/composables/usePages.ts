import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import { GradusError, toErrorShape, type ErrorShape } from '#shared/contract/errors.ts'

export interface Pages<Row> {
  /** Rows there are in all; null before the first answer. */
  readonly total: Readonly<ShallowRef<number | null>>
  readonly failure: Readonly<ShallowRef<ErrorShape | null>>
  /** The row at an index, or undefined while its page is fetched. Reactive. */
  rowAt(index: number): Row | undefined
  /** A row among those at hand, or undefined. Reactive. */
  find(matches: (row: Row) => boolean): Row | undefined
  /** Fetches the pages that hold the rows from `start` to before `end`. */
  ensure(start: number, end: number): void
  /**
   * Fetches anew what is in sight (`here`, after a change of data) or the first page (`top`, after a change of search or
   * order); every other page is forgotten.
   */
  reload(place?: 'here' | 'top'): void
}

/**
 * A long list of the backend, fetched page by page as it is scrolled.
 * @param load answers one page; its signal is aborted by `reload` and at the end of the scope.
 */
export function usePages<Row>(
  load: (
    offset: number,
    limit: number,
    signal: AbortSignal,
  ) => Promise<{ total: number; rows: readonly Row[] }>,
  pageSize = 200,
): Pages<Row> {
  const total = shallowRef<number | null>(null)
  const failure = shallowRef<ErrorShape | null>(null)
  const pages = shallowRef<ReadonlyMap<number, readonly Row[]>>(new Map())
  let asked = new Set<number>()
  let controller = new AbortController()
  let inSight = { start: 0, end: 1 }
  // True from a reload to its first answer: what is shown until then is of before.
  let stale = false

  async function fetchPage(page: number): Promise<void> {
    const { signal } = controller
    asked.add(page)
    try {
      const answer = await load(page * pageSize, pageSize, signal)
      if (signal.aborted) return
      failure.value = null
      total.value = answer.total
      // The first answer after a reload takes the place of everything shown until then, so that nothing flickers.
      pages.value = new Map(stale ? [] : pages.value).set(page, answer.rows)
      stale = false
    } catch (thrown) {
      asked.delete(page)
      if (signal.aborted || (thrown instanceof GradusError && thrown.code === 'cancelled')) return
      failure.value = toErrorShape(thrown)
    }
  }

  function restart(): void {
    controller.abort()
    controller = new AbortController()
    asked = new Set()
  }

  function ensure(start: number, end: number): void {
    inSight = { start, end }
    for (let page = Math.floor(start / pageSize); page * pageSize < end; page += 1)
      if (!asked.has(page)) void fetchPage(page)
  }

  onScopeDispose(restart)

  return {
    total,
    failure,
    rowAt: (index) => pages.value.get(Math.floor(index / pageSize))?.[index % pageSize],
    find(matches) {
      for (const rows of pages.value.values()) {
        const found = rows.find(matches)
        if (found !== undefined) return found
      }
      return undefined
    },
    ensure,
    reload(place = 'here') {
      restart()
      stale = true
      if (place === 'top') inSight = { start: 0, end: 1 }
      ensure(inSight.start, inSight.end)
    },
  }
}
