import { InferenceSession, Tensor } from 'onnxruntime-node'
import { beforeAll, describe, expect, test } from 'vitest'
import { blendScores } from '../blend.ts'
import { conformalRanges, fitConformal } from '../calibration/conformal.ts'
import { fitRidgeOnTraining } from '../baselines/testRidge.ts'
import { applyIsotonic } from '../calibration/isotonic.ts'
import { thresholdForCoverage } from '../metrics/abstention.ts'
import { consensusPrecision } from '../metrics/consensusPrecision.ts'
import { fromFloat16 } from '../../onnx/float16.ts'
import { createListener, trainInput, withoutTokens } from '../testTrainInput.ts'
import { train, type TrainOutput } from '../train.ts'
import type { EmbeddedPairs } from '../trainContract.ts'
import { wrongScores } from '../training/calibrate.ts'
import { sliceRows } from '../training/trainer.ts'
import { readsTokens, readWeights, writeWeights, type ModelWeights } from '../weights.ts'
import { evaluate, signalsOf } from './evaluate.ts'
import { createScorer, scoreRivals, type ScoredColumns } from './predict.ts'
import { buildScoringModel, type ScoringOutput } from './scoringModel.ts'

/** Epochs enough for the interaction heads to be used. */
const input = trainInput({
  maximumEpochs: 8,
  interactionEpochs: 24,
  interactionBatchSize: 16,
  patience: 50,
})
const { validation, holdout } = input
let output: TrainOutput
let weights: ModelWeights
/** The weights with what they were calibrated with: a ridge that had not learnt from the validation rows. */
let asCalibrated: ModelWeights
beforeAll(async () => {
  output = await train(input, createListener())
  weights = readWeights(output.weights)
  const { train: rows } = input
  const precision = consensusPrecision(rows.ratings)
  const weight = rows.weight.map((own, row) => own * precision[row]!)
  asCalibrated = { ...weights, ridge: await fitRidgeOnTraining({ ...rows, weight }, weights.ridgeLambda) }
})

/** The weights as those of a run that uses ridge; its abstention head would be another. */
function withRidge(): ModelWeights {
  const others = { ...weights.heads }
  delete others.abstention
  return {
    ...weights,
    used: 'ridge',
    heads: others,
    signal: { name: 'variance', abstainAbove: 0.01 },
    pooled: null,
  }
}

/** A column that must be there. */
function columnOf(at: ScoredColumns, name: ScoringOutput): Float32Array {
  const values = at(name)
  if (values === null) throw new RangeError(`There is no ${name}`)
  return values
}

function farthest(left: ArrayLike<number>, right: ArrayLike<number>): number {
  expect(left).toHaveLength(right.length)
  return Array.from(left).reduce((most, value, row) => {
    const apart = Math.abs(value - (right[row] ?? NaN))
    return apart >= most || Number.isNaN(apart) ? apart : most
  }, 0)
}

test('interaction heads weigh in the blend here, and it is used', () => {
  expect(output.report.used).toBe('blend')
  expect(weights.blend.interaction).toBeGreaterThan(0.3)
  expect(readsTokens(weights)).toBe(true)
})

