import { describe, expect, test } from 'vitest'
import { toFloat16 } from '../onnx/float16.ts'
import type { TrainingConfiguration } from '#shared/domain/run.ts'
import { createClient } from '#shared/rpc/client.ts'
import { createPortPair } from '#shared/rpc/port.ts'
import { fitBaselines } from './baselines/fitBaselines.ts'
import { pearson } from './metrics/correlation.ts'
import { consensusPrecision } from './metrics/consensusPrecision.ts'
import { fitConformal } from './calibration/conformal.ts'
import { headNames, type HeadName } from './heads/registry.ts'
import { losses } from './losses/registry.ts'
import { riskCoverage } from './metrics/riskCoverage.ts'
import { evaluate } from './scoring/evaluate.ts'
import { createScorer, scoreRivals } from './scoring/predict.ts'
import { serveTraining } from './serveTraining.ts'
import { describeMemberRange } from './strategies/reason.ts'
import { findNotFinite } from './testReport.ts'
import { syntheticRows, syntheticTokenRows } from './testRows.ts'
import { createListener, trainInput, withoutTokens } from './testTrainInput.ts'
import { train, type TrainInput, type TrainOutput } from './train.ts'
import { trainContract, type LabelledPairs } from './trainContract.ts'
import { wrongScores } from './training/calibrate.ts'
import { makeFolds } from './training/folds.ts'
import { createTestTraining } from './training/testTrainer.ts'
import { trainHead } from './training/trainHead.ts'
import { selectRows, sliceRows } from './training/trainer.ts'
import { readWeights } from './weights.ts'

/** Trains without interaction heads, on rows that ridge and pooled heads can learn from. */
function pooledInput(
  configuration: Partial<TrainingConfiguration> = {},
  rows: Partial<Pick<TrainInput, 'train' | 'validation' | 'holdout'>> = {},
): TrainInput {
  return trainInput(configuration, {
    train: syntheticRows(200, 8, 1),
    validation: syntheticRows(60, 8, 2),
    holdout: syntheticRows(80, 8, 3),
    ...rows,
  })
}

/** What is said of every run that has intervals or a signal. */
const seenBefore =
  'Intervals and when to abstain rest on validation pairs that also chose epochs and blend, so they may be slightly too sure: the holdout shows how they hold.'

/** Trains, and sees to it that no number of report or weights is none. */
async function trainFinite(input: TrainInput, listener = createListener()): Promise<TrainOutput> {
  const output = await train(input, listener)
  expect(findNotFinite(output.report)).toEqual([])
  const { calibration, cosine, heads, ridge, signal } = readWeights(output.weights)
  expect(findNotFinite({ calibration, cosine, heads, ridge, signal })).toEqual([])
  return output
}

const curvesOf = ({ report }: TrainOutput, head: HeadName) =>
  report.curves.find((curves) => curves.head === head)

