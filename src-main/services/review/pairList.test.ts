import { expect, test } from 'vitest'
import type { PairSummary } from '../../store/repositories/pairs.ts'
import { createTestProject } from '../../store/testStore.ts'
import { listPlaces, type WantedList } from './pairList.ts'

test('a list of more pairs than are read at once has each pair once, those without a value last', async () => {
  const { store, pairIds, raterIds } = createTestProject({ pairs: 4_100, raters: ['Ada'] })
  // Far apart, and out of the order of the pairs.
  const scores = new Map([
    [4_099, 0.7],
    [10, 0.5],
    [2_050, 0.9],
    [11, 0.5],
  ])
  for (const [index, value] of scores)
    store.annotation.commit({
      pairId: pairIds[index]!,
      raterId: raterIds[0]!,
      answer: { kind: 'score', value, rawPosition: value },
      note: null,
      timing: null,
      orderShown: 0,
      shownBecause: 'order',
      suggestionId: null,
      scaleKind: 'linear',
      guidelineVersion: 1,
      source: 'annotate',
    })
  const listed = async (change: Partial<WantedList>): Promise<PairSummary[]> => {
    const wanted: WantedList = { search: '', order: 'consensus', descending: false, runId: null, ...change }
    return store.pairs.summaries([...(await listPlaces(store, wanted))], { holdoutShare: 0, runId: null })
  }
  const indexes = async (change: Partial<WantedList>): Promise<number[]> => {
    const indexOf = new Map(pairIds.map((id, index) => [id, index]))
    return (await listed(change)).map(({ id }) => indexOf.get(id) ?? -1)
  }
  const rated = [10, 11, 4_099, 2_050]
  const unrated = pairIds.map((_, index) => index).filter((index) => !scores.has(index))
  expect(await indexes({})).toEqual([...rated, ...unrated])
  expect(await indexes({ descending: true })).toEqual([...rated.toReversed(), ...unrated.toReversed()])
  expect(await indexes({ order: 'added', search: 'pair 4100' })).toEqual([4_099])
  store.close()
})
