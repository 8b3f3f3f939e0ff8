import { expect, test } from 'vitest'
import type { Answer } from '#shared/domain/rating.ts'
import type { ProjectStore } from '../projectStore.ts'
import { createTestProject } from '../testStore.ts'
import type { NewRating } from './ratings.ts'

function rating(pairId: string, raterId: string, value: number): NewRating {
  const answer: Answer = { kind: 'score', value, rawPosition: value }
  return {
    pairId,
    raterId,
    answer,
    note: null,
    scaleKind: 'linear',
    timing: null,
    orderShown: null,
    shownBecause: 'order',
    suggestionId: null,
    guidelineVersion: 1,
    source: 'annotate',
    passNumber: 1,
    supersedes: null,
  }
}

function standing(store: ProjectStore, view = 'current_rating'): number[] {
  return store.database.prepare<[], number>(`SELECT score FROM ${view} ORDER BY id`).pluck().all()
}

function decide(
  store: ProjectStore,
  pairId: string,
  decidedBy: string,
  kind: 'binned' | 'restored' | 'adjudicated' | 'ambiguous' | 'reopened',
  score: number | null = null,
): void {
  store.decisions.add({ pairId, kind, score, askedRaterId: null, decidedBy, reason: 'because' })
}

test('answers that two files gave apart from each other stay, and the later one stands', () => {
  const { store, pairIds, raterIds } = createTestProject({ pairs: 2, raters: ['Ada', 'Ben'] })
  const [pair, other] = pairIds as [string, string]
  const [ada, ben] = raterIds as [string, string]
  const first = store.ratings.insert(rating(pair, ada, 0.1))
  store.ratings.insert(rating(pair, ben, 0.5))
  store.ratings.insert({ ...rating(pair, ada, 0.2), supersedes: first })
  const later = store.ratings.insert({ ...rating(pair, ada, 0.3), supersedes: first })
  store.ratings.insert(rating(other, ada, 0.4))
  store.ratings.insert(rating(other, ada, 0.6))
  expect(standing(store)).toEqual([0.5, 0.3, 0.6])
  expect(store.ratings.head(pair, ada)?.id).toBe(later)
  store.ratings.retract(store.ratings.head(pair, ada)!)
  expect([standing(store), store.ratings.current(pair, ada)]).toEqual([[0.5, 0.6], null])
  store.close()
})

test('a blind repeat takes nobody’s place, and undo and redo know it from the answer it repeats', () => {
  const { store, pairIds, raterIds } = createTestProject({ pairs: 1, raters: ['Ada'] })
  const pair = pairIds[0]!
  const ada = raterIds[0]!
  const { ratingId: first } = store.annotation.commit(rating(pair, ada, 0.1))
  const { ratingId: second } = store.annotation.commit({
    ...rating(pair, ada, 0.3),
    shownBecause: 'retest',
    retests: first,
  })
  const read = (): unknown[] => [
    standing(store),
    standing(store, 'current_retest'),
    store.ratings.current(pair, ada)?.id,
  ]
  expect(read()).toEqual([[0.1], [0.3], first])
  expect(store.ratings.byId(second)).toMatchObject({ retests: first, passNumber: 2, supersedes: null })
  expect(store.annotation.undo(ada)).toEqual({ kind: 'rating', pairId: pair })
  expect(read()).toEqual([[0.1], [], first])
  store.annotation.redo(ada)
  expect(read()).toEqual([[0.1], [0.3], first])
  store.annotation.undo(ada)
  store.annotation.undo(ada)
  expect(read()).toEqual([[], [], undefined])
  store.close()
})

test('with another text the ratings stay with the old one, and the pair is open again', () => {
  const { store, pairIds, raterIds } = createTestProject({ pairs: 2, raters: ['Ada'] })
  const [pair, other] = pairIds as [string, string]
  const ada = raterIds[0]!
  const tally = (): number[] => [store.tally.read().labelledPairs, store.tally.read().ratings]
  const { ratingId } = store.annotation.commit(rating(pair, ada, 0.1))
  store.tally.recount()
  expect(tally()).toEqual([1, 1])
  const fixed = { premise: 'A clearer premise.', hypothesis: 'A hypothesis.' }
  expect(store.tally.following(pair, () => store.decisions.fixText(pair, fixed))).toBe(true)
  expect([standing(store), tally(), store.ratings.head(pair, ada)]).toEqual([[], [0, 0], null])
  expect(store.pairs.byId(pair)).toMatchObject(fixed)
  expect(store.decisions.earlierTexts(pair)).toMatchObject([
    { version: 1, premise: 'Premise of pair 1', hypothesis: 'Hypothesis of pair 1' },
  ])
  // Shown before the text was fixed, committed after.
  store.annotation.commit({ ...rating(pair, ada, 0.2), pairVersion: 1 })
  expect(standing(store)).toEqual([])
  store.annotation.commit(rating(pair, ada, 0.7))
  expect(standing(store)).toEqual([0.7])
  expect(store.ratings.byId(ratingId)).toMatchObject({ score: 0.1, pairVersion: 1 })
  expect(store.ratings.current(pair, ada)).toMatchObject({ score: 0.7, pairVersion: 2 })
  expect(store.decisions.fixText(other, fixed)).toBe(false)
  store.close()
})

