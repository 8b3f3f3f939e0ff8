import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultProjectSettings, type ProjectSettings } from '#shared/domain/project.ts'
import { newId } from './newId.ts'
import { openProjectStore, type ProjectStore } from './projectStore.ts'
import { noCounts } from './repositories/imports.ts'

/** For tests: a new folder under the system's temporary one, and how to remove it. */
export function createTestFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'gradus-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** For tests: adds pairs `<prefix>1`, `<prefix>2` … as one finished import; returns their ids in that order. */
export function addTestPairs(store: ProjectStore, count: number, prefix = 'pair '): string[] {
  const at = new Date().toISOString()
  const importing = store.imports.begin({
    id: newId(),
    fileName: `${prefix}.jsonl`,
    options: {
      layout: { format: 'jsonl', encoding: 'utf-8' },
      columns: { premise: 'premise', hypothesis: 'hypothesis', metadata: [] },
      scoreRange: { low: 0, high: 1 },
      rater: 'nobody',
      split: null,
      onBadRow: 'stop',
    },
    startedAt: at,
  })
  const names = Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`)
  importing.stage(
    names.map((name, index) => ({
      rowNumber: index + 1,
      externalId: name,
      premise: `Premise of ${name}`,
      hypothesis: `Hypothesis of ${name}`,
      score: null,
      rater: 'nobody',
      declaredSplit: null,
      metadata: {},
      superseded: false,
    })),
    () => [],
  )
  importing.finish({ ...noCounts, rows: count, pairs: count }, at)
  return names.map((name) => {
    const pair = store.pairs.byExternalId(name)
    if (pair === null) throw new Error(`${name} was not stored.`)
    return pair.id
  })
}

/** For tests: a project with pairs and raters, in memory unless a path is given. */
export function createTestProject(options: {
  pairs: number
  raters: readonly string[]
  path?: string
  settings?: Partial<ProjectSettings>
}): { store: ProjectStore; pairIds: string[]; raterIds: string[] } {
  const store = openProjectStore(options.path ?? ':memory:', { create: true })
  store.project.create('Test', { ...defaultProjectSettings, ...options.settings })
  store.guidelines.write('Score.')
  const raterIds = options.raters.map((name) => store.raters.create(name).id)
  return { store, pairIds: addTestPairs(store, options.pairs), raterIds }
}
