import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ProjectStore } from '../projectStore.ts'
import { createTestProject } from '../testStore.ts'
import type { Commit } from './annotation.ts'
import { createTallyRepository } from './tally.ts'

let store: ProjectStore
let pairIds: string[]
let raterIds: string[]

beforeEach(() => {
  ;({ store, pairIds, raterIds } = createTestProject({ pairs: 4, raters: ['Ada', 'Ben'] }))
})
afterEach(() => store.close())

const commitOf = (raterId: string, pairId: string, value: number): Commit => ({
  pairId,
  raterId,
  answer: { kind: 'score', value, rawPosition: value },
  note: null,
  scaleKind: 'linear',
  timing: { timeToFirstTouch: 500, timeToCommit: 2000, changeCount: 1 },
  orderShown: 0,
  shownBecause: 'order',
  suggestionId: null,
  guidelineVersion: 1,
  source: 'annotate',
})
const rate = (pair: number, value: number, rater = 0): string =>
  store.annotation.commit(commitOf(raterIds[rater]!, pairIds[pair]!, value)).ratingId
const scoreOf = (pair: number, rater = 0): number | null =>
  store.ratings.current(pairIds[pair]!, raterIds[rater]!)?.score ?? null
const chainOf = (pair: number): unknown[] =>
  store.ratings
    .history(pairIds[pair]!)
    .reverse()
    .map(({ answer, score, source, passNumber, current }) => [
      answer?.kind ?? 'retraction',
      score,
      source,
      passNumber,
      current,
    ])

test('a revised pair makes a chain in which only the last answer stands', () => {
  const first = rate(0, 0.1)
  const second = rate(0, 0.2)
  const third = rate(0, 0.3)
  expect(chainOf(0)).toEqual([
    ['score', 0.1, 'annotate', 1, false],
    ['score', 0.2, 'annotate', 2, false],
    ['score', 0.3, 'annotate', 3, true],
  ])
  expect([second, third].map((id) => store.ratings.byId(id)?.supersedes)).toEqual([first, second])
})

test('undoing a first answer retracts it; redo gives it again', () => {
  rate(0, 0.4)
  expect(store.annotation.undo(raterIds[0]!)).toEqual({ kind: 'rating', pairId: pairIds[0] })
  expect(scoreOf(0)).toBeNull()
  expect(store.annotation.undoneAnswer(raterIds[0]!, pairIds[0]!)?.score).toBe(0.4)
  store.annotation.redo(raterIds[0]!)
  expect(chainOf(0)).toEqual([
    ['score', 0.4, 'annotate', 1, false],
    ['retraction', null, 'annotate', 1, false],
    ['score', 0.4, 'redo', 1, true],
  ])
})

test('undoing a revision brings the earlier answer back, in its place among the steps', () => {
  rate(0, 0.1)
  rate(1, 0.5)
  rate(0, 0.9)
  store.annotation.undo(raterIds[0]!)
  expect([scoreOf(0), scoreOf(1)]).toEqual([0.1, 0.5])
  expect(store.annotation.undo(raterIds[0]!)?.pairId).toBe(pairIds[1])
  expect(store.annotation.undo(raterIds[0]!)?.pairId).toBe(pairIds[0])
  expect([scoreOf(0), scoreOf(1)]).toEqual([null, null])
  for (let step = 0; step < 3; step++) store.annotation.redo(raterIds[0]!)
  expect([scoreOf(0), scoreOf(1), store.annotation.redo(raterIds[0]!)]).toEqual([0.9, 0.5, null])
  expect(chainOf(0).at(-1)).toEqual(['score', 0.9, 'redo', 2, true])
})

test('a commit that is sent twice adds nothing; the same score at another time is a new pass', () => {
  const commit = commitOf(raterIds[0]!, pairIds[0]!, 0.5)
  const first = store.annotation.commit(commit)
  expect(store.annotation.commit(commit)).toEqual({ ratingId: first.ratingId, repeated: true })
  expect(chainOf(0)).toHaveLength(1)
  store.annotation.commit({ ...commit, timing: { timeToFirstTouch: 1, timeToCommit: 2, changeCount: 3 } })
  expect(chainOf(0)).toHaveLength(2)
})

test('ranges, notes and can’t-judge come back as they were given', () => {
  const base = commitOf(raterIds[0]!, pairIds[0]!, 0)
  store.annotation.commit({ ...base, answer: { kind: 'range', low: 0.2, high: 0.6 }, note: 'wide' })
  store.annotation.commit({
    ...base,
    answer: { kind: 'cannot-judge', reason: 'needs-context' },
    timing: null,
  })
  store.annotation.undo(raterIds[0]!)
  expect(store.ratings.current(pairIds[0]!, raterIds[0]!)).toMatchObject({
    answer: { kind: 'range', low: 0.2, high: 0.6 },
    score: 0.4,
    note: 'wide',
    timing: base.timing,
    source: 'redo',
  })
})