describe('train', () => {
  test('learns, judges, reports, and gives the same bits for the same seed', async () => {
    const listener = createListener()
    const first = await trainFinite(pooledInput(), listener)
    const second = await train(pooledInput(), createListener())
    const other = await train(pooledInput({ hiddenWidth: 17 }), createListener())
    expect(second.weights).toEqual(first.weights)
    expect(other.weights).not.toEqual(first.weights)
    expect({ ...second.report, seconds: null }).toEqual({ ...first.report, seconds: null })

    const { report } = first
    const shares = listener.progress.map(([share]) => share)
    expect(shares.every((share, index) => share >= (shares[index - 1] ?? 0))).toBe(true)
    expect([shares[0], shares.at(-1)]).toEqual([0, 1])
    const told = report.curves.flatMap(({ head, epochs }) => epochs.map((record) => [head, record]))
    expect(listener.epochs).toEqual(told)
    const { epochs, bestEpoch } = curvesOf(first, 'regression')!
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6])
    expect(epochs.at(-1)!.trainingLoss).toBeLessThan(epochs[0]!.trainingLoss)
    const best = Math.max(...epochs.map(({ validationPearson }) => validationPearson ?? -1))
    expect(epochs[bestEpoch - 1]!.validationPearson).toBe(best)
    expect(report.validationPearson.regression).toBe(best)
    const kept = await evaluate(readWeights(first.weights), pooledInput().validation, 1)
    expect(kept.models.regression?.pearson?.value).toBeCloseTo(best, 5)

    const holdout = report.holdout!
    expect(holdout.models.regression!.pearson!.value).toBeGreaterThan(0.7)
    expect(holdout.baselines.ridge.pearson!.value).toBeGreaterThan(0.8)
    expect(holdout.models.ridge).toEqual(holdout.baselines.ridge)
    expect(holdout.baselines.mean.pearson).toBeNull()
    expect(holdout.used).toEqual(holdout.models[report.used])
    expect(holdout.models.interaction).toBeUndefined()
  })

  test('what it says of the rows it learnt from, it says without having seen them', async () => {
    const given = trainInput()
    const spoilt = { ...given.train, premise: given.train.premise.with(11, NaN) }
    const { report, unseen, weights } = await train({ ...given, train: spoilt }, createListener())
    expect([...unseen.train.rows.slice(0, 3), unseen.train.rows.length]).toEqual([0, 2, 3, 119])
    const pairs = selectRows(given.train, Uint32Array.from(unseen.train.rows))
    const scorer = await createScorer(weights, 1)
    const fitted = await scorer.predict(pairs)
    await scorer.close()
    const correlation = pearson(unseen.train.score, pairs.target)!
    expect(correlation).toBeCloseTo(report.outOfFoldPearson[report.used]!, 3)
    // Rows that were learnt from are known better by those that have.
    expect(pearson(fitted.score, pairs.target)!).toBeGreaterThan(correlation)
    expect(pearson(unseen.validation.score, given.validation.target)!).toBeCloseTo(
      report.validationPearson[report.used]!,
      3,
    )
    for (const { score, low, high, variance, spread } of Object.values(unseen)) {
      expect(score.every((own, row) => low[row]! <= own && own <= high[row]!)).toBe(true)
      expect([low.every((own) => own >= 0), high.every((own) => own <= 1)]).toEqual([true, true])
      expect(variance.every((own) => own > 0)).toBe(true)
      expect(spread?.length).toBe(score.length)
    }
    // The quantile is such that nine in ten of the validation rows lie within.
    const { low, high } = unseen.validation
    const inside = given.validation.target.filter((own, row) => low[row]! <= own && own <= high[row]!)
    expect(inside.length / 110).toBeGreaterThanOrEqual(0.9)
  })

  test('trains every head on what it needs, and the same bits again', async () => {
    const first = await trainFinite(trainInput())
    const second = await train(trainInput(), createListener())
    expect(second.weights).toEqual(first.weights)
    expect(first.report.curves.map(({ head, maximumEpochs }) => [head, maximumEpochs])).toEqual([
      ['regression', 6],
      ['interaction', 4],
      ['spread', 6],
      ['nli', 6],
      ['abstention', 6],
    ])
    expect(first.report.remarks).toEqual([seenBefore])
    expect(Object.values(first.report.blend).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9)
    const { holdout } = first.report
    expect(Object.keys(holdout!.models).toSorted()).toEqual(['blend', 'interaction', 'regression', 'ridge'])
    expect(Object.keys(holdout!.abstention!.curves).toSorted()).toEqual([
      'abstention',
      'spread',
      'threshold',
      'variance',
    ])
    expect(holdout!.conformal?.coverage?.value).toBeGreaterThan(0.7)
    expect(first.report.classes).toEqual(trainInput().classes)
  })

  test('interaction heads are left out where they are not wanted, or where token vectors are missing', async () => {
    const { train: rows, validation } = trainInput()
    const heads = async (input: TrainInput): Promise<string[]> =>
      (await trainFinite({ ...input, holdout: null })).report.curves.map(({ head }) => head)
    const others = ['regression', 'spread', 'nli', 'abstention']
    expect(await heads(trainInput({ interaction: false }))).toEqual(others)
    expect(await heads(trainInput({}, { train: withoutTokens(rows) }))).toEqual(others)
    expect(await heads(trainInput({}, { validation: withoutTokens(validation) }))).toEqual(others)
  })

  test.each(Object.keys(losses) as (keyof typeof losses)[])('learns with %s', async (loss) => {
    const output = await trainFinite(trainInput({ loss, maximumEpochs: 12 }, { holdout: null }))
    expect(curvesOf(output, 'regression')!.epochs.at(-1)!.validationPearson).toBeGreaterThan(0.4)
    expect(readWeights(output.weights).heads.regression!.size.columns).toBe(loss === 'gaussian' ? 2 : 1)
  })

  test('density weighting gives rare scores more weight', async () => {
    const plain = await train(pooledInput({}, { holdout: null }), createListener())
    const weighted = await trainFinite(pooledInput({ densityWeighting: true }, { holdout: null }))
    expect(weighted.weights).not.toEqual(plain.weights)
  })

  test('the ridge that is kept has learnt from validation rows, so intervals are fitted on what it said before', async () => {
    const input = trainInput({ interaction: false, maximumEpochs: 1 }, { holdout: null })
    const { report, weights } = await train(input, createListener())
    expect(report.used).toBe('ridge')
    const { validation, configuration } = input
    const precision = consensusPrecision(input.train.ratings)
    const weight = input.train.weight.map((own, row) => own * precision[row]!)
    const rows = { ...input.train, weight }
    const folds = makeFolds(rows.group, 3, configuration.seed)
    const { ridge } = await fitBaselines(rows, validation, folds, 1, () => Promise.resolve())
    const kept = await scoreRivals(readWeights(weights), validation, 1)
    const sigma = kept('sigma')!
    const honest = fitConformal(ridge.validationScores, validation.target, sigma, 0.9)
    expect(report.conformal?.quantile).toBeCloseTo(honest.quantile!, 4)
    const flattering = fitConformal(kept('score')!, validation.target, sigma, 0.9)
    expect(flattering.quantile).toBeLessThan(honest.quantile!)
    const aurcOf = (score: Float32Array): number => {
      const wrong = wrongScores(score, validation.target, input.tolerance)
      const doubt = score.map((value) => -Math.abs(value - 0.5))
      return riskCoverage(doubt, wrong.map(Number), validation.group).aurc!.value
    }
    expect(report.signal!.aurc.threshold).toBeCloseTo(aurcOf(ridge.validationScores), 4)
    expect(Math.abs(aurcOf(kept('score')!) - aurcOf(ridge.validationScores))).toBeGreaterThan(0.002)
  })

  test('early stopping ends before the epochs are used up and says so', async () => {
    const output = await train(
      pooledInput({ maximumEpochs: 100, patience: 2, minimumDelta: 0.05 }, { holdout: null }),
      createListener(),
    )
    const { stoppingReason, epochs } = curvesOf(output, 'regression')!
    expect(stoppingReason).toBe('early-stopping')
    expect(epochs.length).toBeLessThan(100)
  })

  test('a lead of the blend counts only where there are groups enough', async () => {
    // Ridge cannot see a target that depends on the two texts' features in no straight line.
    const bent = (rows: number, seed: number, groups: number): LabelledPairs => {
      const made = syntheticRows(rows, 4, seed)
      const target = made.target.map((_, row) =>
        made.premise[row * 4]! * made.premise[row * 4 + 1]! > 0 ? 1 : 0,
      )
      return { ...made, target, group: Int32Array.from(target, (_, row) => row % groups) }
    }
    const used = async (groups: number): Promise<string> => {
      const rows = { train: bent(600, 1, groups), validation: bent(80, 2, 2), holdout: null }
      return (await train(pooledInput({ maximumEpochs: 30 }, rows), createListener())).report.used
    }
    expect([await used(80), await used(3)]).toEqual(['blend', 'ridge'])
  })
})

