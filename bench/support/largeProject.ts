import { createProjectFile } from '../../src-main/services/projects/projects.ts'
import { newId } from '../../src-main/store/newId.ts'
import { noCounts } from '../../src-main/store/repositories/imports.ts'

export const pairsInLargeProject = 100_000
const chunk = 5_000

const words =
  'the heron stood in shallow water all morning while a ferry left harbour late and nobody waited for its bell'.split(
    ' ',
  )

/** Texts of 8–40 words, the same at every run. */
function createTexts(): () => string {
  let state = 7
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  return () => Array.from({ length: 8 + next(33) }, () => words[next(words.length)] ?? '').join(' ')
}

/** A project where every second pair has been rated by one, every fourth by two people. */
export function makeLargeProject(path: string): void {
  const store = createProjectFile(path, 'Bench')
  try {
    const text = createTexts()
    const at = new Date().toISOString()
    const importing = store.imports.begin({
      id: newId(),
      fileName: 'generated.jsonl',
      options: {
        layout: { format: 'jsonl', encoding: 'utf-8' },
        columns: {
          premise: 'premise',
          hypothesis: 'hypothesis',
          score: 'score',
          rater: 'rater',
          metadata: [],
        },
        scoreRange: { low: 0, high: 1 },
        rater: 'Ada',
        split: null,
        onBadRow: 'stop',
      },
      startedAt: at,
    })
    for (let first = 0; first < pairsInLargeProject; first += chunk) {
      const rows = Array.from({ length: chunk }, (_, index) => {
        const number = first + index
        const row = {
          rowNumber: number + 1,
          externalId: `pair ${number}`,
          premise: `${number} ${text()}`,
          hypothesis: text(),
          score: number % 2 === 0 ? ((number * 37) % 101) / 100 : null,
          rater: 'Ada',
          declaredSplit: null,
          metadata: {},
          superseded: false,
        }
        return number % 4 === 0 ? [row, { ...row, score: ((number * 53) % 101) / 100, rater: 'Ben' }] : [row]
      }).flat()
      importing.stage(rows, () => [])
    }
    importing.finish({ ...noCounts, rows: pairsInLargeProject, pairs: pairsInLargeProject }, at)
  } finally {
    store.close()
  }
}
