import { afterEach, beforeEach, expect, test } from 'vitest'
import { trainingConfiguration, type RunReport } from '#shared/domain/run.ts'
import { designThresholds } from '../../learning/calibration/thresholdDesigner.ts'
import { newId } from '../../store/newId.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { createTestFolder, createTestProject } from '../../store/testStore.ts'
import { createTestContext, testCall, type TestContext } from '../testing/testContext.ts'
import { countWords, gatherJudgedRows } from './judgedRows.ts'
import { createJudgingHandlers, type JudgingHandlers } from './judging.ts'
import { sliceColumns } from './sliceColumns.ts'

const report: RunReport = {
  used: 'ridge',
  blend: { ridge: 1, cosine: 0, regression: 0, interaction: 0 },
  outOfFoldPearson: {},
  validationPearson: {},
  ridgeLambda: 30,
  rows: { train: 20, validation: 5, holdout: 60, leftOutForHoldout: 0, leftOutForValidation: 0 },
  curves: [],
  signal: null,
  conformal: null,
  classes: null,
  remarks: [],
  holdout: null,
  ceiling: null,
  consensus: 'mean',
  backend: { name: 'cpu', threads: 1 },
  seconds: { encode: 1, fit: 1, judge: 1 },
}
const at = '2026-01-01T00:00:00.000Z'
const costs = { wrongYes: 4, wrongNo: 1, abstention: 0.5 }

let folder: ReturnType<typeof createTestFolder>
let backend: TestContext
let store: ProjectStore
let pairIds: string[]
let raterIds: string[]
let judging: JudgingHandlers

beforeEach(() => {
  folder = createTestFolder()
  backend = createTestContext(folder.path)
  ;({ store, pairIds, raterIds } = createTestProject({ pairs: 60, raters: ['Ada', 'Ben'] }))
  store.database.prepare(`UPDATE pair SET declared_split = 'holdout'`).run()
  backend.context.session.set({ store, path: ':memory:' })
  judging = createJudgingHandlers(backend.context)
})
afterEach(async () => {
  await backend.close()
  folder.remove()
})

/** A finished run that says `scores` of the first pairs. */
function finishRun(scores: readonly number[]): void {
  const id = newId()
  store.runs.start({
    id,
    configuration: trainingConfiguration.parse({}),
    encoderDigest: 'encoder',
    snapshotDigest: 'snapshot',
    libraries: {},
    labelledPairs: 25,
    createdAt: at,
  })
  store.predictions.write(
    id,
    scores.map((score, index) => ({
      pairId: pairIds[index]!,
      score,
      variance: 0,
      low: Math.max(0, score - 0.1),
      high: Math.min(1, score + 0.1),
      spread: null,
      doubt: null,
      abstained: false,
    })),
  )
  store.runs.finish(id, { report, weights: new Uint8Array([1]), finishedAt: at })
}