describe('on bad ground', () => {
  test('a batch larger than the data, few rows and a validation of two rows work', async () => {
    const { report } = await trainFinite(
      pooledInput(
        { batchSize: 64 },
        { train: syntheticRows(13, 8, 5), validation: syntheticRows(2, 8, 4), holdout: null },
      ),
    )
    expect(Object.values(report.validationPearson)).toEqual([null, null, null])
    expect(report.holdout).toBeNull()
    expect(report.curves.map(({ head }) => head)).toEqual(['regression'])
    expect(report.conformal).toMatchObject({ n: 2, quantile: null })
    expect(report.remarks).not.toContain(seenBefore)
  })

  test('under 30 labels ridge or the cosine is used, and why is said', async () => {
    const { report, weights } = await trainFinite(
      trainInput({}, { train: syntheticTokenRows(20, 8, 1), validation: syntheticTokenRows(9, 8, 2) }),
    )
    expect(report.remarks[0]).toBe(
      'There are 29 rated pairs to learn from, fewer than 30: ridge or the cosine is used, since nothing would say which heads to trust.',
    )
    const { ridge, cosine, regression, interaction } = report.blend
    expect([ridge + cosine, ridge * cosine, regression, interaction]).toEqual([1, 0, 0, 0])
    expect(readWeights(weights).pooledBlend).toEqual(report.blend)
    const enough = await trainFinite(
      trainInput({}, { train: syntheticTokenRows(20, 8, 1), validation: syntheticTokenRows(10, 8, 2) }),
    )
    expect(enough.report.remarks.filter((remark) => remark.includes('fewer than 30'))).toEqual([])
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
    const { report, weights } = await trainFinite(
      pooledInput({}, { train: rows, validation: alike(6, 2), holdout: alike(5, 3) }),
    )
    expect(new Set(Object.values(report.validationPearson))).toEqual(new Set([null]))
    const judged = await scoreRivals(readWeights(weights), syntheticRows(4, 8, 3), 1)
    const scorer = await createScorer(weights, 1)
    const said = await scorer.predict(syntheticRows(4, 8, 3))
    await scorer.close()
    expect(findNotFinite(said)).toEqual([])
    const all = [...rows.target, ...alike(6, 2).target]
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length
    for (const score of judged('ridge')!) expect(score).toBeCloseTo(mean, 5)
  })

  test('pairs of one premise are dealt into folds singly, which is said', async () => {
    const rows = syntheticTokenRows(120, 8, 1)
    const { report } = await trainFinite(trainInput({}, { train: { ...rows, group: new Int32Array(120) } }))
    expect(report.remarks).toEqual([
      expect.stringContaining('fewer premises than folds') as string,
      seenBefore,
    ])
  })

  test('a project of one premise may use the blend, and says how that was judged', async () => {
    const alike = (rows: number, seed: number): LabelledPairs => {
      const made = syntheticTokenRows(rows, 8, seed)
      const premise = syntheticTokenRows(1, 8, 1).premise
      return {
        ...made,
        tokens: null,
        premise: made.premise.map((_, index) => premise[index % 8]!),
        // No straight line through the features tells it.
        target: made.target.map((_, row) =>
          made.hypothesis[row * 8]! * made.hypothesis[row * 8 + 1]! > 0 ? 1 : 0,
        ),
        group: new Int32Array(rows),
      }
    }
    const rows = { train: alike(400, 1), validation: alike(100, 2), holdout: null }
    const { report } = await trainFinite(trainInput({ maximumEpochs: 30, patience: 30 }, rows))
    expect(report.used).toBe('blend')
    expect(report.remarks).toContain(
      'All pairs share one premise, so whether the blend is better than ridge was judged pair by pair, not premise by premise.',
    )
  })

  test('pairs of one rater, without class labels, and scores that are all right, leave heads out with a remark', async () => {
    const rows = syntheticTokenRows(120, 8, 1)
    const plain = { ...rows, ratings: rows.ratings.map(() => 1), classes: null }
    const { report } = await trainFinite({ ...trainInput({}, { train: plain }), tolerance: 1 })
    expect(report.curves.map(({ head }) => head)).toEqual(['regression', 'interaction'])
    expect(report.remarks).toEqual([
      'No pair to learn from has two raters, so how far raters are apart cannot be predicted.',
      'Fewer than 10 scores out of fold are wrong (off by more than 1.00), or fewer than 10 are right: no abstention head is trained.',
      'Fewer than 10 validation scores are wrong (off by more than 1.00), or fewer than 10 are right: no pair is abstained from.',
      seenBefore,
    ])
    expect([report.signal, report.classes, report.holdout?.abstention]).toEqual([null, null, null])
  })

  test('features without spread say nothing, and the rest is learnt', async () => {
    const flat = (rows: number, seed: number): LabelledPairs => {
      const made = syntheticTokenRows(rows, 8, seed)
      for (let row = 0; row < rows; row++)
        for (const side of [made.premise, made.hypothesis]) side.fill(0.25, row * 8, row * 8 + 3)
      return made
    }
    const output = await trainFinite(
      trainInput({}, { train: flat(120, 1), validation: flat(110, 2), holdout: flat(60, 3) }),
    )
    expect([...readWeights(output.weights).standardisation.scale.subarray(0, 3)]).toEqual([0, 0, 0])
    expect(output.report.holdout!.baselines.ridge.pearson!.value).toBeGreaterThan(0.3)
  })

  test('pairs whose embeddings or token vectors are not finite are left out of each split, with a remark', async () => {
    const rows = syntheticTokenRows(120, 8, 1)
    const spoilt = { ...rows, premise: rows.premise.slice(), hypothesis: rows.hypothesis.slice() }
    spoilt.premise[3] = NaN
    spoilt.hypothesis[8 * 60] = -Infinity
    const { tokens } = syntheticTokenRows(110, 8, 2)
    const values = tokens!.values.slice()
    // The premise of rows 4 and 5.
    values[8 * tokens!.starts[tokens!.premise[4]!]!] = toFloat16(Float32Array.of(Infinity))[0]!
    const validation = { ...syntheticTokenRows(110, 8, 2), tokens: { ...tokens!, values } }
    const holdout = syntheticTokenRows(60, 8, 3)
    holdout.hypothesis[8] = NaN
    const { report } = await trainFinite(trainInput({}, { train: spoilt, validation, holdout }))
    expect(report.remarks).toEqual([
      'The embeddings of 2 of 120 training pairs hold numbers that are not finite, so these are left out.',
      'The embeddings of 2 of 110 validation pairs hold numbers that are not finite, so these are left out.',
      'The embeddings of 1 of 60 holdout pairs hold numbers that are not finite, so these are left out.',
      seenBefore,
    ])
    expect([report.conformal?.n, report.holdout?.used.n]).toEqual([108, 59])
  })

  test('refusals say what is wrong and what to do', async () => {
    const rows = syntheticRows(30, 8, 1)
    const { tokens } = syntheticTokenRows(30, 8, 1)
    const half = new Float32Array(30).fill(0.5)
    const refused = async (change: Partial<LabelledPairs>, split: 'train' | 'validation' = 'train') => {
      const input = pooledInput({}, { [split]: { ...rows, ...change } })
      return train(input, createListener()).catch((error: unknown) => error)
    }
    const short = (values: Float32Array): Float32Array => values.subarray(0, 29)
    const spoil = (values: Float32Array, value: number): Float32Array => values.with(3, value)
    const bad = (message: string) => ({
      code: 'bad-request',
      message: expect.stringContaining(message) as string,
    })
    expect(
      await train(pooledInput({}, { train: syntheticRows(9, 8, 1) }), createListener()).catch(
        (error: unknown) => error,
      ),
    ).toMatchObject({
      code: 'not-enough-labels',
      message: expect.stringContaining('at least 10 labelled pairs') as string,
    })
    expect(await refused({ target: half })).toMatchObject({
      code: 'not-enough-labels',
      message:
        'All 30 labelled training pairs have the score 0.5, so there is nothing to learn. Rate pairs of other degrees first.',
    })
    expect(
      await train(pooledInput({}, { validation: syntheticRows(0, 8, 1) }), createListener()).catch(
        (error: unknown) => error,
      ),
    ).toMatchObject({
      code: 'not-enough-labels',
      message: expect.stringContaining('for validation') as string,
    })
    expect(await refused({ weight: short(rows.weight) })).toMatchObject(bad('29 entries of weight'))
    expect(await refused({ deviation: short(rows.deviation) }, 'validation')).toMatchObject(
      bad('The validation split has 30 pairs but 29 entries of deviation'),
    )
    expect(await refused({ weight: spoil(rows.weight, 0) })).toMatchObject(
      bad('weight of the training split'),
    )
    expect(await refused({ target: spoil(rows.target, NaN) })).toMatchObject(
      bad('target of the training split'),
    )
    expect(await refused({ target: spoil(rows.target, 1.5) }, 'validation')).toMatchObject(
      bad('target of the validation split'),
    )
    expect(await refused({ deviation: spoil(rows.deviation, NaN) })).toMatchObject(
      bad('deviation of the training split'),
    )
    expect(await refused({ hypothesis: rows.hypothesis.subarray(8) })).toMatchObject(
      bad('embeddings do not pair up'),
    )
    expect(await refused({ premise: new Float32Array(240).fill(NaN) })).toMatchObject(
      bad(
        'The embeddings of 30 of 30 training pairs hold numbers that are not finite. Have their texts encoded again.',
      ),
    )
    for (const wrong of [
      { premise: tokens!.premise.subarray(1) },
      { premise: tokens!.premise.with(0, 1000) },
      { lengths: tokens!.lengths.with(0, 0) },
      { starts: tokens!.starts.with(0, -1) },
      { values: tokens!.values.subarray(8) },
    ])
      expect(await refused({ tokens: { ...tokens!, ...wrong } })).toMatchObject(bad('training token vectors'))
  })

  test.each(headNames)('a loss of %s that is no number ends the training within its epoch', async (name) => {
    const { options } = createTestTraining(name, 0.3)
    const rows = { inputs: options.inputs, labels: options.labels, weight: new Float32Array(78).fill(1) }
    const epochs: number[] = []
    const training = trainHead({
      name,
      loss: losses.mse,
      size: options.size,
      labelColumns: options.labelColumns,
      train: rows,
      validation: rows,
      folds: makeFolds(options.inputs.pairs.tokens!.premise, 3, 1),
      // Steps so wide that the weights overflow.
      schedule: {
        seed: 1,
        learningRate: 1e30,
        weightDecay: 0,
        dropout: 0.3,
        batchSize: 16,
        bootstrap: true,
        maximumEpochs: 5,
        patience: 5,
        minimumDelta: 0,
      },
      backend: { name: 'cpu', gpuFolder: '', threads: 1 },
      signal: new AbortController().signal,
      onEpoch: ({ epoch }) => void epochs.push(epoch),
      onProgress: () => undefined,
      checkpoints: null,
      resume: null,
    })
    await expect(training).rejects.toMatchObject({
      code: 'bad-options',
      message:
        'The training diverged in epoch 1: its loss is no longer a number. Train again with a learning rate lower than 1e+30.',
      details: { epoch: 1, learningRate: 1e30 },
    })
    expect(epochs).toEqual([])
  })

  test('embeddings of another width, and bytes that are no weights, are refused', async () => {
    const { weights } = await train(pooledInput({ maximumEpochs: 1 }, { holdout: null }), createListener())
    const scorer = await createScorer(weights, 1)
    await expect(scorer.predict(syntheticRows(3, 6, 1))).rejects.toMatchObject({ code: 'bad-request' })
    await scorer.close()
    await expect(createScorer(new Uint8Array(20), 1)).rejects.toMatchObject({ code: 'bad-file' })
  })
})

