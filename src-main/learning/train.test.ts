import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { trainingConfiguration, type EpochRecord } from '#shared/domain/run.ts'
import { createClient } from '#shared/rpc/client.ts'
import { createPortPair } from '#shared/rpc/port.ts'
import { evaluate } from './scoring/evaluate.ts'
import { createScorer } from './scoring/predict.ts'
import { buildScoringModel } from './scoring/scoringModel.ts'
import { serveTraining } from './serveTraining.ts'
import { syntheticRows } from './testRows.ts'
import { train } from './train.ts'
import { trainContract, type LabelledPairs } from './trainContract.ts'
import { readWeights, writeWeights } from './weights.ts'

const small = { ensembleSize: 3, hiddenWidth: 16, learningRate: 0.01, maximumEpochs: 6, batchSize: 16 }

function input(options: Partial<typeof small> = {}, rows = syntheticRows(200, 8, 1)) {
  return {
    configuration: trainingConfiguration.parse({ ...small, ...options }),
    train: rows,
    validation: syntheticRows(60, 8, 2),
    holdout: syntheticRows(80, 8, 3),
    threads: 1,
    backend: { name: 'cpu' as const, gpuFolder: '' },
  }
}

function silent() {
  const epochs: EpochRecord[] = []
  const shares: number[] = []
  return {
    epochs,
    shares,
    signal: new AbortController().signal,
    onEpoch: (record: EpochRecord) => void epochs.push(record),
    onProgress: (share: number) => void shares.push(share),
  }
}

