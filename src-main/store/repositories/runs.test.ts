import { beforeEach, expect, test } from 'vitest'
import { defaultProjectSettings } from '#shared/domain/project.ts'
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
  libraries: { gradus: '1.2.3' },
  createdAt: at,
})

const report: RunReport = {
  used: 'ridge',
  blend: { ridge: 0.5, cosine: 0, regression: 0.25, interaction: 0.25 },
  outOfFoldPearson: { blend: 0.625 },
  validationPearson: { blend: 0.5, ridge: null },
  ridgeLambda: 30,
  rows: { train: 2, validation: 1, holdout: 0, leftOutForHoldout: 0, leftOutForValidation: 0 },
  curves: [
    {
      head: 'regression',
      epochs: [{ epoch: 1, trainingLoss: 0.1, validationLoss: 0.2, validationPearson: null }],
      bestEpoch: 1,
      stoppingReason: 'early-stopping',
      maximumEpochs: 50,
    },
  ],
  signal: { used: 'abstention', tolerance: 0.125, aurc: { abstention: 0.25 } },
  conformal: null,
  classes: null,
  remarks: ['Something was left out.'],
  holdout: null,
  ceiling: null,
  consensus: 'mean',
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
  spread: 0.125,
  doubt: 0.5,
  abstained: score > 0.5,
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
  const fresh = { name: null, pinned: false, binnedAt: null, inUse: false, resumable: false, failure: null }
  const finished = { ...fresh, ...first, number: 1, status: 'finished', inUse: true, finishedAt: at, report }
  expect(store.runs.inUse()).toEqual(finished)
  expect([...(store.runs.weights(first.id) ?? [])]).toEqual([1, 2, 3])

  const second = started()
  expect(store.runs.start(second)).toBe(2)
  store.runs.end(second.id, { status: 'cancelled', failure: null, finishedAt: at })
  const third = started()
  expect(store.runs.start(third)).toBe(3)
  expect(store.runs.failRunning('The program ended.', at)).toBe(1)
  expect(store.runs.list()).toEqual([
    {
      ...fresh,
      ...third,
      number: 3,
      status: 'failed',
      finishedAt: at,
      failure: 'The program ended.',
      report: null,
    },
    { ...fresh, ...second, number: 2, status: 'cancelled', finishedAt: at, report: null },
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
    spread: 0.125,
    doubt: 0.5,
    abstained: true,
    outOfFold: false,
  })
  store.predictions.write(newer.id, [{ ...said(pairs[2]!, 0.8), outOfFold: true }])
  expect(store.predictions.ofPair(newer.id, pairs[2]!)).toMatchObject({ outOfFold: true })
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
    ask: 'new-pair' as const,
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
    spread: 0.125,
    doubt: 0.5,
    abstained: false,
    outOfFold: false,
    outcome: index === 1 ? 'scored' : 'waiting',
  }))
  const page = { offset: 0, limit: 10 }
  expect(store.suggestions.page(run.id, { ...page, includeRated: true })).toEqual({ total: 3, rows })
  expect(store.suggestions.page(run.id, { ...page, includeRated: false })).toEqual({
    total: 2,
    rows: [rows[0], rows[2]],
  })
  expect(store.suggestions.page(run.id, { offset: 1, limit: 1, includeRated: false }).rows).toEqual([rows[2]])
})

/** Ids of `count` finished runs, numbered from 1. */
function finishedRuns(count: number): string[] {
  return Array.from({ length: count }, () => {
    const run = started()
    store.runs.start(run)
    store.runs.finish(run.id, { report, weights: new Uint8Array([1]), finishedAt: at })
    return run.id
  })
}

const createProject = (): void => void store.project.create('Title', defaultProjectSettings)
const numberInUse = (): number | null => store.runs.inUse()?.number ?? null

test('the latest finished run is in use until an earlier one is taken up, and the next to finish follows', () => {
  createProject()
  const [first, second] = finishedRuns(2)
  const inUse = [numberInUse()]
  expect(store.runs.use(first!)).toBe(true)
  inUse.push(numberInUse(), store.tally.read().runId === first ? 1 : null)
  expect(store.runs.list().map((run) => run.inUse)).toEqual([false, true])
  expect(store.runs.bin(second!, at)).toBe(true)
  inUse.push(numberInUse())
  finishedRuns(1)
  inUse.push(numberInUse())
  expect(inUse).toEqual([2, 1, 1, 1, 3])

  const unfinished = started()
  store.runs.start(unfinished)
  store.runs.end(unfinished.id, { status: 'cancelled', failure: null, finishedAt: at })
  expect([store.runs.use(unfinished.id), store.runs.use(second!), numberInUse()]).toEqual([false, false, 3])
})

test('neither the run in use nor a running or pinned one goes into the bin', () => {
  createProject()
  const [first, second] = finishedRuns(2)
  const running = started()
  store.runs.start(running)
  store.runs.setPinned(first!, true)
  store.runs.rename(first!, 'before the second guideline')
  expect([first!, second!, running.id].map((id) => store.runs.bin(id, at))).toEqual([false, false, false])
  expect(store.runs.byId(first!)).toMatchObject({ name: 'before the second guideline', pinned: true })
  store.runs.setPinned(first!, false)
  expect(store.runs.bin(first!, at)).toBe(true)
  expect(store.runs.byId(first!)?.binnedAt).toBe(at)
  store.runs.takeFromBin(first!)
  expect(store.runs.byId(first!)?.binnedAt).toBeNull()
})