describe('over a port', () => {
  const open = () => {
    const [here, there] = createPortPair()
    serveTraining(there)
    return createClient(trainContract, here)
  }

  test('epochs and progress arrive live; predict and evaluate answer', async () => {
    const client = open()
    const seen: string[] = []
    client.on(
      'epoch',
      ({ head, maximumEpochs, record }) => void seen.push(`${head} ${record.epoch} of ${maximumEpochs}`),
    )
    client.on('progress', ({ phase }) => seen.at(-1) !== phase && void seen.push(phase))
    const input = trainInput({ maximumEpochs: 2, interactionEpochs: 1 })
    const { weights, report } = await client.call('train', input)
    expect(seen.filter((entry, index) => seen.indexOf(entry) === index)).toEqual([
      'Fitting baselines',
      'Training regression heads',
      'regression 1 of 2',
      'regression 2 of 2',
      'Training interaction heads',
      'interaction 1 of 1',
      'Training spread heads',
      'spread 1 of 2',
      'spread 2 of 2',
      'Training class heads',
      'nli 1 of 2',
      'nli 2 of 2',
      'Training abstention heads',
      'abstention 1 of 2',
      'abstention 2 of 2',
      'Judging',
      'Done',
    ])
    const holdout = input.holdout!
    expect(await client.call('evaluate', { weights, pairs: holdout, threads: 1 })).toEqual(report.holdout)
    await expect(client.call('predict', { pairs: holdout, keep: null })).rejects.toMatchObject({
      code: 'bad-request',
    })
    const loaded = await client.call('load', { weights, threads: 1 })
    const { signal, used, blend } = readWeights(weights)
    expect(loaded).toEqual({ readsTokens: used === 'blend' && blend.interaction > 0 })
    await expect(client.call('load', { weights: new Uint8Array(9), threads: 1 })).rejects.toMatchObject({
      code: 'bad-file',
    })
    const { abstainAbove, ...predicted } = await client.call('predict', { pairs: holdout, keep: null })
    expect(abstainAbove).toBe(signal?.abstainAbove ?? null)
    expect(Object.values(predicted).map((values) => values?.length)).toEqual(new Array(8).fill(60))
    const spoilt = { ...holdout, premise: holdout.premise.with(11, NaN) }
    const message = 'The embeddings of 1 of 60 predicted pairs hold numbers that are not finite.'
    await expect(client.call('predict', { pairs: spoilt, keep: null })).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining(message) as string,
    })
    await expect(client.call('evaluate', { weights, pairs: spoilt, threads: 1 })).rejects.toMatchObject({
      code: 'bad-request',
    })
    client.close()
  })

  test('scored pairs are kept by slot and ranked beside rated ones', async () => {
    const client = open()
    const { weights } = await client.call('train', pooledInput())
    await client.call('load', { weights, threads: 1 })
    const pool = withoutTokens(syntheticTokenRows(30, 8, 9))
    const rated = withoutTokens(syntheticTokenRows(12, 8, 10))
    // Rows 0–9 go to slots 0–9; then 10–19 take half of their places, and the rest is not kept.
    const first = sliceRows(pool, 0, 10)
    const second = sliceRows(pool, 10, 20)
    await client.call('predict', { pairs: first, keep: Int32Array.from({ length: 10 }, (_, row) => row) })
    const said = await client.call('predict', {
      pairs: second,
      keep: Int32Array.from({ length: 10 }, (_, row) => (row % 2 === 0 ? row : -1)),
    })
    const request = {
      labelled: rated,
      target: rated.target,
      strategy: 'ensemble-variance' as const,
      batchSize: 5,
      randomShare: 0,
      most: 10,
      again: 0,
      threshold: 0.5,
      seed: 1,
    }
    const ranked = await client.call('rank', request)
    const slots = ranked.choices.flatMap((choice) => (choice.ask === 'new-pair' ? [choice.slot] : []))
    expect([...slots].sort((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(ranked).toMatchObject({ considered: 10, remark: null })
    const six = ranked.choices.find((choice) => choice.ask === 'new-pair' && choice.slot === 6)
    expect(six).toMatchObject({
      kind: 'members',
      reason: describeMemberRange(3, said.memberLow[6]!, said.memberHigh[6]!),
    })
    expect(await client.call('rank', { ...request, again: 1 })).toMatchObject({
      choices: expect.arrayContaining([{ ask: 'another-rating', again: 0 }]) as unknown,
    })
    // Loading lets go of what was kept.
    await client.call('load', { weights, threads: 1 })
    expect((await client.call('rank', request)).choices).toEqual([])
    await expect(client.call('predict', { pairs: first, keep: new Int32Array(3) })).rejects.toMatchObject({
      code: 'bad-request',
    })
    client.close()
  })

  test('a cancel ends the training soon, and what it leaves behind is taken up', async () => {
    const client = open()
    const controller = new AbortController()
    const epochs: number[] = []
    const checkpoints: { epoch: number; state: Uint8Array }[] = []
    client.on('epoch', ({ record: { epoch } }) => {
      epochs.push(epoch)
      if (epoch === 2) controller.abort()
    })
    client.on('checkpoint', (checkpoint) => void checkpoints.push(checkpoint))
    const long = pooledInput({ maximumEpochs: 500, patience: 100 }, { holdout: null })
    await expect(client.call('train', long, { signal: controller.signal })).rejects.toMatchObject({
      code: 'cancelled',
    })
    expect(epochs.length).toBeLessThan(6)
    await expect.poll(() => checkpoints.at(-1)?.epoch).toBe(epochs.length)
    const before = epochs.length
    epochs.length = 0
    const again = new AbortController()
    client.on('epoch', ({ record: { epoch } }) => epoch > before && again.abort())
    const resumed = client.call(
      'train',
      { ...long, checkpoint: checkpoints.at(-1)!.state },
      { signal: again.signal },
    )
    await expect(resumed).rejects.toMatchObject({ code: 'cancelled' })
    expect(epochs.slice(0, before)).toEqual(Array.from({ length: before }, (_, index) => index + 1))
    client.close()
  })
})