describe('train', () => {
  test('learns, judges, reports, and gives the same bits for the same seed', async () => {
    const listener = silent()
    const first = await train(input(), listener)
    const second = await train(input(), silent())
    const other = await train(input({ hiddenWidth: 17 }), silent())
    expect(second.weights).toEqual(first.weights)
    expect(other.weights).not.toEqual(first.weights)
    expect({ ...second, seconds: null }).toEqual({ ...first, seconds: null })
    expect(listener.epochs).toEqual(first.epochs)
    expect(listener.shares.every((share, index) => share >= (listener.shares[index - 1] ?? 0))).toBe(true)
    expect([listener.shares[0], listener.shares.at(-1)]).toEqual([0, 1])
    expect(first.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6])
    expect(first.epochs.at(-1)!.trainingLoss).toBeLessThan(first.epochs[0]!.trainingLoss)
    const best = Math.max(...first.epochs.map(({ validationPearson }) => validationPearson ?? -1))
    expect(first.epochs[first.bestEpoch - 1]!.validationPearson).toBe(best)
    expect(first.validationPearson.ensemble).toBe(best)
    const kept = await evaluate(readWeights(first.weights), input().validation, 1)
    expect(kept.ensemble.pearson?.value).toBeCloseTo(best, 5)
    expect(first.holdout!.ensemble.pearson!.value).toBeGreaterThan(0.7)
    expect(first.holdout!.baselines.ridge.pearson!.value).toBeGreaterThan(0.8)
    expect(first.holdout!.baselines.mean.pearson).toBeNull()
    expect(first.holdout!.used).toEqual(
      first.used === 'ridge' ? first.holdout!.baselines.ridge : first.holdout!.ensemble,
    )
  })

  test('a batch larger than the data, few rows and a validation of two rows work', async () => {
    const validation = syntheticRows(2, 8, 4)
    const result = await train(
      { ...input({ batchSize: 64 }, syntheticRows(13, 8, 5)), validation, holdout: null },
      silent(),
    )
    expect(result.validationPearson).toEqual({ ensemble: null, ridge: null })
    expect(result.epochs.every((epoch) => Number.isFinite(epoch.validationLoss))).toBe(true)
    expect(result.holdout).toBeNull()
  })

  test('pairs that are all alike teach ridge the mean, and no number stops being one', async () => {
    const alike = (rows: number, seed: number): LabelledPairs => {
      const made = syntheticRows(rows, 8, seed)
      for (const side of [made.premise, made.hypothesis]) {
        side.fill(0)
        for (let row = 0; row < rows; row++) side[row * 8 + 2] = 1
      }
      return { ...made, group: new Int32Array(rows) }
    }
    const rows = alike(30, 1)
    const result = await train({ ...input({}, rows), validation: alike(6, 2), holdout: null }, silent())
    expect(result.validationPearson).toEqual({ ensemble: null, ridge: null })
    const weights = writeWeights({ ...readWeights(result.weights), used: 'ridge' })
    const scorer = await createScorer(weights, 1)
    const said = await scorer.predict(syntheticRows(4, 8, 3))
    await scorer.close()
    expect(Object.values(said).every((values) => values.every(Number.isFinite))).toBe(true)
    const all = [...rows.target, ...alike(6, 2).target]
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length
    for (const score of said.score) expect(score).toBeCloseTo(mean, 5)
  })

  test('a lead of the ensemble counts only where validation has groups enough', async () => {
    // Ridge cannot see a target that depends on the two texts' features in no straight line.
    const bent = (rows: number, seed: number, groups: number): LabelledPairs => {
      const made = syntheticRows(rows, 4, seed)
      const target = made.target.map((_, row) =>
        made.premise[row * 4]! * made.premise[row * 4 + 1]! > 0 ? 1 : 0,
      )
      return { ...made, target, group: Int32Array.from(target, (_, row) => row % groups) }
    }
    const used = async (groups: number): Promise<string> =>
      (
        await train(
          {
            ...input({ maximumEpochs: 30 }, bent(600, 1, 300)),
            validation: bent(80, 2, groups),
            holdout: null,
          },
          silent(),
        )
      ).used
    expect([await used(80), await used(5)]).toEqual(['ensemble', 'ridge'])
  })

  test('early stopping ends before the epochs are used up and says so', async () => {
    const result = await train(
      {
        ...input(),
        configuration: trainingConfiguration.parse({
          ...small,
          maximumEpochs: 100,
          patience: 2,
          minimumDelta: 0.05,
        }),
      },
      silent(),
    )
    expect(result.stoppingReason).toBe('early-stopping')
    expect(result.epochs.length).toBeLessThan(100)
  })

  test('refusals say what is wrong and what to do', async () => {
    const constant: LabelledPairs = { ...syntheticRows(30, 8, 1), target: new Float32Array(30).fill(0.5) }
    const none = syntheticRows(0, 8, 1)
    const crooked: LabelledPairs = { ...syntheticRows(30, 8, 1), weight: new Float32Array(29).fill(1) }
    const failures = [
      train(input({}, syntheticRows(9, 8, 1)), silent()),
      train(input({}, constant), silent()),
      train({ ...input(), validation: none }, silent()),
      train(input({}, crooked), silent()),
    ]
    expect(
      await Promise.all(failures.map((failure) => failure.catch((error: unknown) => error))),
    ).toMatchObject([
      { code: 'not-enough-labels', message: expect.stringContaining('at least 10 labelled pairs') as string },
      { code: 'not-enough-labels', message: expect.stringContaining('nothing to learn') as string },
      { code: 'not-enough-labels', message: expect.stringContaining('for validation') as string },
      { code: 'bad-request', message: expect.stringContaining('29 entries of weight') as string },
    ])
  })

  test('a loss that is no number ends the training within its epoch', async () => {
    const rows = syntheticRows(50, 8, 1)
    rows.premise[3] = NaN
    await expect(train(input({}, rows), silent())).rejects.toMatchObject({
      code: 'bad-options',
      message: expect.stringContaining('diverged in epoch 1') as string,
    })
  })
})