describe('with token vectors', () => {
  let at: ScoredColumns
  const column = (name: ScoringOutput): Float32Array => columnOf(at, name)
  beforeAll(async () => {
    at = await scoreRivals(weights, holdout!, 1)
  })

  test('the score is the blend of the models', () => {
    const blended = blendScores(
      weights.blend,
      {
        ridge: column('ridge'),
        cosine: column('cosine'),
        regression: column('regression'),
        interaction: column('interaction'),
      },
      60,
    )
    expect(farthest(column('score'), blended)).toBeLessThan(1e-6)
    expect(column('blend')).toEqual(column('score'))
  })

  test('intervals are those of the conformal fit, which validation rows made', async () => {
    const { quantile } = weights.conformal
    const { low, high } = conformalRanges(quantile!, column('score'), column('sigma'))
    expect(farthest(column('low'), low)).toBeLessThan(1e-5)
    expect(farthest(column('high'), high)).toBeLessThan(1e-5)
    const calibration = await scoreRivals(asCalibrated, validation, 1)
    const fitted = fitConformal(
      columnOf(calibration, 'score'),
      validation.target,
      columnOf(calibration, 'sigma'),
      0.9,
    )
    expect(fitted).toEqual({ ...weights.conformal, quantile: expect.closeTo(quantile!, 4) as number })
    expect(weights.conformal).toEqual(output.report.conformal)
  })

  test('sigma is made of the members’ variance and the predicted spread', () => {
    const [variance, spread] = [column('variance'), column('spread')]
    const sigma = variance.map((own, row) => Math.sqrt(own + spread[row]! ** 2))
    expect(farthest(column('sigma'), sigma)).toBeLessThan(1e-6)
    expect(Math.min(...spread)).toBeGreaterThanOrEqual(0.02)
    expect(Math.max(...spread)).toBeLessThanOrEqual(0.5)
  })

  test('the calibrated score is the isotonic map of the score', () => {
    const { from, to } = weights.calibration
    expect(from.length).toBeGreaterThan(3)
    expect(farthest(column('calibrated'), applyIsotonic({ from, to }, column('score')))).toBeLessThan(1e-5)
  })

  test('doubt is the signal that validation chose, at the coverage that is right there', async () => {
    const calibration = await scoreRivals(asCalibrated, validation, 1)
    const { name, abstainAbove } = weights.signal!
    const signals = signalsOf(calibration)
    const wrong = wrongScores(columnOf(calibration, 'score'), validation.target, input.tolerance)
    const right = wrong.filter((isWrong) => !isWrong).length / wrong.length
    expect(abstainAbove).toBeCloseTo(thresholdForCoverage(signals[name]!, right)!.threshold, 5)
    const { aurc } = output.report.signal!
    expect(Object.keys(aurc).toSorted()).toEqual(['abstention', 'spread', 'threshold', 'variance'])
    expect(aurc[name]).toBe(Math.min(...Object.values(aurc)))
    for (const signal of ['abstention', 'variance', 'spread', 'threshold'] as const) {
      const own = await scoreRivals({ ...weights, signal: { name: signal, abstainAbove: 0 } }, holdout!, 1)
      expect(own('doubt')).toEqual(signalsOf(own)[signal])
    }
  })

  test('class shares sum to 1', () => {
    const shares = column('classes')
    expect(shares).toHaveLength(3 * 60)
    for (let row = 0; row < 60; row++)
      expect(shares.subarray(3 * row, 3 * row + 3).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5)
  })

  test('rows run beside others are scored as alone', async () => {
    for (const row of [0, 7, 31]) {
      const alone = await scoreRivals(weights, sliceRows(holdout!, row, row + 1), 1)
      for (const name of ['score', 'uncertain', 'sigma', 'low'] as const)
        expect(columnOf(alone, name)[0]).toBeCloseTo(column(name)[row]!, 5)
    }
  })

  test('more rows than are scored at once come in their own order', async () => {
    const many = 150
    const picked = (side: Int32Array): Int32Array =>
      Int32Array.from({ length: many }, (_, row) => side[(7 * row) % 60]!)
    const vectors = (side: Float32Array): Float32Array => {
      const all = new Float32Array(many * 8)
      for (let row = 0; row < many; row++)
        all.set(side.subarray(((7 * row) % 60) * 8, ((7 * row) % 60) * 8 + 8), row * 8)
      return all
    }
    const { tokens } = holdout!
    const pairs: EmbeddedPairs = {
      dimension: 8,
      premise: vectors(holdout!.premise),
      hypothesis: vectors(holdout!.hypothesis),
      tokens: { ...tokens!, premise: picked(tokens!.premise), hypothesis: picked(tokens!.hypothesis) },
    }
    const all = await scoreRivals(weights, pairs, 1)
    const expected = Array.from({ length: many }, (_, row) => column('score')[(7 * row) % 60]!)
    expect(farthest(columnOf(all, 'score'), expected)).toBeLessThan(1e-6)
    const classes = columnOf(all, 'classes')
    expect(classes[3 * 149 + 1]).toBeCloseTo(column('classes')[3 * ((7 * 149) % 60) + 1]!, 6)
  })
})

