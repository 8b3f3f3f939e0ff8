import { expect, test } from 'vitest'
import { trainingConfiguration } from '#shared/domain/run.ts'
import { newId } from '../newId.ts'
import { createTestProject } from '../testStore.ts'

test('a rated pair comes with its scores, what a run says of it, and whether it may be asked about again', () => {
  const { store, pairIds, raterIds } = createTestProject({ pairs: 8, raters: ['Ada', 'Ben', 'Cleo'] })
  const [ada, ben, cleo] = raterIds as [string, string, string]
  const split = store.database.prepare('UPDATE pair SET declared_split = ? WHERE id = ?')
  pairIds.forEach((id, index) => split.run(index === 6 ? 'holdout' : 'train', id))
  const rate = (pair: number, raterId: string, value: number | null): void =>
    void store.annotation.commit({
      pairId: pairIds[pair]!,
      raterId,
      answer:
        value === null
          ? { kind: 'cannot-judge', reason: 'other' }
          : { kind: 'score', value, rawPosition: value },
      note: null,
      scaleKind: 'linear',
      timing: null,
      orderShown: 0,
      shownBecause: 'order',
      suggestionId: null,
      guidelineVersion: 1,
      source: 'annotate',
    })
  const decided = { decidedBy: ada, askedRaterId: null, reason: 'so' }
  rate(0, ada, 0.2)
  rate(0, ben, 0.8)
  rate(1, ada, 0.4)
  for (const rater of raterIds) rate(2, rater, 0.5)
  rate(3, ada, 0.5)
  store.decisions.add({ ...decided, pairId: pairIds[3]!, kind: 'adjudicated', score: 0.9 })
  rate(4, ada, 0.5)
  store.gold.write({ pairId: pairIds[4]!, score: 0.5, tolerance: 0.1, explanation: '' })
  // Whoever cannot judge has answered, too.
  rate(5, ada, 0.1)
  rate(5, ben, null)
  rate(5, cleo, null)
  rate(6, ada, 0.5)

  const runId = newId()
  store.runs.start({
    id: runId,
    configuration: trainingConfiguration.parse({}),
    encoderDigest: 'e',
    snapshotDigest: 's',
    labelledPairs: 1,
    libraries: {},
    createdAt: '2026-01-01T00:00:00.000Z',
  })
  const said = { variance: 0.01, low: 0, high: 1, spread: 0.125, doubt: null, abstained: false }
  store.predictions.write(runId, [{ pairId: pairIds[0]!, score: 0.75, ...said, outOfFold: true }])

  const wanted = { runId, holdoutShare: 0 }
  const { rows, last } = store.ratedPairs.page(wanted, '', 100)
  expect(
    rows.map(({ pairId, target, ratings, deviation, predicted, spread, mayAsk }) => [
      pairIds.indexOf(pairId),
      target,
      ratings,
      deviation,
      predicted,
      spread,
      mayAsk,
    ]),
  ).toEqual([
    [0, 0.5, 2, expect.closeTo(0.3 * Math.SQRT2, 12), 0.75, 0.125, true],
    [1, 0.4, 1, null, null, null, true],
    [2, 0.5, 3, 0, null, null, false],
    [3, 0.9, 1, null, null, null, false],
    [4, 0.5, 1, null, null, null, false],
    [5, 0.1, 1, null, null, null, false],
  ])
  expect(last).toBe(pairIds[7])
  expect(store.ratedPairs.page(wanted, last!, 100)).toEqual({ rows: [], last: null })

  // Spans are of pairs, whether rated or not.
  const first = store.ratedPairs.page(wanted, '', 2)
  expect([first.rows.length, first.last]).toEqual([2, pairIds[1]])
  // Where Cleo takes no part, or is set aside, only Ben could rate the second again, and nobody the first.
  store.raters.setTakesPart(cleo, false)
  expect(store.ratedPairs.page(wanted, '', 2).rows.map(({ mayAsk }) => mayAsk)).toEqual([false, true])
  store.raters.decide(ben, 'set-aside', 'careless')
  expect(store.ratedPairs.page(wanted, '', 2).rows).toMatchObject([
    { target: 0.2, ratings: 1, deviation: null, mayAsk: false },
    { mayAsk: false },
  ])
})
