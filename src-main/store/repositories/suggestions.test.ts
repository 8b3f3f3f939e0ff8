import { expect, test } from 'vitest'
import type { Suggestion, SuggestionOutcome } from '#shared/domain/suggestion.ts'
import { trainingConfiguration } from '#shared/domain/run.ts'
import { newId, newIds } from '../newId.ts'
import type { ProjectStore } from '../projectStore.ts'
import { createTestProject } from '../testStore.ts'

const { store, pairIds, raterIds } = createTestProject({ pairs: 6, raters: ['Ada', 'Ben'] })
const [ada, ben] = raterIds as [string, string]

function addRun(project: ProjectStore = store): string {
  const id = newId()
  const at = new Date().toISOString()
  project.runs.start({
    id,
    configuration: trainingConfiguration.parse({}),
    encoderDigest: 'e',
    snapshotDigest: 's',
    labelledPairs: 1,
    libraries: {},
    createdAt: at,
  })
  project.database.prepare(`UPDATE run SET status = 'finished', finished_at = ? WHERE id = ?`).run(at, id)
  const said = {
    score: 0.5,
    variance: 0.01,
    low: 0.4,
    high: 0.6,
    spread: null,
    doubt: null,
    abstained: false,
  }
  project.predictions.write(
    id,
    pairIds.map((pairId) => ({ pairId, ...said })),
  )
  return id
}

async function rank(
  runId: string,
  pairs: readonly number[],
  change: (place: number) => Partial<Suggestion> = () => ({}),
): Promise<string[]> {
  // Rankings are seconds apart.
  await new Promise((resolve) => setTimeout(resolve, 3))
  const ids = newIds(pairs.length)
  const made = pairs.map((pair, place): Suggestion => ({
    id: ids[place]!,
    runId,
    pairId: pairIds[pair]!,
    strategy: 'hybrid',
    ask: 'new-pair',
    rank: place + 1,
    reason: `Reason ${place + 1}.`,
    ...change(place),
  }))
  store.suggestions.retire(runId)
  store.suggestions.write(made)
  return ids
}

function rate(
  raterId: string,
  pair: number,
  score: number | null,
  suggestionId: string | null = null,
): string {
  return store.annotation.commit({
    pairId: pairIds[pair]!,
    raterId,
    answer:
      score === null
        ? { kind: 'cannot-judge', reason: 'other' }
        : { kind: 'score', value: score, rawPosition: score },
    note: null,
    scaleKind: 'linear',
    timing: null,
    orderShown: 0,
    shownBecause: suggestionId === null ? 'order' : 'suggestion',
    suggestionId,
    guidelineVersion: 1,
    source: 'annotate',
  }).ratingId
}

const every = { offset: 0, limit: 100, includeRated: true }
const outcomes = (runId: string, history = false): [number, number, SuggestionOutcome][] =>
  store.suggestions
    .page(runId, { ...every, history })
    .rows.map(({ pairId, rank: place, outcome }) => [pairIds.indexOf(pairId), place, outcome])

test('ids of one time share it, in order', () => {
  const ids = newIds(600)
  expect([new Set(ids.map((id) => id.slice(0, 10))).size, ids.toSorted(), newId() > ids.at(-1)!]).toEqual([
    1,
    ids,
    true,
  ])
})

test('what became of suggestions stays true after others have taken their place', async () => {
  const runId = addRun()
  const first = await rank(runId, [0, 1, 2, 3, 4, 5])
  rate(ada, 0, 0.5, first[0])
  rate(ben, 1, null)
  store.annotation.skip(ada, pairIds[2]!)
  expect(outcomes(runId)).toEqual([
    [0, 1, 'scored'],
    [1, 2, 'cannot-judge'],
    [2, 3, 'skipped'],
    [3, 4, 'waiting'],
    [4, 5, 'waiting'],
    [5, 6, 'waiting'],
  ])
  const decided = { decidedBy: ada, askedRaterId: null, score: null, reason: 'double' }
  store.decisions.add({ ...decided, pairId: pairIds[5]!, kind: 'binned' })

  const second = await rank(runId, [3, 2])
  expect(store.suggestions.page(runId, { ...every, includeRated: false }).total).toBe(2)
  rate(ben, 3, 0.2, second[0])
  // An answer to the place it had before counts for that place, however late it is sent.
  rate(ada, 4, 0.7, first[4])
  const before = [
    [0, 1, 'scored'],
    [1, 2, 'cannot-judge'],
    [2, 3, 'replaced'],
    [3, 4, 'replaced'],
    [4, 5, 'scored'],
    [5, 6, 'in-bin'],
  ]
  expect(outcomes(runId)).toEqual([
    [3, 1, 'scored'],
    [2, 2, 'waiting'],
  ])
  expect(outcomes(runId, true)).toEqual([[3, 1, 'scored'], [2, 2, 'waiting'], ...before])

  // Another run's ranking replaces what waited.
  const later = addRun()
  await rank(later, [2])
  expect(outcomes(runId, true)).toEqual([[3, 1, 'scored'], [2, 2, 'replaced'], ...before])
  expect(outcomes(later)).toEqual([[2, 1, 'waiting']])
  expect(
    store.suggestions
      .ofPair(pairIds[2]!)
      .toSorted((one, other) => (one.id < other.id ? -1 : 1))
      .map(({ runNumber, rank: place, outcome }) => [runNumber, place, outcome]),
  ).toEqual([
    [1, 3, 'replaced'],
    [1, 2, 'replaced'],
    [2, 1, 'waiting'],
  ])
})

test('a second opinion is one of somebody else', async () => {
  const runId = addRun()
  rate(ada, 4, 0.7)
  const [id] = await rank(runId, [4], () => ({ ask: 'another-rating' }))
  rate(ada, 4, 0.6)
  expect([
    outcomes(runId),
    store.reviewQueue.next(runId, ada),
    store.reviewQueue.countLeft(runId, ada),
  ]).toEqual([[[4, 1, 'waiting']], null, 0])
  expect(store.reviewQueue.next(runId, ben)).toEqual({ suggestionId: id, pairId: pairIds[4] })
  rate(ben, 4, 0.1, id)
  expect([outcomes(runId), store.reviewQueue.next(runId, ben)]).toEqual([[[4, 1, 'scored']], null])
})

test('how a run was ranked is kept, the latest time', () => {
  const runId = addRun()
  expect(store.suggestions.ranking(runId)).toBeNull()
  const made = {
    strategy: 'lcmd' as const,
    batchSize: 20,
    randomShare: 0.2,
    waiting: 12,
    considered: 10,
    remark: 'Compared 10 of 12 waiting pairs, drawn at random.',
    createdAt: '2026-01-01T00:00:00.000Z',
  }
  store.suggestions.writeRanking(runId, { ...made, waiting: 13 })
  store.suggestions.writeRanking(runId, made)
  expect(store.suggestions.ranking(runId)).toEqual(made)
})
