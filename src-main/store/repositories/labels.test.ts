import { expect, test } from 'vitest'
import { openProjectStore, type ProjectStore } from '../projectStore.ts'

/** A project in memory with three pairs (ids P1–P3), of which P2 has no rating, and a fourth of an unfinished import. */
function project(): ProjectStore {
  const store = openProjectStore(':memory:', { create: true })
  store.database.exec(`
    INSERT INTO guideline (version, text, created_at) VALUES (1, '', '2026-01-01T00:00:00.000Z');
    INSERT INTO rater (id, name, created_at) VALUES ('A', 'Ada', '2026-01-01T00:00:00.000Z'), ('B', 'Ben', '2026-01-01T00:00:00.000Z'),
      ('C', 'Cleo', '2026-01-01T00:00:00.000Z'), ('D', 'Dora', '2026-01-01T00:00:00.000Z');
    INSERT INTO import (id, file_name, options, counts, started_at, finished_at) VALUES ('I1', 'a.csv', '{}', '{}', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:01.000Z');
    INSERT INTO import (id, file_name, options, counts, started_at, finished_at) VALUES ('I2', 'b.csv', '{}', '{}', '2026-01-01T00:00:00.000Z', NULL);
    INSERT INTO pair (id, import_id, external_id, premise, hypothesis, digest, premise_group, declared_split, metadata) VALUES
      ('P1', 'I1', NULL, 'one', 'uno', x'01', 11, 'train', '{}'),
      ('P2', 'I1', NULL, 'two', 'due', x'02', 22, NULL, '{}'),
      ('P3', 'I1', NULL, 'three', 'tre', x'03', 33, 'holdout', '{}'),
      ('P4', 'I2', NULL, 'four', 'quattro', x'04', 44, NULL, '{}');
  `)
  return store
}

let lastRating = 0
function rate(
  store: ProjectStore,
  pair: string,
  rater: string,
  score: number | null,
  supersedes?: string,
): string {
  const id = `R${String(++lastRating).padStart(4, '0')}`
  store.database
    .prepare(
      `INSERT INTO rating (id, pair_id, rater_id, kind, score, reason, scale_kind, guideline_version, pass_number,
         source, supersedes, created_at)
       VALUES (?, ?, ?, ?, ?, ?, 'linear', 1, 1, 'annotate', ?, '2026-01-01T00:00:00.000Z')`,
    )
    .run(
      id,
      pair,
      rater,
      score === null ? 'cannot-judge' : 'score',
      score,
      score === null ? 'other' : null,
      supersedes ?? null,
    )
  return id
}

test('a label is the mean of the scores that stand; who could not judge counts for nothing', () => {
  const store = project()
  const first = rate(store, 'P1', 'A', 0.9)
  rate(store, 'P1', 'A', 0.2, first)
  rate(store, 'P1', 'B', 0.4)
  rate(store, 'P2', 'A', null)
  rate(store, 'P3', 'B', 0.7)
  expect(store.labels.page('', 10)).toEqual([
    {
      pairId: 'P1',
      premiseGroup: 11,
      declaredSplit: 'train',
      label: {
        consensus: expect.closeTo(0.3, 12) as number,
        count: 2,
        deviation: expect.closeTo(Math.sqrt(0.02), 9) as number,
      },
      classCounts: [],
    },
    { pairId: 'P2', premiseGroup: 22, declaredSplit: null, label: null, classCounts: [] },
    {
      pairId: 'P3',
      premiseGroup: 33,
      declaredSplit: 'holdout',
      label: { consensus: 0.7, count: 1, deviation: null },
      classCounts: [],
    },
  ])
  store.close()
})

test('pages follow one another and end', () => {
  const store = project()
  expect(store.labels.page('', 2).map((row) => row.pairId)).toEqual(['P1', 'P2'])
  expect(store.labels.page('P2', 2).map((row) => row.pairId)).toEqual(['P3'])
  expect(store.labels.page('P3', 2)).toEqual([])
  store.close()
})

test('scores per rater are given where two raters have scored', () => {
  const store = project()
  // The later of two answers by hand stands, even where it does not name the earlier one.
  rate(store, 'P1', 'A', 0.2)
  rate(store, 'P1', 'A', 0.4)
  rate(store, 'P1', 'B', 0.8)
  rate(store, 'P2', 'A', 0.5)
  rate(store, 'P3', 'A', 1)
  rate(store, 'P3', 'B', 0)
  expect(store.labels.raterScores({ after: '', last: 'P2' })).toEqual([[0.4, 0.8]])
  expect(store.labels.raterScores({ after: 'P2', last: 'P3' })).toEqual([[1, 0]])
  store.close()
})

test('texts come in the order asked for', () => {
  const store = project()
  expect(store.labels.texts(['P3', 'P1'])).toEqual([
    { externalId: null, premise: 'three', hypothesis: 'tre' },
    { externalId: null, premise: 'one', hypothesis: 'uno' },
  ])
  store.close()
})

test('pairs of an unfinished import do not count', () => {
  const store = project()
  expect(store.labels.countPairs()).toBe(3)
  store.close()
})

test('class labels are counted by name over the ratings that stand', () => {
  const store = project()
  const label = (id: string, name: string): void =>
    void store.database.prepare('UPDATE rating SET label = ?, label_scored = 1 WHERE id = ?').run(name, id)
  const replaced = rate(store, 'P1', 'A', 0)
  label(replaced, 'contradiction')
  label(rate(store, 'P1', 'A', 1, replaced), 'entailment')
  label(rate(store, 'P1', 'B', 1), 'entailment')
  label(rate(store, 'P1', 'C', 1), 'entailment')
  label(rate(store, 'P1', 'D', 0.5), 'neutral')
  label(rate(store, 'P3', 'A', 0), 'contradiction')
  rate(store, 'P3', 'B', 0.2)
  expect(store.labels.page('', 10).map(({ pairId, classCounts }) => [pairId, classCounts])).toEqual([
    [
      'P1',
      [
        { name: 'entailment', count: 3 },
        { name: 'neutral', count: 1 },
      ],
    ],
    ['P2', []],
    ['P3', [{ name: 'contradiction', count: 1 }]],
  ])
  // A page's labels are its own.
  expect(store.labels.page('P1', 1).map(({ classCounts }) => classCounts)).toEqual([[]])
  store.close()
})
