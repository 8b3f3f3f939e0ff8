import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encoder } from '../../encoder/catalogue.ts'
import { readSafetensors } from '../../onnx/safetensors.ts'
import { trainingConfiguration, type Run } from '#shared/domain/run.ts'
import type { RejectedRow } from '#shared/contract/imports.ts'
import { embedPairs, openCache } from './encoderAccess.ts'
import { evaluateSplit } from './evaluation.ts'
import { startPredicting, type PairSource, type ScoredPair } from './predict.ts'
import { createTrainHandlers } from '../training/train.ts'
import { readTexts } from '../training/trainingData.ts'
import { createTestFolders, openTestBackend, type TestBackend } from '../testing/trainingProject.ts'
import { writeWeightsExport } from '../exports/weightsExport.ts'

const folders = createTestFolders()
let backend: TestBackend
let run: Run
const { signal } = new AbortController()

beforeAll(async () => {
  backend = openTestBackend(folders)
  const configuration = trainingConfiguration.parse({ ensembleSize: 3, hiddenWidth: 16, maximumEpochs: 2 })
  const { jobId } = await createTrainHandlers(backend.context)['train.start']({ configuration }, { signal })
  await backend.context.jobs.ended(jobId)
  run = backend.store.runs.inUse()!
}, 120_000)
afterAll(async () => {
  await backend.close()
  folders.remove()
})

const newFolder = (): string => mkdtempSync(join(folders.projects, 'out-'))

async function scoreAll(source: PairSource): Promise<ScoredPair[]> {
  const scored: ScoredPair[] = []
  const jobId = startPredicting(backend.context, source, (rows) => {
    scored.push(...rows)
    return Promise.resolve()
  })
  const job = await backend.context.jobs.ended(jobId)
  expect(job).toMatchObject({
    outcome: { status: 'finished' },
    detail: { kind: 'predict', runId: run.id, scored: scored.length },
  })
  return scored
}

test('exported weights give the predictions of the program elsewhere, and exporting again the same bytes', async () => {
  const paths = await writeWeightsExport(backend.context, newFolder())
  expect(paths.map((path) => basename(path))).toEqual(['model.safetensors', 'config.json', 'heads.onnx'])
  const again = await writeWeightsExport(backend.context, newFolder())
  for (const [index, path] of paths.entries())
    expect(readFileSync(path).equals(readFileSync(again[index]!))).toBe(true)

  const [weights, config, onnx] = paths
  expect(readSafetensors(readFileSync(weights!)).metadata).toMatchObject({ format: 'gradus-heads' })
  expect(JSON.parse(readFileSync(config!, 'utf8'))).toMatchObject({
    encoder: { name: 'all-MiniLM-L6-v2', digest: run.encoderDigest, dimension: 384 },
    features: { order: ['u', 'v', '|u-v|', 'u*v', 'cos(u,v)'], width: 1537 },
    standardisation: { formula: '(feature - features.mean) * features.scale' },
    used: run.report?.used,
    run: { number: 1, snapshotDigest: run.snapshotDigest },
    configuration: run.configuration,
    metrics: { holdout: run.report?.holdout },
    versions: { gradus: '0.0.0', 'onnxruntime-node': expect.stringMatching(/^\d/) as string },
  })

  const pool = backend.store.labels.page('', 1000).filter(({ label }) => label === null)
  const cache = openCache(backend.context)
  const embedded = await embedPairs(cache, await readTexts(backend.store, pool))
  cache.close()
  const session = await InferenceSession.create(onnx!)
  const shape = [pool.length, encoder.dimension]
  const results = await session.run({
    premise_embedding: new Tensor('float32', embedded.premise, shape),
    hypothesis_embedding: new Tensor('float32', embedded.hypothesis, shape),
  })
  for (const name of ['score', 'variance', 'low', 'high'] as const) {
    const exported = results[name]!.data as Float32Array
    const own = pool.map(({ pairId }) => backend.store.predictions.ofPair(run.id, pairId)![name])
    expect(
      own.reduce((most, value, row) => Math.max(most, Math.abs(value - exported[row]!)), 0),
    ).toBeLessThan(1e-5)
  }
})

test('the model in use is judged on any split as it is labelled now', async () => {
  const holdout = await evaluateSplit(backend.context, 'holdout', signal, () => undefined)
  const { used, holdout: evaluation } = run.report!
  expect(holdout).toEqual({ runNumber: 1, used, split: 'holdout', leftOut: 0, evaluation })
  const all = await evaluateSplit(backend.context, 'all', signal, () => undefined)
  const { train, validation, holdout: held } = run.report!.rows
  expect(all.evaluation.used.n).toBe(train + validation + held)
})

test('all pairs of the project are scored, as after training', async () => {
  const scored = await scoreAll({ kind: 'project' })
  expect(scored).toHaveLength(222)
  const stored = scored.flatMap(({ pairId, prediction }) => {
    const before = backend.store.predictions.ofPair(run.id, pairId!)
    // What was learnt from is scored anew by heads that have seen it.
    return before === null || before.outOfFold ? [] : { before, now: prediction }
  })
  expect(stored).toHaveLength(103 + run.report!.rows.holdout)
  for (const { before, now } of stored)
    for (const name of ['score', 'variance', 'low', 'high'] as const)
      expect(now[name]).toBeCloseTo(before[name], 5)
})

test('pairs of a file are scored, and rows that are none are told', async () => {
  const path = join(newFolder(), 'pairs.csv')
  writeFileSync(
    path,
    'id,premise,hypothesis\na,The kettle whistles.,Water boils.\nb,,No premise.\nc,It rains.,It is wet.\n',
  )
  const rejected: RejectedRow[] = []
  const scored = await scoreAll({
    kind: 'file',
    path,
    fileName: 'pairs.csv',
    onRejected: (row) => rejected.push(row),
  })
  expect(rejected).toMatchObject([{ rowNumber: 3, reason: 'empty-text' }])
  const inside = expect.closeTo(0.5, 0) as number
  expect(scored).toMatchObject([
    {
      pairId: null,
      externalId: 'a',
      rowNumber: 2,
      premise: 'The kettle whistles.',
      hypothesis: 'Water boils.',
      prediction: { score: inside },
    },
    {
      pairId: null,
      externalId: 'c',
      rowNumber: 4,
      premise: 'It rains.',
      hypothesis: 'It is wet.',
      prediction: { score: inside },
    },
  ])
})