describe('predictions', () => {
  test.each(['ensemble', 'ridge'] as const)(
    'of the %s: the exported graph gives them to 1e-5',
    async (used) => {
      const trained = readWeights((await train(input(), silent())).weights)
      const bytes = writeWeights({ ...trained, used })
      expect(writeWeights(readWeights(bytes))).toEqual(bytes)
      const pool = syntheticRows(70, 8, 9)
      const scorer = await createScorer(bytes, 1)
      const own = await scorer.predict(pool)
      await scorer.close()

      const model = buildScoringModel(readWeights(bytes), false)
      expect(buildScoringModel(readWeights(bytes), false)).toEqual(model)
      const session = await InferenceSession.create(model)
      const results = await session.run({
        premise_embedding: new Tensor('float32', pool.premise, [70, 8]),
        hypothesis_embedding: new Tensor('float32', pool.hypothesis, [70, 8]),
      })
      for (const name of ['score', 'variance', 'low', 'high'] as const) {
        const exported = results[name]!.data as Float32Array
        expect(exported).toHaveLength(70)
        expect(Math.max(...exported.map((value, row) => Math.abs(value - own[name][row]!)))).toBeLessThan(
          1e-5,
        )
      }
      for (const row of pool.target.keys()) {
        const half = 1.96 * Math.sqrt(own.variance[row]! + trained.residualVariance)
        expect(own.low[row]).toBeCloseTo(Math.max(0, own.score[row]! - half), 5)
        expect(own.high[row]).toBeCloseTo(Math.min(1, own.score[row]! + half), 5)
        expect(own.memberLow[row]).toBeLessThanOrEqual(own.memberHigh[row]!)
      }
    },
  )

  test('embeddings of another width, and bytes that are no weights, are refused', async () => {
    const { weights } = await train(input(), silent())
    const scorer = await createScorer(weights, 1)
    await expect(scorer.predict(syntheticRows(3, 6, 1))).rejects.toMatchObject({ code: 'bad-request' })
    await scorer.close()
    await expect(createScorer(new Uint8Array(20), 1)).rejects.toMatchObject({
      code: 'bad-file',
    })
  })
})

describe('over a port', () => {
  test('epochs and progress arrive live; predict and evaluate answer', async () => {
    const [here, there] = createPortPair()
    serveTraining(there)
    const client = createClient(trainContract, here)
    const seen: string[] = []
    client.on('epoch', ({ epoch }) => void seen.push(`epoch ${epoch}`))
    client.on('progress', ({ phase }) => seen.at(-1) !== phase && void seen.push(phase))
    const trained = await client.call('train', input({ maximumEpochs: 2 }))
    const end = seen.findLastIndex((entry) => entry.startsWith('epoch'))
    expect([seen[0], seen[1], ...seen.slice(end - 2)]).toEqual([
      'Fitting baselines',
      'Training heads',
      'epoch 1',
      'Training heads',
      'epoch 2',
      'Judging',
      'Done',
    ])
    const { holdout } = input()
    const { weights } = trained
    expect(await client.call('evaluate', { weights, pairs: holdout, threads: 1 })).toEqual(trained.holdout)
    await expect(client.call('predict', { pairs: holdout })).rejects.toMatchObject({ code: 'bad-request' })
    await client.call('load', { weights, threads: 1 })
    const predicted = await client.call('predict', { pairs: holdout })
    expect(predicted.score).toHaveLength(80)
    client.close()
  })

  test('a cancel ends the training soon', async () => {
    const [here, there] = createPortPair()
    serveTraining(there)
    const client = createClient(trainContract, here)
    const controller = new AbortController()
    client.on('epoch', ({ epoch }) => {
      if (epoch === 2) controller.abort()
    })
    const epochs: number[] = []
    client.on('epoch', ({ epoch }) => void epochs.push(epoch))
    const long = {
      ...input(),
      configuration: trainingConfiguration.parse({ ...small, maximumEpochs: 500, patience: 100 }),
    }
    await expect(client.call('train', long, { signal: controller.signal })).rejects.toMatchObject({
      code: 'cancelled',
    })
    expect(epochs.length).toBeLessThan(6)
    client.close()
  })
})