test('a deleted run is gone with its weights, but not what ratings and disputes name, nor its number', () => {
  createProject()
  const [first, second] = finishedRuns(2)
  const suggestions = [first!, second!].flatMap((runId) =>
    pairs.slice(0, 2).map((pairId, index) => ({
      id: newId(),
      runId,
      pairId,
      strategy: 'ensemble-variance' as const,
      ask: 'new-pair' as const,
      rank: index + 1,
      reason: '',
    })),
  )
  store.suggestions.write(suggestions)
  const ranked = { strategy: 'hybrid' as const, batchSize: 20, randomShare: 0.2, waiting: 3, considered: 3 }
  for (const runId of [first!, second!])
    store.suggestions.writeRanking(runId, { ...ranked, remark: null, createdAt: at })
  store.runs.writeCheckpoint(first!, 3, new Uint8Array([9]))
  rate(pairs[0]!)
  store.database.prepare('UPDATE rating SET suggestion_id = ?').run(suggestions[0]!.id)
  store.database.exec(`
    INSERT INTO dispute (id, pair_id, rater_id, target_kind, target_run_id, disputed_score, own_rating_id, reason, created_at)
    SELECT 'D', '${pairs[0]!}', 'A', 'prediction', '${first!}', 0.2, id, 'no', '${at}' FROM rating`)
  expect(store.runs.remove(first!, at)).toBe(false)
  store.runs.bin(first!, at)
  expect([store.runs.remove(first!, at), store.runs.remove(first!, at)]).toEqual([true, false])
  expect([store.runs.byId(first!), store.runs.weights(first!), store.runs.checkpoint(first!)]).toEqual([
    null,
    null,
    null,
  ])
  expect(store.runs.list().map(({ number }) => number)).toEqual([2])
  expect(store.database.prepare('SELECT id FROM suggestion ORDER BY id').pluck().all()).toEqual(
    [suggestions[0], suggestions[2], suggestions[3]].map((kept) => kept!.id).sort(),
  )
  expect([store.suggestions.ranking(first!), store.suggestions.ranking(second!)?.waiting]).toEqual([null, 3])
  expect(store.database.pragma('foreign_key_check')).toEqual([])

  // Not even the number of the newest run is given again.
  store.database.exec(`UPDATE run SET binned_at = '${at}' WHERE id = '${second!}'`)
  store.runs.remove(second!, at)
  expect([numberInUse(), store.runs.start(started())]).toEqual([null, 3])
})

test('where an unfinished run stands is kept until it finishes', () => {
  const run = started()
  store.runs.start(run)
  store.runs.writeCheckpoint(run.id, 1, new Uint8Array([1]))
  store.runs.writeCheckpoint(run.id, 2, new Uint8Array([2, 0, 2]))
  const { epoch, state } = store.runs.checkpoint(run.id)!
  expect([epoch, [...state]]).toEqual([2, [2, 0, 2]])
  const resumable = (): boolean => store.runs.byId(run.id)!.resumable
  const seen = [resumable(), store.runs.resume(run.id)]
  store.runs.failRunning('The program ended.', at)
  seen.push(resumable(), store.runs.resume(run.id), resumable())
  expect(store.runs.byId(run.id)).toMatchObject({ status: 'running', failure: null, finishedAt: null })
  store.runs.finish(run.id, { report, weights: new Uint8Array([1]), finishedAt: at })
  expect([...seen, resumable(), store.runs.checkpoint(run.id)]).toEqual([
    false,
    false,
    true,
    true,
    false,
    false,
    null,
  ])

  const other = started()
  store.runs.start(other)
  store.runs.end(other.id, { status: 'cancelled', failure: null, finishedAt: at })
  expect([store.runs.byId(other.id)?.resumable, store.runs.resume(other.id)]).toEqual([false, false])
})

test('a run that ranks again shows its new suggestions alone, however often it does', () => {
  const run = started()
  store.runs.start(run)
  store.predictions.write(
    run.id,
    pairs.map((pairId) => said(pairId, 0.5)),
  )
  const rank = (order: readonly string[]): string[] => {
    store.suggestions.retire(run.id)
    store.suggestions.write(
      order.map((pairId, index) => ({
        id: newId(),
        runId: run.id,
        pairId,
        strategy: 'ensemble-variance' as const,
        ask: 'new-pair' as const,
        rank: index + 1,
        reason: '',
      })),
    )
    return store.suggestions
      .page(run.id, { offset: 0, limit: 10, includeRated: true })
      .rows.map(({ pairId }) => pairId)
  }
  for (const order of [[pairs[0]!, pairs[1]!], [pairs[2]!, pairs[0]!], [pairs[1]!]])
    expect(rank(order)).toEqual(order)
  expect(store.suggestions.page(run.id, { offset: 0, limit: 10, includeRated: true }).total).toBe(1)
  expect([store.reviewQueue.next(run.id, 'A')?.pairId, store.reviewQueue.ofPair(run.id, pairs[2]!)]).toEqual([
    pairs[1],
    null,
  ])
  expect(store.database.prepare('SELECT COUNT(*) FROM suggestion').pluck().get()).toBe(5)
})
