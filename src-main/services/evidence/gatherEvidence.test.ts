import { expect, test } from 'vitest'
import type { ShownBecause } from '#shared/domain/rating.ts'
import { trainingConfiguration } from '#shared/domain/run.ts'
import type { StrategyName } from '#shared/domain/suggestion.ts'
import { newId } from '../../store/newId.ts'
import type { NewRating } from '../../store/repositories/ratings.ts'
import { createTestProject } from '../../store/testStore.ts'
import { armOf } from './gatherEvidence.ts'

function openProject() {
  const { store, pairIds, raterIds } = createTestProject({ pairs: 8, raters: ['Ada', 'Ben'] })
  const runId = newId()
  store.runs.start({
    id: runId,
    configuration: trainingConfiguration.parse({}),
    encoderDigest: '',
    snapshotDigest: '',
    labelledPairs: 0,
    libraries: {},
    createdAt: new Date().toISOString(),
  })
  let rank = 0
  const suggest = (pair: number, strategy: StrategyName): string => {
    const id = newId()
    rank += 1
    const pairId = pairIds[pair]!
    store.suggestions.write([{ id, runId, pairId, strategy, ask: 'new-pair', rank, reason: 'because' }])
    return id
  }
  const rate = (rater: number, pair: number, because: ShownBecause | null, more: Partial<NewRating> = {}) =>
    store.annotation.commit({
      pairId: pairIds[pair]!,
      raterId: raterIds[rater]!,
      answer: { kind: 'score', value: 0.5, rawPosition: 0.5 },
      note: null,
      scaleKind: 'linear',
      timing: null,
      orderShown: null,
      shownBecause: because,
      suggestionId: null,
      guidelineVersion: 1,
      source: 'annotate',
      ...more,
    })
  const origins = () => {
    const all = store.evidence.origins({ after: '', last: '~' })
    return all.toSorted((one, other) => (one.firstId < other.firstId ? -1 : 1))
  }
  const arms = () => origins().map((origin) => [pairIds.indexOf(origin.pairId), armOf(origin)])
  return { store, pairIds, raterIds, suggest, rate, origins, arms }
}

test('the first rating of a pair decides its arm, in the order they came', () => {
  const { store, suggest, rate, arms } = openProject()
  rate(0, 3, 'order')
  rate(0, 0, 'suggestion', { suggestionId: suggest(0, 'hybrid') })
  rate(1, 0, 'order')
  rate(1, 3, 'suggestion', { suggestionId: suggest(3, 'hybrid') })
  rate(0, 1, 'suggestion', { suggestionId: suggest(1, 'random') })
  rate(0, 2, 'chosen')
  rate(0, 4, 'calibration')
  rate(0, 5, 'asked')
  expect(arms()).toEqual([
    [3, 'random'],
    [0, 'chosen'],
    [1, 'random-suggestion'],
    [2, 'other'],
    [4, 'random'],
    [5, 'other'],
  ])
  store.close()
})

test('a revision leaves the arm as it was; what was taken back or is set aside decides nothing', () => {
  const { store, raterIds, suggest, rate, arms } = openProject()
  const answer = { kind: 'score', value: 0.9, rawPosition: 0.9 } as const
  rate(0, 0, 'suggestion', { suggestionId: suggest(0, 'igs') })
  rate(0, 0, 'revision', { answer })
  rate(1, 1, 'chosen')
  store.annotation.undo(raterIds[1]!)
  rate(0, 1, 'order')
  rate(1, 2, 'chosen')
  rate(0, 2, 'order')
  rate(0, 3, 'order', { answer: { kind: 'cannot-judge', reason: 'other' } })
  store.raters.decide(raterIds[1]!, 'set-aside', 'drifts')
  expect(arms()).toEqual([
    [0, 'chosen'],
    [1, 'random'],
    [2, 'random'],
  ])
  store.close()
})

test('a pair that is adjudicated alone has an origin; one whose text was fixed has none before it is rated again', () => {
  const { store, pairIds, raterIds, rate, arms } = openProject()
  rate(0, 0, 'chosen')
  store.decisions.fixText(pairIds[0]!, { premise: 'Another premise', hypothesis: 'Another hypothesis' })
  store.decisions.add({
    pairId: pairIds[1]!,
    kind: 'adjudicated',
    score: 0.3,
    askedRaterId: null,
    decidedBy: raterIds[0]!,
    reason: 'because',
  })
  expect(arms()).toEqual([[1, 'other']])
  rate(0, 0, 'order', { pairVersion: 2 })
  expect(arms()).toEqual([
    [1, 'other'],
    [0, 'random'],
  ])
  store.close()
})

test('the stamp changes with ratings and settings, and what was kept comes back', () => {
  const { store, rate } = openProject()
  const stamps = [store.evidence.stamp()]
  rate(0, 0, 'order')
  stamps.push(store.evidence.stamp())
  store.project.writeSettings({ ...store.project.read().settings, holdoutShare: 0.3 })
  stamps.push(store.evidence.stamp())
  expect(new Set(stamps).size).toBe(3)
  expect(store.evidence.last()).toBeNull()
  store.database
    .prepare("INSERT INTO evidence_report (id, stamp, report) VALUES (1, 'x', '{\"old\":1}')")
    .run()
  // Of another program: measured anew.
  expect(store.evidence.last()).toBeNull()
  store.close()
})