function rate(pair: number, value: number, rater = 0): void {
  store.annotation.commit({
    pairId: pairIds[pair]!,
    raterId: raterIds[rater]!,
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
}

const scores = Array.from({ length: 60 }, (_, index) => index / 60)

test('without a run, and without a rated held-out pair, nothing is judged and the reason is told', async () => {
  expect([
    await judging['judging.rows']({}, testCall),
    await judging['judging.threshold']({ costs, truth: 0.5 }, testCall),
    await judging['judging.precision']({ wanted: 0.9, truth: 0.5 }, testCall),
  ]).toEqual([
    {
      runNumber: null,
      n: 0,
      reason: 'No model is trained yet: train one, then its scores on held-out pairs can be judged.',
      score: new Float32Array(),
      target: new Float32Array(),
    },
    null,
    null,
  ])
  finishRun(scores)
  expect(await judging['judging.slices']({}, testCall)).toEqual({
    runNumber: 1,
    n: 0,
    reason: 'No held-out pair has both a score of run 1 and a rating: rate held-out pairs, then train again.',
    slices: [],
  })
})

test('a threshold is designed on the ratings as they are now', async () => {
  finishRun(scores)
  for (const [index, score] of scores.entries()) rate(index, score >= 0.5 ? 1 : 0)
  const before = await judging['judging.threshold']({ costs, truth: 0.5 }, testCall)
  // Between the neighbours 29/60 and 30/60.
  expect(before).toMatchObject({
    n: 60,
    cost: { value: 0 },
    threshold: expect.closeTo(29.5 / 60, 12) as number,
  })
  rate(59, 0)
  const after = await judging['judging.threshold']({ costs, truth: 0.5 }, testCall)
  expect(after?.cost.value).toBeGreaterThan(0)
  const rows = await gatherJudgedRows(store)
  expect(after).toEqual(designThresholds(rows, costs, 0.5))
  expect(await judging['judging.precision']({ wanted: 0.95, truth: 0.5 }, testCall)).toMatchObject({
    threshold: expect.closeTo(29.5 / 60, 12) as number,
    precision: { value: expect.closeTo(29 / 30, 12) as number },
    recall: { value: 1 },
    reason: null,
  })
})

test('the predictions of the run in use are judged, no earlier ones', async () => {
  finishRun(scores)
  rate(0, 0.4)
  finishRun([0.75])
  const { runNumber, n, score, target } = await judging['judging.rows']({}, testCall)
  expect({ runNumber, n, score: [...score], target: [...target] }).toEqual({
    runNumber: 2,
    n: 1,
    score: [0.75],
    target: [expect.closeTo(0.4, 6) as number],
  })
})

test('slices come with their worst pairs, in words', async () => {
  finishRun(scores)
  for (const [index, score] of scores.entries()) rate(index, score)
  rate(7, 1)
  rate(8, 0.9)
  for (let index = 0; index < 10; index++) rate(index, index === 7 ? 1 : index === 8 ? 0.9 : index / 60, 1)
  const genre = store.database.prepare('UPDATE pair SET metadata = ? WHERE id = ?')
  for (const [index, pairId] of pairIds.entries())
    genre.run(JSON.stringify({ genre: index < 20 ? 'letters' : 'news', note: `remark ${index}` }), pairId)
  const { n, slices } = await judging['judging.slices']({}, testCall)
  expect([n, [...new Set(slices.map(({ column }) => column))]]).toEqual([
    60,
    ['score given', 'ratings', 'genre'],
  ])
  const letters = slices.find(({ column, label }) => column === 'genre' && label === 'letters')
  expect(letters).toMatchObject({
    n: 20,
    mae: { value: expect.closeTo((53 / 60 + 0.9 - 8 / 60) / 20, 9) as number },
  })
  expect(letters?.worst.slice(0, 2)).toEqual([
    {
      pairId: pairIds[7],
      premise: 'Premise of pair 8',
      hypothesis: 'Hypothesis of pair 8',
      score: 7 / 60,
      target: 1,
      low: expect.closeTo(7 / 60 - 0.1, 12) as number,
      high: expect.closeTo(7 / 60 + 0.1, 12) as number,
    },
    expect.objectContaining({ pairId: pairIds[8], target: expect.closeTo(0.9, 12) as number }),
  ])
  expect(
    slices.filter(({ column }) => column === 'ratings').map(({ label, n: rows }) => [label, rows]),
  ).toEqual([
    ['1', 50],
    ['2', 10],
  ])
})

test('columns: numbers in metadata are numbers, ids and constants divide nothing', () => {
  const facts = Array.from({ length: 12 }, (_, index) => ({
    pairId: pairIds[index]!,
    low: 0,
    high: 1,
    words: 8,
    ratings: 1,
    declared: index < 6,
    source: 'a.csv',
    metadata: { year: String(1900 + index), id: `x${index}`, team: index < 7 ? ' red ' : '' },
  }))
  const columns = sliceColumns({ facts, score: new Float64Array(12).fill(0.5) })
  expect(columns.map(({ name }) => name)).toEqual(['held out', 'year', 'team'])
  expect([columns[1]?.values[3], columns[2]?.values[0], columns[2]?.values[11]]).toEqual([1903, 'red', null])
})

test('words are what white space divides', () => {
  expect([countWords('  The ox, 2 ploughs.\n'), countWords(''), countWords('l’été')]).toEqual([4, 0, 1])
})

test('more rows than can be drawn are taken evenly', async () => {
  const many = createTestProject({ pairs: 5_200, raters: ['Ada'] })
  const only = many.store.database
  only.prepare(`UPDATE pair SET declared_split = 'holdout'`).run()
  backend.context.session.set({ store: many.store, path: ':memory:' })
  store = many.store
  pairIds = [...many.pairIds].sort()
  raterIds = many.raterIds
  finishRun(pairIds.map((_, index) => index / 5_200))
  only.transaction(() => pairIds.forEach((_, index) => rate(index, 0.5)))()
  const { n, score } = await judging['judging.rows']({}, testCall)
  expect([n, score.length, score[0], score[4_999]]).toEqual([
    5_200,
    5_000,
    0,
    expect.closeTo(Math.floor((4_999 * 5_200) / 5_000) / 5_200, 6) as number,
  ])
})
