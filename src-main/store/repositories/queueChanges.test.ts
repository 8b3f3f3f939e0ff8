import { afterEach, beforeEach, expect, test } from 'vitest'
import { newId } from '../newId.ts'
import type { ProjectStore } from '../projectStore.ts'
import { createTestProject } from '../testStore.ts'

const at = '2026-01-01T00:00:00.000Z'
let store: ProjectStore
let pairIds: string[]
let rater: string
beforeEach(() => {
  const made = createTestProject({ pairs: 6, raters: ['Ada'] })
  store = made.store
  pairIds = made.pairIds
  rater = made.raterIds[0]!
})
afterEach(() => store.close())

/** A run that has begun, and is finished with these pairs as suggestions by the returned function. */
function begin(): { id: string; finish: (...suggested: number[]) => void } {
  const id = newId()
  const number = store.runs.latest().length + 1
  const insert = `INSERT INTO run (id, number, status, configuration, encoder_digest, snapshot_digest, labelled_pairs, libraries, created_at)
    VALUES (?, ?, 'running', '{}', '', '', 1, '{}', '${at}')`
  store.database.prepare(insert).run(id, number)
  return {
    id,
    finish(...suggested) {
      store.suggestions.write(
        suggested.map((pair, index) => ({
          id: newId(),
          runId: id,
          pairId: pairIds[pair]!,
          strategy: 'random' as const,
          ask: 'new-pair' as const,
          rank: index + 1,
          reason: 'Drawn.',
        })),
      )
      store.database.prepare(`UPDATE run SET status = 'finished' WHERE id = ?`).run(id)
    },
  }
}

function rate(pair: number): void {
  store.annotation.commit({
    pairId: pairIds[pair]!,
    raterId: rater,
    answer: { kind: 'score', value: 0.5, rawPosition: 0.5 },
    note: null,
    confidence: null,
    retests: null,
    timing: { timeToFirstTouch: 1, timeToCommit: 2, changeCount: 1 },
    orderShown: 0,
    shownBecause: 'order',
    suggestionId: null,
    scaleKind: 'linear',
    guidelineVersion: 1,
    source: 'annotate',
  })
}

test('what waited before and is suggested no more has left the queue, and what did not wait has entered it', () => {
  const first = begin()
  first.finish(0, 1, 2, 3)
  expect(store.queueChanges.of(first.id)).toBeNull()
  rate(0)
  const second = begin()
  // Rated while the second was trained: answered, so it has not left.
  rate(1)
  second.finish(3, 4, 5)
  const change = { before: first.id, left: 1, entered: 2 }
  expect(store.queueChanges.of(second.id)).toEqual(change)
  // What is rated afterwards changes nothing, neither of what is kept nor of what is counted anew.
  rate(2)
  rate(4)
  expect(store.queueChanges.of(first.id)).toBeNull()
  expect(store.queueChanges.of(second.id)).toEqual(change)
})

test('a run that did not finish is none to compare with, and going back to an earlier run is no change', () => {
  const first = begin()
  first.finish(0, 1)
  begin()
  const third = begin()
  third.finish()
  expect(store.queueChanges.of(third.id)).toEqual({ before: first.id, left: 2, entered: 0 })
  const fourth = begin()
  fourth.finish(5)
  expect(store.queueChanges.of(third.id)).toEqual({ before: first.id, left: 2, entered: 0 })
  store.queueChanges.of(fourth.id)
  expect(store.queueChanges.of(third.id)).toBeNull()
})
