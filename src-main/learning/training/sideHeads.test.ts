import { beforeAll, describe, expect, test } from 'vitest'
import type { BlendWeights } from '#shared/domain/run.ts'
import { fitBaselines } from '../baselines/fitBaselines.ts'
import { blendScores } from '../blend.ts'
import { ensembleMean } from '../fit.ts'
import { fitRidgeOnTraining } from '../baselines/testRidge.ts'
import { losses } from '../losses/registry.ts'
import { itemDeviations } from '../metrics/itemDeviation.ts'
import { scoreRivals } from '../scoring/predict.ts'
import { syntheticClasses } from '../testRows.ts'
import { createListener, trainInput } from '../testTrainInput.ts'
import type { LabelledPairs } from '../trainContract.ts'
import type { LinearWeights, ModelWeights } from '../weights.ts'
import { makeFolds, outOfFold, type UnseenScores } from './folds.ts'
import { createHeadTrainer, type HeadRequest, type HeadTrainer } from './headTrainer.ts'
import { selectRows } from './trainer.ts'
import { trainAbstention, trainClasses, trainSpread, type SideTraining } from './sideHeads.ts'
import type { HeadResult, HeadSchedule } from './trainHead.ts'

const { train: rows, validation, configuration } = trainInput()
const tolerance = 0.15
const folds = makeFolds(rows.group, 3, 42)
const schedule: HeadSchedule = {
  seed: 42,
  learningRate: 0.01,
  weightDecay: 0.01,
  dropout: 0.2,
  batchSize: 16,
  bootstrap: true,
  maximumEpochs: 4,
  patience: 50,
  minimumDelta: 0.001,
}

/** A trainer of heads that keeps what it was asked for. */
function createTrainer(): HeadTrainer & { requests: HeadRequest[] } {
  const own = createHeadTrainer({
    configuration,
    tolerance,
    dimension: 8,
    backend: { name: 'cpu', gpuFolder: '', threads: 1 },
    resume: null,
    listener: createListener(),
  })
  const requests: HeadRequest[] = []
  return {
    requests,
    train(request) {
      requests.push(request)
      return own.train(request)
    },
    run: (...wanted) => own.run(...wanted),
  }
}

interface Ground {
  readonly baselines: Awaited<ReturnType<typeof fitBaselines>>
  readonly regression: HeadResult
  readonly interaction: HeadResult
  readonly ridge: LinearWeights
}

const pause = (): Promise<void> => Promise.resolve()
let ground: Ground
beforeAll(async () => {
  const baselines = await fitBaselines(rows, validation, folds, 1, pause)
  const trainer = createTrainer()
  const inputs = (pairs: LabelledPairs) => ({
    pairs,
    standardisation: baselines.standardisation,
    frozen: null,
  })
  const score = (name: 'regression' | 'interaction', maximumEpochs: number): Promise<HeadResult> =>
    trainer.train({
      name,
      hiddenWidth: 12,
      columns: losses.mse.columns,
      frozenWidth: 0,
      labelColumns: 1,
      train: { inputs: inputs(rows), labels: rows.target, weight: rows.weight },
      validation: { inputs: inputs(validation), labels: validation.target, weight: validation.weight },
      folds,
      schedule: { ...schedule, maximumEpochs, bootstrap: name === 'regression' },
      share: [0, 1],
    })
  ground = {
    baselines,
    regression: await score('regression', 4),
    interaction: await score('interaction', 24),
    ridge: await fitRidgeOnTraining(rows, baselines.ridge.lambda),
  }
})

function sideOf(trainer: HeadTrainer, change: Partial<SideTraining> = {}): SideTraining {
  const { standardisation } = ground.baselines
  return {
    rows,
    validation,
    inputs: (pairs, frozen = null) => ({ pairs, standardisation, frozen }),
    folds,
    trainer,
    schedule,
    share: [0.8, 0.95],
    remarks: [],
    ...change,
  }
}