test('an import’s answer beside a retraction stands, and ends the redo of what it overtook', () => {
  rate(0, 0.4)
  store.annotation.undo(raterIds[0]!)
  importAnswer(0, 0, 0.7)
  expect([store.annotation.redo(raterIds[0]!), scoreOf(0)]).toEqual([null, 0.7])
  rate(0, 0.8)
  store.annotation.undo(raterIds[0]!)
  expect(scoreOf(0)).toBe(0.7)
})

function importAnswer(rater: number, pair: number, value: number): void {
  store.ratings.insert({
    ...commitOf(raterIds[rater]!, pairIds[pair]!, value),
    source: 'import',
    passNumber: 1,
    supersedes: null,
  })
}

interface ModelStep {
  readonly pair: number
  /** Null for a skip. */
  readonly value: number | null
  readonly before: number | null
}
interface ModelRater {
  done: ModelStep[]
  undone: ModelStep[]
  readonly stands: (number | null)[]
}

const action = fc.record({
  kind: fc.constantFrom('commit', 'commit', 'skip', 'undo', 'undo', 'redo', 'redo', 'import'),
  rater: fc.nat(1),
  pair: fc.nat(3),
})
type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never

/** What undo and redo should do, on plain lists. */
function applyToModel(model: ModelRater, { kind, pair }: Action, value: number): void {
  const before = model.stands[pair] ?? null
  switch (kind) {
    case 'commit':
    case 'skip':
      model.done.push({ pair, value: kind === 'skip' ? null : value, before })
      model.undone = []
      if (kind === 'commit') model.stands[pair] = value
      break
    case 'import':
      model.stands[pair] ??= value
      break
    case 'undo':
    case 'redo': {
      const [from, to] = kind === 'undo' ? [model.done, model.undone] : [model.undone, model.done]
      for (let step = from.pop(); step !== undefined; step = from.pop()) {
        const [expected, wanted] = kind === 'undo' ? [step.value, step.before] : [step.before, step.value]
        if (step.value !== null && model.stands[step.pair] !== expected) continue
        if (step.value !== null) model.stands[step.pair] = wanted
        to.push(step)
        break
      }
    }
  }
}

function applyToStore({ kind, rater, pair }: Action, value: number): void {
  const [raterId, pairId] = [raterIds[rater]!, pairIds[pair]!]
  switch (kind) {
    case 'commit':
      store.tally.following(pairId, () => rate(pair, value, rater))
      break
    case 'skip':
      store.annotation.skip(raterId, pairId)
      break
    case 'import':
      if (scoreOf(pair, rater) === null) store.tally.following(pairId, () => importAnswer(rater, pair, value))
      break
    case 'undo':
    case 'redo': {
      const upcoming = store.annotation.upcoming(raterId, kind)
      if (upcoming !== null) store.tally.following(upcoming.pairId, () => store.annotation[kind](raterId))
    }
  }
}

test('any sequence of commits, skips, imports, undo and redo ends as a simple model says; the counts keep up', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
      store.close()
      ;({ store, pairIds, raterIds } = createTestProject({ pairs: 4, raters: ['Ada', 'Ben'] }))
      const models = raterIds.map((): ModelRater => ({
        done: [],
        undone: [],
        stands: [null, null, null, null],
      }))
      actions.forEach((next, index) => {
        const value = (index + 1) / 100
        applyToModel(models[next.rater]!, next, value)
        applyToStore(next, value)
      })
      const found = raterIds.map((raterId, rater) => ({
        stands: pairIds.map((_, pair) => scoreOf(pair, rater)),
        canUndo: store.annotation.upcoming(raterId, 'undo') !== null,
        canRedo: store.annotation.upcoming(raterId, 'redo') !== null,
        skipped: store.annotation.skippedPairs(raterId),
      }))
      expect(found).toEqual(
        models.map(({ stands, done, undone }) => ({
          stands,
          canUndo: done.some((step) => step.value === null || stands[step.pair] === step.value),
          canRedo: undone.some((step) => step.value === null || stands[step.pair] === step.before),
          skipped: [
            ...new Set(
              done
                .filter(({ value }) => value === null)
                .map(({ pair }) => pair)
                .reverse(),
            ),
          ]
            .reverse()
            .map((pair) => pairIds[pair]),
        })),
      )
      expect(store.tally.read()).toEqual(createTallyRepository(store.database).read())
    }),
    { numRuns: 150 },
  )
})