describe('without token vectors', () => {
  test('pairs are scored by the blend of what needs none', async () => {
    const pairs = withoutTokens(holdout!)
    const at = await scoreRivals(weights, pairs, 1)
    const rivals = {
      ridge: columnOf(at, 'ridge'),
      cosine: columnOf(at, 'cosine'),
      regression: columnOf(at, 'regression'),
    }
    expect(at('interaction')).toBeNull()
    const { pooledBlend } = weights
    expect([
      pooledBlend.interaction,
      pooledBlend.ridge + pooledBlend.cosine + pooledBlend.regression,
    ]).toEqual([0, expect.closeTo(1, 9)])
    const pooled = blendScores(pooledBlend, rivals, 60)
    expect(farthest(columnOf(at, 'score'), pooled)).toBeLessThan(1e-6)

    const scorer = await createScorer(output.weights, 1)
    const [with_, without] = [await scorer.predict(holdout!), await scorer.predict(pairs)]
    await scorer.close()
    expect(farthest(without.score, pooled)).toBeLessThan(1e-6)
    expect(farthest(with_.score, columnOf(await scoreRivals(weights, holdout!, 1), 'score'))).toBeLessThan(
      1e-6,
    )
    expect(farthest(with_.score, without.score)).toBeGreaterThan(0.01)
  })

  test('they have intervals and a threshold of their own, which validation rows made without token vectors', async () => {
    const { conformal, signal } = weights.pooled!
    const calibration = await scoreRivals(asCalibrated, withoutTokens(validation), 1)
    const score = columnOf(calibration, 'score')
    const fitted = fitConformal(score, validation.target, columnOf(calibration, 'sigma'), 0.9)
    expect(conformal).toEqual({ ...fitted, quantile: expect.closeTo(fitted.quantile!, 4) as number })
    expect(Math.abs(conformal.quantile! - weights.conformal.quantile!)).toBeGreaterThan(0.01)
    const wrong = wrongScores(score, validation.target, input.tolerance)
    const right = wrong.filter((isWrong) => !isWrong).length / wrong.length
    const signals = signalsOf(calibration)
    expect(Object.keys(signals)).not.toContain('abstention')
    expect(signal!.abstainAbove).toBeCloseTo(
      thresholdForCoverage(signals[signal!.name]!, right)!.threshold,
      5,
    )

    const at = await scoreRivals(weights, withoutTokens(holdout!), 1)
    const ranges = conformalRanges(conformal.quantile!, columnOf(at, 'score'), columnOf(at, 'sigma'))
    expect(farthest(columnOf(at, 'low'), ranges.low)).toBeLessThan(1e-5)
    expect(columnOf(at, 'doubt')).toEqual(signalsOf(at)[signal!.name])
    const scorer = await createScorer(output.weights, 1)
    const thresholds = [await scorer.predict(holdout!), await scorer.predict(withoutTokens(holdout!))].map(
      ({ abstainAbove }) => abstainAbove,
    )
    await scorer.close()
    expect(thresholds).toEqual([weights.signal!.abstainAbove, signal!.abstainAbove])
    const judged = await evaluate(weights, withoutTokens(holdout!), 1)
    expect([judged.conformal?.fit, judged.abstention?.signal]).toEqual([conformal, signal!.name])
  })

  test('weights of a program that fitted none have those of the score in full', async () => {
    const older = { ...weights, pooled: null }
    const at = await scoreRivals(older, withoutTokens(holdout!), 1)
    const { quantile } = weights.conformal
    const { low } = conformalRanges(quantile!, columnOf(at, 'score'), columnOf(at, 'sigma'))
    expect(farthest(columnOf(at, 'low'), low)).toBeLessThan(1e-5)
  })

  test('an abstention head that stands on interaction heads says nothing', async () => {
    expect((await scoreRivals(weights, withoutTokens(holdout!), 1))('uncertain')).toBeNull()
    expect((await scoreRivals(weights, holdout!, 1))('uncertain')).toHaveLength(60)
  })

  test('where ridge is used, token vectors change neither score nor uncertainty', async () => {
    const ridge = withRidge()
    expect(weights.blend.regression).not.toBe(weights.pooledBlend.regression)
    const [with_, without] = [
      await scoreRivals(ridge, holdout!, 1),
      await scoreRivals(ridge, withoutTokens(holdout!), 1),
    ]
    // What intervals and thresholds are calibrated on is what pairs are scored with.
    for (const name of ['score', 'variance', 'sigma', 'low', 'high', 'member_low'] as const)
      expect(with_(name), name).toEqual(without(name))
    const scorer = await createScorer(writeWeights(ridge), 1)
    const predicted = await scorer.predict(holdout!)
    await scorer.close()
    expect(predicted.variance).toEqual(with_('variance'))
  })
})