test('a pair in the bin is in no list and no count, with its ratings, until it is restored', () => {
  const { store, pairIds, raterIds } = createTestProject({ pairs: 2, raters: ['Ada'] })
  const [pair] = pairIds as [string, string]
  const ada = raterIds[0]!
  store.annotation.commit(rating(pair, ada, 0.1))
  const read = (): unknown[] => [
    standing(store),
    store.tally.read().pairs,
    store.tally.read().ratings,
    store.labels.countPairs(),
    store.pairs.byId(pair) !== null,
    store.decisions.isBinned(pair),
  ]
  const before = read()
  const stamp = store.tally.stamp()
  store.tally.following(pair, () => decide(store, pair, ada, 'binned'))
  expect(read()).toEqual([[], 1, 0, 1, false, true])
  expect(store.tally.stamp()).not.toBe(stamp)
  expect(store.decisions.binned(0, 10)).toMatchObject([{ pairId: pair, decidedByName: 'Ada' }])
  store.tally.following(pair, () => decide(store, pair, ada, 'restored'))
  expect(read()).toEqual(before)
  store.close()
})

test('ratings of a rater who is set aside count for nothing and stay', () => {
  const { store, pairIds, raterIds } = createTestProject({ pairs: 1, raters: ['Ada', 'Ben'] })
  const pair = pairIds[0]!
  const [ada, ben] = raterIds as [string, string]
  store.annotation.commit(rating(pair, ada, 0.1))
  store.annotation.commit(rating(pair, ben, 0.5))
  store.raters.decide(ben, 'set-aside', 'answers at random')
  store.tally.recount()
  expect([standing(store), standing(store, 'counted_rating')]).toEqual([[0.1, 0.5], [0.1]])
  expect(store.labels.page('', 10)[0]?.label).toEqual({ consensus: 0.1, count: 1, deviation: null })
  expect(store.raters.setAside().get(ben)).toMatchObject({ reason: 'answers at random' })
  const { ratings, raters } = store.tally.read()
  expect([ratings, raters.get(ben)?.ratings]).toEqual([1, 1])
  store.raters.decide(ben, 'taken-back', 'she was right')
  expect([standing(store, 'counted_rating'), store.raters.setAside().size]).toEqual([[0.1, 0.5], 0])
  store.close()
})

test('consensus: mean, median, rater model, and an adjudicated score before all', () => {
  const { store, pairIds, raterIds } = createTestProject({ pairs: 1, raters: ['Ada', 'Ben', 'Cleo'] })
  const pair = pairIds[0]!
  const [ada, ben, cleo] = raterIds as [string, string, string]
  for (const [rater, score] of [
    [ada, 0.1],
    [ben, 0.2],
    [cleo, 0.9],
  ] as const)
    store.annotation.commit(rating(pair, rater, score))
  const { settings } = store.project.read()
  const read = (consensus: 'mean' | 'median' | 'rater-model'): number | undefined => {
    store.project.writeSettings({ ...settings, consensus })
    return store.labels.page('', 1)[0]?.label?.consensus
  }
  expect([read('mean'), read('median'), read('rater-model')]).toEqual([
    expect.closeTo(0.4, 12),
    0.2,
    // Not fitted yet.
    expect.closeTo(0.4, 12),
  ])
  const model = (deviation: number) => ({
    mean: 0.5,
    variance: 0.25,
    usualDeviation: 0.5,
    raters: { [cleo]: { bias: 0.4, scale: 1, deviation } },
  })
  store.consensus.writeModel(model(0.1))
  // Precisions 4, 4, 4 and 100: (0.5·4 + 0.1·4 + 0.2·4 + 0.5·100) / 112.
  expect(read('rater-model')).toBeCloseTo(53.2 / 112, 12)
  store.consensus.writeModel(model(0.5))
  expect(read('rater-model')).toBeCloseTo((2 + 0.4 + 0.8 + 2) / 16, 12)
  decide(store, pair, ada, 'adjudicated', 0.75)
  expect([read('rater-model'), read('mean'), store.labels.consensus(pair)]).toEqual([
    0.75,
    0.75,
    { score: 0.75, adjudicated: true },
  ])
  decide(store, pair, ada, 'ambiguous')
  expect([read('median'), store.decisions.settled(pair)?.kind]).toEqual([0.2, 'ambiguous'])
  decide(store, pair, ada, 'reopened')
  expect([read('median'), store.decisions.settled(pair)]).toEqual([0.2, null])
  store.close()
})
