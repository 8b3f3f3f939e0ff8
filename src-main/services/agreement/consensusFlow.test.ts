import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { consensusOf, medianOf } from '#shared/domain/consensus.ts'
import type { ConsensusRule } from '#shared/domain/project.ts'
import { trainingConfiguration } from '#shared/domain/run.ts'
import { createExportHandlers } from '../exports/exports.ts'
import { openEmptyProject } from '../testing/emptyTestProject.ts'
import { createTestFolders, openTestBackend, type TestBackend } from '../testing/trainingProject.ts'
import { createTrainHandlers } from '../training/train.ts'
import { gatherTrainingData, snapshotDigest } from '../training/trainingData.ts'
import { refitForConsensus } from './raterModel.ts'

// The sample project: 222 pairs, three raters, most labelled pairs scored by more than one of them.
const folders = createTestFolders()
afterAll(() => folders.remove())
let backend: TestBackend
beforeEach(() => (backend = openTestBackend(folders)))
afterEach(() => backend.close())

const { signal } = new AbortController()

function choose(consensus: ConsensusRule): void {
  const { store } = backend
  store.project.writeSettings({ ...store.project.read().settings, consensus })
}

/** The scores of each pair by rater, straight from the ratings. */
function givenScores(): Map<string, { raterId: string; score: number }[]> {
  const rows = backend.store.database
    .prepare<[], { pairId: string; raterId: string; score: number }>(
      'SELECT pair_id AS pairId, rater_id AS raterId, score FROM counted_rating WHERE score IS NOT NULL',
    )
    .all()
  return Map.groupBy(rows, ({ pairId }) => pairId)
}

/** The target of every labelled pair, as training sees it. */
async function targets(): Promise<{ byPair: Map<string, number>; digest: string }> {
  const data = await gatherTrainingData(backend.store, { holdoutShare: 0.15 }, 0.15, signal)
  const rows = [...data.train, ...data.validation, ...data.holdout]
  return {
    byPair: new Map(rows.map(({ pairId, target }) => [pairId, target])),
    digest: await snapshotDigest(data, []),
  }
}

async function exported(): Promise<{ byPair: Map<string, number>; rule: unknown }> {
  const folder = join(folders.projects, `export-${Math.random()}`)
  mkdirSync(folder)
  const handlers = createExportHandlers(backend.context)
  const folderToken = backend.context.files.allow(folder)
  const { jobId } = await handlers['exports.start']({ kind: 'dataset', folderToken }, { signal })
  expect((await backend.context.jobs.ended(jobId)).outcome).toEqual({ status: 'finished' })
  const lines = readFileSync(join(folder, 'pairs.jsonl'), 'utf8').trim().split('\n')
  const rows = lines.map((line) => JSON.parse(line) as { pair_id: string; consensus: number | null })
  const { consensus } = JSON.parse(readFileSync(join(folder, 'dataset.json'), 'utf8')) as {
    consensus: unknown
  }
  return {
    byPair: new Map(rows.flatMap((row) => (row.consensus === null ? [] : [[row.pair_id, row.consensus]]))),
    rule: consensus,
  }
}

test('the median reaches training and export', async () => {
  const byMean = await targets()
  choose('median')
  const { byPair, digest } = await targets()
  expect(digest).not.toBe(byMean.digest)
  const given = givenScores()
  for (const [pairId, target] of byPair)
    expect(target).toBeCloseTo(medianOf(given.get(pairId)?.map(({ score }) => score) ?? []) ?? Number.NaN, 12)
  const out = await exported()
  expect(out.rule).toBe('median')
  for (const [pairId, target] of byPair) expect(out.byPair.get(pairId)).toBeCloseTo(target, 12)
})

test('the rater model is fitted before it is used, and reaches training and export, adjudicated scores first', async () => {
  const { store } = backend
  const byMean = await targets()
  choose('rater-model')
  expect(store.consensus.model()).toBeNull()
  const out = await exported()
  const model = store.consensus.model()
  expect([out.rule, model === null]).toEqual(['rater-model', false])
  const { byPair } = await targets()
  const given = givenScores()
  let moved = 0
  for (const [pairId, target] of byPair) {
    expect(target).toBeCloseTo(consensusOf('rater-model', given.get(pairId) ?? [], model) ?? Number.NaN, 12)
    expect(out.byPair.get(pairId)).toBeCloseTo(target, 12)
    moved += Math.abs(target - (byMean.byPair.get(pairId) ?? 0)) > 0.005 ? 1 : 0
  }
  expect(moved).toBeGreaterThan(byPair.size / 4)

  const [pairId] = byPair.keys()
  store.decisions.add({
    pairId: pairId!,
    kind: 'adjudicated',
    score: 0.123,
    askedRaterId: null,
    decidedBy: store.raters.list()[0]!.id,
    reason: 'Settled.',
  })
  expect([(await targets()).byPair.get(pairId!), (await exported()).byPair.get(pairId!)]).toEqual([
    0.123, 0.123,
  ])
})

test('a rater who is set aside is in neither', async () => {
  const { store } = backend
  const [first] = store.raters.list()
  const before = givenScores()
  store.raters.decide(first!.id, 'set-aside', 'Hurried.')
  store.tally.recount()
  const { byPair } = await targets()
  const out = await exported()
  expect(out.byPair).toEqual(byPair)
  const shared = [...before].find(
    ([, scores]) => scores.length > 1 && scores.some(({ raterId }) => raterId === first!.id),
  )!
  const others = shared[1].filter(({ raterId }) => raterId !== first!.id)
  expect(byPair.get(shared[0])).toBeCloseTo(consensusOf('mean', others, null) ?? Number.NaN, 12)
})

test(
  'a run says which rule made its targets, and fits the rater model first',
  { timeout: 120_000 },
  async () => {
    choose('rater-model')
    const configuration = trainingConfiguration.parse({
      ensembleSize: 2,
      hiddenWidth: 16,
      maximumEpochs: 2,
      interaction: false,
    })
    const { jobId } = await createTrainHandlers(backend.context)['train.start']({ configuration }, { signal })
    expect((await backend.context.jobs.ended(jobId)).outcome).toEqual({ status: 'finished' })
    expect(backend.store.consensus.model()).not.toBeNull()
    const [run] = backend.store.runs.list()
    expect([run?.report?.consensus, run?.snapshotDigest]).toEqual(['rater-model', (await targets()).digest])
  },
)

test('without overlap the mean stands in for the rater model, and nothing fails', async () => {
  const empty = openEmptyProject(folders)
  empty.store.project.writeSettings({ ...empty.store.project.read().settings, consensus: 'rater-model' })
  await refitForConsensus(empty.context, empty.store, signal)
  expect(empty.store.consensus.model()).toBeNull()
  await empty.close()
})
