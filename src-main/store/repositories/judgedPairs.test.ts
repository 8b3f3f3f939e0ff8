import { expect, test } from 'vitest'
import { trainingConfiguration } from '#shared/domain/run.ts'
import { newId } from '../newId.ts'
import { premiseGroup } from '../pairKeys.ts'
import type { ProjectStore } from '../projectStore.ts'
import { addTestPairs, createTestProject } from '../testStore.ts'

function startRun(store: ProjectStore): string {
  const id = newId()
  store.runs.start({
    id,
    configuration: trainingConfiguration.parse({}),
    encoderDigest: 'encoder',
    snapshotDigest: 'snapshot',
    libraries: {},
    labelledPairs: 0,
    createdAt: '2026-01-01T00:00:00.000Z',
  })
  return id
}

function predict(store: ProjectStore, runId: string, pairIds: readonly string[], score: number): void {
  store.predictions.write(
    runId,
    pairIds.map((pairId) => ({
      pairId,
      score,
      variance: 0.01,
      low: score - 0.1,
      high: score + 0.1,
      spread: null,
      doubt: null,
      abstained: false,
    })),
  )
}

function rate(store: ProjectStore, pairId: string, raterId: string, value: number | null): void {
  store.annotation.commit({
    pairId,
    raterId,
    answer:
      value === null
        ? { kind: 'cannot-judge', reason: 'other' }
        : { kind: 'score', value, rawPosition: value },
    note: null,
    timing: null,
    orderShown: 0,
    shownBecause: 'order',
    suggestionId: null,
    scaleKind: 'linear',
    guidelineVersion: 1,
    source: 'annotate',
  })
}

test('held-out pairs with a prediction of the run and a score that stands, and no others', () => {
  const { store, pairIds, raterIds } = createTestProject({ pairs: 6, raters: ['Ada', 'Ben'] })
  const [ada, ben] = [raterIds[0]!, raterIds[1]!]
  const split = store.database.prepare('UPDATE pair SET declared_split = ? WHERE id = ?')
  pairIds.forEach((id, index) => split.run(index === 1 ? 'train' : 'holdout', id))
  store.database.prepare('UPDATE pair SET metadata = ? WHERE id = ?').run('{"genre":"letters"}', pairIds[0])
  const [older, newer] = [startRun(store), startRun(store)]
  predict(store, older, pairIds, 0.1)
  // The last pair has none of this run, and the second is trained on.
  predict(store, newer, pairIds.slice(0, 5), 0.6)
  rate(store, pairIds[0]!, ada, 0.9)
  rate(store, pairIds[0]!, ada, 0.2)
  rate(store, pairIds[0]!, ben, 0.4)
  rate(store, pairIds[1]!, ada, 0.5)
  rate(store, pairIds[2]!, ada, null)
  rate(store, pairIds[4]!, ben, 1)
  rate(store, pairIds[5]!, ada, 0.5)
  const { rows } = store.judgedPairs.page({ runId: newer, holdoutShare: 0 }, '', 100)
  expect(rows).toEqual([
    {
      pairId: pairIds[0],
      premise: 'Premise of pair 1',
      hypothesis: 'Hypothesis of pair 1',
      premiseGroup: premiseGroup('Premise of pair 1'),
      declared: true,
      metadata: { genre: 'letters' },
      source: 'pair .jsonl',
      score: 0.6,
      low: 0.5,
      high: 0.7,
      target: expect.closeTo(0.3, 12) as number,
      ratings: 2,
    },
    expect.objectContaining({ pairId: pairIds[4], target: 1, ratings: 1 }),
  ])
  store.close()
})

test('pages cover all predictions once and end, and the place of the premise holds out what is not declared', () => {
  const { store, pairIds, raterIds } = createTestProject({ pairs: 40, raters: ['Ada'] })
  const runId = startRun(store)
  const all = [...pairIds, ...addTestPairs(store, 3, 'late ')]
  predict(store, runId, all, 0.5)
  for (const pairId of all) rate(store, pairId, raterIds[0]!, 0.5)
  const walk = (holdoutShare: number): string[] => {
    const found: string[] = []
    for (let after: string | null = ''; after !== null;) {
      const { rows, last } = store.judgedPairs.page({ runId, holdoutShare }, after, 7)
      found.push(...rows.map((row) => row.pairId))
      after = last
    }
    return found
  }
  const place = (index: number): number =>
    premiseGroup(index < 40 ? `Premise of pair ${index + 1}` : `Premise of late ${index - 39}`) / 2 ** 48
  expect(walk(0.5)).toEqual(all.filter((_, index) => place(index) < 0.5).sort())
  expect(walk(0)).toEqual([])
  store.close()
})