const blend = { ridge: 0.2, cosine: 0.1, regression: 0.2, interaction: 0.5 }
const onlyRidge = { ridge: 1, cosine: 0, regression: 0, interaction: 0 }

/** What a blend says of rows that its models have not learnt from. */
function unseenOf(shares: BlendWeights): UnseenScores {
  const { baselines, regression, interaction } = ground
  return {
    train: blendScores(
      shares,
      {
        ridge: baselines.ridgeOutOfFold,
        cosine: baselines.cosineOutOfFold,
        regression: outOfFold(regression.train, 3, folds),
        interaction: outOfFold(interaction.train, 3, folds),
      },
      rows.target.length,
    ),
    validation: blendScores(
      shares,
      {
        ridge: baselines.ridge.validationScores,
        cosine: baselines.cosineValidation,
        regression: ensembleMean(regression.validation, 3),
        interaction: ensembleMean(interaction.validation, 3),
      },
      validation.target.length,
    ),
  }
}

function weightsOf(used: 'blend' | 'ridge', spread: HeadResult | null): ModelWeights {
  const { baselines, regression, interaction } = ground
  return {
    dimension: 8,
    used,
    heads: { regression, interaction, ...(spread === null ? {} : { spread }) },
    standardisation: baselines.standardisation,
    ridgeLambda: baselines.ridge.lambda,
    ridge: ground.ridge,
    hypothesisOnly: baselines.hypothesisOnly,
    cosine: baselines.cosine,
    mean: baselines.mean,
    blend,
    pooledBlend: onlyRidge,
    calibration: { from: Float64Array.of(0, 1), to: Float64Array.of(0, 1) },
    residualVariance: 0.01,
    conformal: { level: 0.9, n: 0, quantile: null, reason: null },
    signal: null,
    pooled: null,
    tolerance,
    classes: [],
  }
}