describe('the exported graph', () => {
  /** Inputs as whoever runs the graph elsewhere makes them: padding holds zeros. */
  function feedsOf(pairs: EmbeddedPairs, tokens: boolean): Record<string, Tensor> {
    const rows = pairs.premise.length / 8
    const feeds: Record<string, Tensor> = {
      premise_embedding: new Tensor('float32', pairs.premise, [rows, 8]),
      hypothesis_embedding: new Tensor('float32', pairs.hypothesis, [rows, 8]),
    }
    if (!tokens || pairs.tokens === null) return feeds
    const { values, starts, lengths } = pairs.tokens
    for (const side of ['premise', 'hypothesis'] as const) {
      const longest = Math.max(...pairs.tokens[side].map((text) => lengths[text]!)) + 2
      const vectors = new Float32Array(rows * longest * 8)
      const mask = new Float32Array(rows * longest)
      for (const [row, text] of pairs.tokens[side].entries()) {
        const [start, length] = [starts[text]!, lengths[text]!]
        vectors.set(fromFloat16(values.subarray(start * 8, (start + length) * 8)), row * longest * 8)
        mask.fill(1, row * longest, row * longest + length)
      }
      feeds[`${side}_tokens`] = new Tensor('float32', vectors, [rows, longest, 8])
      feeds[`${side}_mask`] = new Tensor('float32', mask, [rows, longest])
    }
    return feeds
  }

  test.each([
    ['blend', true],
    ['blend', false],
    ['ridge', false],
  ] as const)(
    'of the %s, tokens %s: gives the predictions to 1e-5, and equal weights equal bytes',
    async (used, tokens) => {
      const bytes = writeWeights(used === 'ridge' ? withRidge() : weights)
      const scorer = await createScorer(bytes, 1)
      const own = await scorer.predict(tokens ? holdout! : withoutTokens(holdout!))
      await scorer.close()
      const { model, outputs } = buildScoringModel(readWeights(bytes), { tokens, rivals: false })
      expect(buildScoringModel(readWeights(bytes), { tokens, rivals: false })).toEqual({ model, outputs })
      const session = await InferenceSession.create(model, { logSeverityLevel: 3 })
      const results = await session.run(feedsOf(holdout!, tokens))
      expect(Object.keys(results)).toEqual(outputs)
      const at = (name: string): Float32Array => results[name]!.data as Float32Array
      expect(farthest(at('score'), own.score)).toBeLessThan(1e-5)
      expect(farthest(at('variance'), own.variance)).toBeLessThan(1e-5)
      expect(farthest(at('low'), own.low)).toBeLessThan(1e-5)
      expect(farthest(at('high'), own.high)).toBeLessThan(1e-5)
      expect(farthest(at('member_low'), own.memberLow)).toBeLessThan(1e-5)
      expect(farthest(at('member_high'), own.memberHigh)).toBeLessThan(1e-5)
      expect(farthest(at('spread'), own.spread!)).toBeLessThan(1e-5)
      for (const row of own.score.keys()) {
        expect(own.memberLow[row]).toBeLessThanOrEqual(own.memberHigh[row]!)
        expect(own.low[row]).toBeLessThanOrEqual(own.score[row]!)
        expect(own.high[row]).toBeGreaterThanOrEqual(own.score[row]!)
      }
      await session.release()
    },
  )

  test('isotonic maps of one knot, of a step, and of knots that float32 makes one give numbers', async () => {
    const at = async (from: number[], to: number[]): Promise<Float32Array> => {
      const map = { from: Float64Array.from(from), to: Float64Array.from(to) }
      const bytes = writeWeights({ ...withRidge(), cosine: map, calibration: map })
      const rivals = await scoreRivals(readWeights(bytes), withoutTokens(holdout!), 1)
      expect(
        farthest(columnOf(rivals, 'calibrated'), applyIsotonic(map, columnOf(rivals, 'score'))),
      ).toBeLessThan(1e-5)
      return columnOf(rivals, 'cosine')
    }
    expect(new Set(await at([0.5], [0.25]))).toEqual(new Set([0.25]))
    expect(new Set(await at([-1, 1], [0.5, 0.5]))).toEqual(new Set([0.5]))
    // The score at which the map jumps is one of those scored.
    const score = columnOf(await scoreRivals(withRidge(), withoutTokens(holdout!), 1), 'score')
    const middle = score[3]!
    const map = { from: Float64Array.of(0, middle, middle + 1e-12, 1), to: Float64Array.of(0, 0.2, 0.8, 1) }
    const bytes = writeWeights({ ...withRidge(), calibration: map })
    const calibrated = columnOf(
      await scoreRivals(readWeights(bytes), withoutTokens(holdout!), 1),
      'calibrated',
    )
    expect(calibrated.every(Number.isFinite)).toBe(true)
    for (const [row, value] of score.entries())
      if (row !== 3) expect(calibrated[row]).toBeCloseTo(applyIsotonic(map, [value])[0]!, 4)
  })
})
