import { GradusError } from '#shared/contract/errors.ts'
import type { ProjectStore } from '../store/projectStore.ts'

/** The project that is open, if any: one at a time. */
export interface ProjectSession {
  readonly open: { readonly store: ProjectStore; readonly path: string } | null
  /** @throws GradusError `no-project-open`. */
  store(): ProjectStore
  /** Replaces the open project; the one before is closed. */
  set(opened: { store: ProjectStore; path: string } | null): void
}

export function createProjectSession(): ProjectSession {
  let open: ProjectSession['open'] = null
  return {
    get open() {
      return open
    },
    store() {
      if (open === null)
        throw new GradusError('no-project-open', 'No project is open: create or open one first.')
      return open.store
    },
    set(opened) {
      open?.store.close()
      open = opened
    },
  }
}