describe('the abstention head', () => {
  const train = async (used: 'blend' | 'ridge', withSpread: boolean) => {
    const trainer = createTrainer()
    const side = sideOf(trainer)
    const spread = withSpread ? await trainSpread(side, 12) : null
    const weights = weightsOf(used, spread)
    const unseen = unseenOf(used === 'blend' ? blend : onlyRidge)
    const models = { ...ground, spread }
    const result = await trainAbstention(side, { weights, unseen, models, tolerance })
    return { result: result!, request: trainer.requests.at(-1)!, weights, unseen }
  }

  test('learns whether scores out of fold are wrong', async () => {
    const { request, unseen: scores } = await train('blend', true)
    // By hand: the blend of what members that have not seen a row say of it, against its target.
    const wrong = Array.from(rows.target, (target, row) => {
      const member = folds.of[row]!
      const said = ({ train: own }: HeadResult): number => own[member * rows.target.length + row]!
      const score =
        blend.ridge * ground.baselines.ridgeOutOfFold[row]! +
        blend.cosine * ground.baselines.cosineOutOfFold[row]! +
        blend.regression * said(ground.regression) +
        blend.interaction * said(ground.interaction)
      return Math.abs(score - target) > tolerance
    })
    expect([...request.train.labels]).toEqual(wrong.flatMap((isWrong) => (isWrong ? [0, 1] : [1, 0])))
    // What the members' mean, which has seen the rows, gets wrong is something else.
    const fitted = ensembleMean(ground.interaction.train, 3)
    expect(Array.from(fitted, (score, row) => Math.abs(score - rows.target[row]!) > tolerance)).not.toEqual(
      wrong,
    )
    expect(request.validation.labels[1]).toBe(
      Number(Math.abs(scores.validation[0]! - validation.target[0]!) > tolerance),
    )
    expect(request.train.weight).toEqual(rows.weight)
  })

  test.each([
    ['blend', true],
    ['blend', false],
    ['ridge', true],
  ] as const)(
    'where the %s is used, spread %s: the scoring graph says what it said in training',
    async (used, withSpread) => {
      const { result, request, weights, unseen } = await train(used, withSpread)
      const said = ensembleMean(result.validation, 3, 2, 1)
      const complete = { ...weights, heads: { ...weights.heads, abstention: result } }
      const scored = await scoreRivals(complete, validation, 1)
      const uncertain = scored('uncertain')!
      expect(uncertain).toHaveLength(said.length)
      const apart = said.map((value, row) => Math.abs(value - uncertain[row]!))
      expect(Math.max(...apart)).toBeLessThan(1e-5)
      expect(Math.max(...said) - Math.min(...said)).toBeGreaterThan(0.05)
      const columns = 6 + (used === 'blend' ? 2 : 0) + (withSpread ? 1 : 0)
      expect(request.frozenWidth).toBe(12 + columns)
      const frozen = request.train.inputs.frozen!
      expect(frozen).toHaveLength(3 * rows.target.length * (12 + columns))
      // Row 5 as member 1 sees it: the trunk of the heavier head, then what is known out of fold.
      const { baselines, regression, interaction } = ground
      const trunk = used === 'blend' ? interaction : regression
      const hidden = await createTrainer().run(trunk, 'hidden', request.train.inputs)
      const at = (120 + 5) * 12
      const score = unseen.train[5]!
      const [other, paired] = [regression, interaction].map(({ train: own }) => outOfFold(own, 3, folds)[5]!)
      const expected = [
        ...hidden.subarray(at, at + 12),
        score,
        (score - 0.5) ** 2,
        baselines.ridgeOutOfFold[5]!,
        Math.abs(score - baselines.ridgeOutOfFold[5]!),
        baselines.cosines.train[5]!,
        Math.abs(score - other!),
        ...(used === 'blend' ? [paired!, Math.abs(score - paired!)] : []),
      ]
      const own = frozen.subarray((120 + 5) * (12 + columns))
      expected.forEach((value, index) => expect(own[index]).toBeCloseTo(value, 6))
    },
  )

  test('is not trained where wrong or right scores are too few', async () => {
    const trainer = createTrainer()
    const models = { ...ground, spread: null }
    const weights = weightsOf('blend', null)
    for (const [own, off] of [
      [0.999, '1.00'],
      [1e-9, '.00'],
    ] as const) {
      const side = sideOf(trainer)
      const unseen = unseenOf(blend)
      expect(await trainAbstention(side, { weights, unseen, models, tolerance: own })).toBeNull()
      expect(side.remarks).toEqual([
        `Fewer than 10 scores out of fold are wrong (off by more than ${off}), or fewer than 10 are right: no abstention head is trained.`,
      ])
    }
    const few = sideOf(trainer, { rows: selectRows(rows, Uint32Array.of(1, 2, 3)) })
    const unseen = { ...unseenOf(blend), train: unseenOf(blend).train.subarray(1, 4) }
    expect(await trainAbstention(few, { weights, unseen, models, tolerance })).toBeNull()
    expect(few.remarks).toEqual([
      'There are only 3 pairs to learn from, so no abstention head is trained: it takes 30.',
    ])
    expect(trainer.requests).toEqual([])
  })
})

