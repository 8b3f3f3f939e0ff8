import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import type { RecentProject } from '#shared/contract/project.ts'
import { writeFileAtomically } from '../writeFileAtomically.ts'

const entry = z.object({
  recentId: z.string(),
  title: z.string(),
  path: z.string(),
  openedAt: z.iso.datetime(),
})
type Entry = z.infer<typeof entry>
const list = z.array(entry)

const kept = 20

export interface RecentProjects {
  /** Opened last comes first. */
  list(): RecentProject[]
  /** Null for an id that is not in the list. */
  path(recentId: string): string | null
  /** Puts a project at the top. */
  note(opened: { path: string; title: string }): void
}

/**
 * The projects opened on this machine, kept as JSON in `folder`. A list that cannot be read or written stops nobody
 * from working: it is logged and counts as empty.
 */
export function createRecentProjects(
  folder: string,
  log: (thrown: unknown, where: string) => void,
): RecentProjects {
  const path = join(folder, 'recent-projects.json')
  const read = (): Entry[] => {
    try {
      return existsSync(path) ? list.parse(JSON.parse(readFileSync(path, 'utf8'))) : []
    } catch (thrown) {
      log(thrown, 'recent projects')
      return []
    }
  }
  return {
    list: () =>
      read().map(({ recentId, title, path: at, openedAt }) => ({
        recentId,
        title,
        fileName: basename(at),
        folder: dirname(at),
        openedAt,
        missing: !existsSync(at),
      })),
    path: (recentId) => read().find((known) => known.recentId === recentId)?.path ?? null,
    note(opened) {
      const present = read()
      const known = present.find((other) => other.path === opened.path)
      const noted: Entry = {
        recentId: known?.recentId ?? randomBytes(16).toString('hex'),
        ...opened,
        openedAt: new Date().toISOString(),
      }
      const others = present.filter((other) => other.path !== opened.path)
      try {
        writeFileAtomically(path, JSON.stringify([noted, ...others].slice(0, kept), null, 2))
      } catch (thrown) {
        log(thrown, 'recent projects')
      }
    },
  }
}
