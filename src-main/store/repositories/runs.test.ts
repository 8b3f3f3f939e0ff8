import { beforeEach, expect, test } from 'vitest'
import type { RunReport } from '#shared/domain/run.ts'
import { trainingConfiguration } from '#shared/domain/run.ts'
import { newId } from '../newId.ts'
import { openProjectStore, type ProjectStore } from '../projectStore.ts'

const at = '2026-01-01T00:00:00.000Z'
const pairs = ['1', '2', '3'].map((last) => last.padStart(26, '0'))
let store: ProjectStore

beforeEach(() => {
  store = openProjectStore(':memory:', { create: true })
  store.database.exec(`
    INSERT INTO guideline (version, text, created_at) VALUES (1, '', '${at}');
    INSERT INTO import (id, file_name, options, counts, started_at, finished_at) VALUES ('I1', 'a.csv', '{}', '{}', '${at}', '${at}');
    INSERT INTO rater (id, name, created_at) VALUES ('A', 'Ada', '${at}');
    INSERT INTO pair (id, import_id, external_id, premise, hypothesis, digest, premise_group, declared_split, metadata) VALUES
      ('${pairs[0]}', 'I1', NULL, 'one', 'uno', x'01', 11, NULL, '{}'),
      ('${pairs[1]}', 'I1', NULL, 'two', 'due', x'02', 22, NULL, '{}'),
      ('${pairs[2]}', 'I1', NULL, 'three', 'tre', x'03', 33, NULL, '{}');
  `)
  return () => store.close()
})

const started = (): Parameters<ProjectStore['runs']['start']>[0] => ({
  id: newId(),
  configuration: trainingConfiguration.parse({ seed: 7 }),
  encoderDigest: 'encoder',
  snapshotDigest: 'snapshot',
  labelledPairs: 3,
  createdAt: at,
})

const report: RunReport = {
  used: 'ridge',
  validationPearson: { ensemble: 0.5, ridge: null },
  ridgeLambda: 30,
  rows: { train: 2, validation: 1, holdout: 0, leftOutForHoldout: 0, leftOutForValidation: 0 },
  epochs: [{ epoch: 1, trainingLoss: 0.1, validationLoss: 0.2, validationPearson: null }],
  bestEpoch: 1,
  stoppingReason: 'early-stopping',
  holdout: null,
  ceiling: null,
  backend: { name: 'cpu', threads: 1 },
  seconds: { encode: 1, fit: 2, judge: 3 },
}

const said = (
  pairId: string,
  score: number,
): Parameters<ProjectStore['predictions']['write']>[1][number] => ({
  pairId,
  score,
  variance: 0.01,
  low: score - 0.1,
  high: score + 0.1,
})

function rate(pairId: string): void {
  store.database
    .prepare(
      `INSERT INTO rating (id, pair_id, rater_id, kind, score, scale_kind, guideline_version, pass_number, source, created_at)
       VALUES (?, ?, 'A', 'score', 0.5, 'linear', 1, 1, 'annotate', ?)`,
    )
    .run(newId(), pairId, at)
}

test('a run comes back as it was written, with its weights', () => {
  const first = started()
  expect(store.runs.start(first)).toBe(1)
  expect(store.runs.inUse()).toBeNull()
  store.runs.finish(first.id, { report, weights: new Uint8Array([1, 2, 3]), finishedAt: at })
  const finished = { ...first, number: 1, status: 'finished', finishedAt: at, failure: null, report }
  expect(store.runs.inUse()).toEqual(finished)
  expect([...(store.runs.weights(first.id) ?? [])]).toEqual([1, 2, 3])

  const second = started()
  expect(store.runs.start(second)).toBe(2)
  store.runs.end(second.id, { status: 'cancelled', failure: null, finishedAt: at })
  const third = started()
  expect(store.runs.start(third)).toBe(3)
  expect(store.runs.failRunning('The program ended.', at)).toBe(1)
  expect(store.runs.list()).toEqual([
    { ...third, number: 3, status: 'failed', finishedAt: at, failure: 'The program ended.', report: null },
    { ...second, number: 2, status: 'cancelled', finishedAt: at, failure: null, report: null },
    finished,
  ])
  expect(store.runs.weights(third.id)).toBeNull()
})

test('predictions of other runs are cleared away in chunks', () => {
  const [older, newer] = [started(), started()]
  store.runs.start(older)
  store.runs.start(newer)
  store.predictions.write(
    older.id,
    pairs.map((pairId) => said(pairId, 0.2)),
  )
  store.predictions.write(
    newer.id,
    pairs.map((pairId) => said(pairId, 0.8)),
  )
  let after: string | null = ''
  let chunks = 0
  while ((after = store.predictions.removeOthers(newer.id, after, 2)) !== null) chunks++
  expect(chunks).toBe(3)
  expect(pairs.map((pairId) => store.predictions.ofPair(older.id, pairId))).toEqual([null, null, null])
  expect(store.predictions.ofPair(newer.id, pairs[2]!)).toEqual({
    score: 0.8,
    variance: 0.01,
    low: 0.8 - 0.1,
    high: 0.8 + 0.1,
  })
  expect(store.predictions.removeOf(newer.id, '', 10)).toBe(pairs[2])
  expect(store.predictions.removeOf(newer.id, '', 10)).toBeNull()
})

test('suggestions come by rank, and rated ones only where asked for', () => {
  rate(pairs[0]!)
  const run = started()
  store.runs.start(run)
  store.predictions.write(
    run.id,
    pairs.map((pairId) => said(pairId, 0.5)),
  )
  const suggestions = pairs.map((pairId, index) => ({
    id: newId(),
    runId: run.id,
    pairId,
    strategy: 'ensemble-variance' as const,
    rank: index + 1,
    reason: `reason ${index + 1}`,
  }))
  store.suggestions.write(suggestions)
  rate(pairs[1]!)
  const texts = [
    { premise: 'one', hypothesis: 'uno' },
    { premise: 'two', hypothesis: 'due' },
    { premise: 'three', hypothesis: 'tre' },
  ]
  const rows = suggestions.map((suggestion, index) => ({
    ...suggestion,
    ...texts[index],
    score: 0.5,
    variance: 0.01,
    low: 0.4,
    high: 0.6,
    rated: index === 1,
  }))
  const page = { offset: 0, limit: 10 }
  expect(store.suggestions.page(run.id, { ...page, includeRated: true })).toEqual({ total: 3, rows })
  expect(store.suggestions.page(run.id, { ...page, includeRated: false })).toEqual({
    total: 2,
    rows: [rows[0], rows[2]],
  })
  expect(store.suggestions.page(run.id, { offset: 1, limit: 1, includeRated: false }).rows).toEqual([rows[2]])
})