describe('the spread head', () => {
  test('learns deviations shrunk together, weighed by raters', async () => {
    const trainer = createTrainer()
    const result = await trainSpread(sideOf(trainer), 12)
    const [request] = trainer.requests
    const { deviation } = itemDeviations({
      mean: [...rows.target, ...validation.target],
      deviation: [...rows.deviation, ...validation.deviation],
      ratings: [...rows.ratings, ...validation.ratings],
    })
    const several = (pairs: LabelledPairs): number[] =>
      [...pairs.ratings.keys()].filter((row) => pairs.ratings[row]! >= 2)
    expect([...request!.train.labels]).toEqual(several(rows).map((row) => Math.fround(deviation![row]!)))
    expect([...request!.validation.labels]).toEqual(
      several(validation).map((row) => Math.fround(deviation![120 + row]!)),
    )
    expect([...request!.train.weight]).toEqual(several(rows).map((row) => rows.ratings[row]! - 1))
    expect(several(rows)).toHaveLength(80)
    expect(request!.train.inputs.pairs).toEqual(selectRows(rows, Uint32Array.from(several(rows))))
    expect([...request!.folds.of]).toEqual(several(rows).map((row) => folds.of[row]))
    expect(result!.curves.epochs.every(({ validationPearson }) => validationPearson === null)).toBe(true)
  })

  test('is left out, with a remark, where raters are too few', async () => {
    const one = (pairs: LabelledPairs): LabelledPairs => ({ ...pairs, ratings: pairs.ratings.map(() => 1) })
    const some = { ...rows, ratings: rows.ratings.map((ratings, row) => (row < 30 ? ratings : 1)) }
    const trainer = createTrainer()
    const said = async (change: Partial<SideTraining>): Promise<string[]> => {
      const side = sideOf(trainer, change)
      expect(await trainSpread(side, 12)).toBeNull()
      return side.remarks
    }
    expect(await said({ rows: one(rows) })).toEqual([
      'No pair to learn from has two raters, so how far raters are apart cannot be predicted.',
    ])
    expect(await said({ rows: some })).toEqual([
      'Only 20 pairs to learn from have two raters or more, so how far raters are apart is not predicted: it takes 30.',
    ])
    expect(await said({ validation: one(validation) })).toEqual([
      'No validation pair has two raters, so how far raters are apart is not predicted.',
    ])
    expect(trainer.requests).toEqual([])
  })
})

describe('the class head', () => {
  const count = syntheticClasses.length

  test('learns shares of the rows that have a label', async () => {
    const trainer = createTrainer()
    const result = await trainClasses(sideOf(trainer), 12, count)
    const [request] = trainer.requests
    const labelled = [...rows.target.keys()].filter((row) => row % 5 !== 4)
    expect([...request!.train.labels]).toEqual(
      labelled.flatMap((row) => [...rows.classes!.subarray(3 * row, 3 * row + 3)]),
    )
    expect([...request!.train.weight]).toEqual(labelled.map(() => 1))
    expect(request!.train.inputs.pairs).toEqual(selectRows(rows, Uint32Array.from(labelled)))
    expect([...request!.folds.of]).toEqual(labelled.map((row) => folds.of[row]))
    expect(request!.validation.weight).toHaveLength(88)
    expect(result!.size.columns).toBe(3)
    const predicted = result!.validation
    for (let place = 0; place < predicted.length; place += 3)
      expect(predicted[place]! + predicted[place + 1]! + predicted[place + 2]!).toBeCloseTo(1, 5)
  })

  test('is left out without labels, and with a remark where they are too few', async () => {
    const trainer = createTrainer()
    const said = async (change: Partial<SideTraining>, classes = count): Promise<string[]> => {
      const side = sideOf(trainer, change)
      expect(await trainClasses(side, 12, classes)).toBeNull()
      return side.remarks
    }
    const only = (pairs: LabelledPairs, labelled: number): LabelledPairs => ({
      ...pairs,
      classes: pairs.classes!.map((share, place) => (place < 3 * labelled ? share : 0)),
    })
    expect(await said({ rows: { ...rows, classes: null } })).toEqual([])
    expect(await said({}, 1)).toEqual([])
    expect(await said({ rows: only(rows, 0) })).toEqual([])
    expect(await said({ rows: only(rows, 30) })).toEqual([
      'Only 24 pairs to learn from have a class label, so classes are not predicted: it takes 30.',
    ])
    for (const none of [only(validation, 0), { ...validation, classes: null }])
      expect(await said({ validation: none })).toEqual([
        'No validation pair has a class label, so classes are not predicted.',
      ])
    expect(trainer.requests).toEqual([])
  })
})
