import { afterEach, beforeEach, expect, test } from 'vitest'
import { GradusError } from '#shared/contract/errors.ts'
import type { Dispute, DisputeTarget } from '#shared/domain/dispute.ts'
import type { ProjectSettings } from '#shared/domain/project.ts'
import type { Answer } from '#shared/domain/rating.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { createTestProject } from '../../store/testStore.ts'
import { createDispute, revealScores } from './revealScores.ts'

let store: ProjectStore
let pairId: string
let ada: string
let ben: string
beforeEach(() => {
  const made = createTestProject({ pairs: 2, raters: ['Ada', 'Ben'], settings: { goldFeedback: true } })
  store = made.store
  ;[ada, ben] = made.raterIds as [string, string]
  pairId = made.pairIds[0]!
})
afterEach(() => store.close())

function rate(raterId: string, given: number | Answer): string {
  return store.annotation.commit({
    pairId,
    raterId,
    answer: typeof given === 'number' ? { kind: 'score', value: given, rawPosition: given } : given,
    note: null,
    scaleKind: 'linear',
    timing: null,
    orderShown: 0,
    shownBecause: 'order',
    suggestionId: null,
    guidelineVersion: 1,
    source: 'annotate',
  }).ratingId
}

const configure = (change: Partial<ProjectSettings>): void =>
  store.project.writeSettings({ ...store.project.read().settings, ...change })
const dispute = (target: DisputeTarget, raterId = ada): Dispute =>
  createDispute(store, { raterId, pairId, target, reason: 'The guideline says otherwise.' })

function refusal(work: () => unknown): string {
  try {
    work()
  } catch (thrown) {
    return thrown instanceof GradusError ? thrown.code : String(thrown)
  }
  return 'nothing refused'
}

const kinds = ['consensus', 'gold'] as const

test('consensus and gold are neither seen nor disputed before the own commit', () => {
  rate(ben, 0.6)
  store.gold.write({ pairId, score: 0.8, tolerance: 0.1, explanation: 'By the manual.' })
  expect(revealScores(store, ada, pairId)).toBeNull()
  expect(kinds.map((kind) => refusal(() => dispute({ kind })))).toEqual(['bad-request', 'bad-request'])
  rate(ada, 0.1)
  store.annotation.undo(ada)
  expect(revealScores(store, ada, pairId)).toBeNull()
  expect(kinds.map((kind) => refusal(() => dispute({ kind })))).toEqual(['bad-request', 'bad-request'])
  expect(store.disputes.count()).toBe(0)
})

test('after it each can be disputed once, with the score as it is then and the own rating', () => {
  rate(ben, 0.6)
  store.gold.write({ pairId, score: 0.8, tolerance: 0.1, explanation: 'By the manual.' })
  const own = rate(ada, 0.1)
  expect(kinds.map((kind) => dispute({ kind }))).toMatchObject([
    { target: { kind: 'consensus' }, disputedScore: 0.35, ownRatingId: own },
    { target: { kind: 'gold' }, disputedScore: 0.8, ownRatingId: own },
  ])
  expect(revealScores(store, ada, pairId)).toMatchObject({
    consensus: { score: 0.35, adjudicated: false, disputed: true },
    gold: { within: false, explanation: 'By the manual.', disputed: true },
  })
  expect(kinds.map((kind) => refusal(() => dispute({ kind })))).toEqual(['already-exists', 'already-exists'])
  // What one rater disputes is still open to the other.
  expect(revealScores(store, ben, pairId)).toMatchObject({
    consensus: { disputed: false },
    gold: { within: false, disputed: false },
  })
  expect(store.disagreements.disputes([pairId]).map(({ against, ownScore }) => [against, ownScore])).toEqual([
    ['consensus', 0.1],
    ['gold', 0.1],
  ])
})

test('what is not revealed cannot be disputed', () => {
  rate(ada, 0.1)
  // Nobody else has rated it, and it is no gold pair.
  expect(kinds.map((kind) => refusal(() => dispute({ kind })))).toEqual(['bad-request', 'bad-request'])
  rate(ben, 0.6)
  store.gold.write({ pairId, score: 0.8, tolerance: 0.1, explanation: '' })
  configure({ showOthersAfterCommit: false, goldFeedback: false })
  expect(revealScores(store, ada, pairId)).toMatchObject({ consensus: null, gold: null })
  expect(kinds.map((kind) => refusal(() => dispute({ kind })))).toEqual(['bad-request', 'bad-request'])
})

test('gold is right up to its tolerance, and no question where the rater could not judge', () => {
  store.gold.write({ pairId, score: 0.8, tolerance: 0.1, explanation: '' })
  const seen = [0.7, 0.9, 0.69, { kind: 'cannot-judge', reason: 'other' } as const].map((given) => {
    rate(ada, given)
    return revealScores(store, ada, pairId)?.gold?.within
  })
  expect(seen).toEqual([true, true, false, null])
})

test('an adjudicated score stands in for the consensus, and can be disputed as it', () => {
  rate(ben, 0.6)
  rate(ada, 0.1)
  store.decisions.add({
    pairId,
    kind: 'adjudicated',
    score: 0.9,
    askedRaterId: null,
    decidedBy: ben,
    reason: 'The manual says so.',
  })
  expect(revealScores(store, ada, pairId)?.consensus).toEqual({
    score: 0.9,
    adjudicated: true,
    disputed: false,
  })
  expect(dispute({ kind: 'consensus' }).disputedScore).toBe(0.9)
})
