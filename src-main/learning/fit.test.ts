import { expect, test } from 'vitest'
import type { EpochRecord } from '#shared/domain/run.ts'
import type { PairInputs } from './features/pairInputs.ts'
import { ensembleMean, fit, type Fit, type FitProgress } from './fit.ts'
import { pearson } from './metrics/correlation.ts'
import { syntheticRows } from './testRows.ts'
import type { Trainer } from './training/trainer.ts'

const target = [0, 0.25, 0.5, 0.75, 1]
const inputs: PairInputs = {
  pairs: syntheticRows(5, 2, 1),
  standardisation: { mean: new Float32Array(9), scale: new Float32Array(9).fill(1) },
  frozen: null,
}

/** Scores whose correlation with the target falls as the noise rises. */
const scoresWith = (noise: number): number[] =>
  target.map((value, row) => (value + noise * (row % 2)) / (1 + noise))

/** A trainer whose validation scores after each epoch are given, and whose one parameter is the number of the epoch. */
function scripted(
  epochs: readonly (readonly number[])[],
  stepsPerEpoch: number,
): Trainer & { steps: number } {
  const trainer = {
    steps: 0,
    train({ count }: { count: number }) {
      trainer.steps += count
      return Promise.resolve(new Float32Array(count).fill(0.5))
    },
    predict: () => Promise.resolve(Float32Array.from(epochs[trainer.steps / stepsPerEpoch - 1] ?? [])),
    state: () => Promise.resolve({ state: new Map([['steps', Float32Array.of(trainer.steps)]]) }),
    parameters: () => Promise.resolve(new Map([['epoch', Float32Array.of(trainer.steps / stepsPerEpoch)]])),
    dispose: () => Promise.resolve(),
  }
  return trainer
}

interface Told {
  readonly epochs: EpochRecord[]
  readonly shares: number[]
  readonly checkpoints: FitProgress[]
}

const tellNobody = (): Told => ({ epochs: [], shares: [], checkpoints: [] })

function run(
  trainer: Trainer,
  rows: number,
  options: { maximumEpochs: number; patience: number; minimumDelta: number },
  {
    told = tellNobody(),
    signal = new AbortController().signal,
    resume = null,
    due = () => true,
  }: { told?: Told; signal?: AbortSignal; resume?: FitProgress | null; due?: () => boolean } = {},
): Promise<Fit> {
  return fit(trainer, {
    plan: {
      seed: 1,
      batchSize: 10,
      maximumEpochs: options.maximumEpochs,
      rates: [{ learningRate: 0.01, weightDecay: 0 }],
      rows,
      maskStarts: 1,
      lengths: null,
    },
    members: 1,
    patience: options.patience,
    minimumDelta: options.minimumDelta,
    validate: () => trainer.predict(inputs),
    judge: (predicted) =>
      Promise.resolve({
        loss: predicted.reduce((sum, value, row) => sum + (value - (target[row] ?? 0)) ** 2, 0) / 5,
        pearson: pearson(predicted, target),
      }),
    signal,
    onEpoch: (record) => void told.epochs.push(record),
    onProgress: (share) => void told.shares.push(share),
    checkpoints: { isDue: () => due(), tell: (progress) => void told.checkpoints.push(progress) },
    resume,
  })
}

/** 100 rows in batches of 10: an epoch is ten steps. */
const tenSteps = 100
/** One step an epoch. */
const oneStep = 10

test('stops when the gain stays too small for too long, and keeps the weights and scores of the best epoch', async () => {
  // Epoch 3 is the best, but by less than minimumDelta over epoch 2, so the patience of 2 ends with epoch 4.
  const epochs = [1, 0.2, 0.19, 0.5, 0].map(scoresWith)
  const told = tellNobody()
  const found = await run(
    scripted(epochs, 10),
    tenSteps,
    { maximumEpochs: 5, patience: 2, minimumDelta: 0.01 },
    { told },
  )
  expect(found).toEqual({
    epochs: told.epochs,
    bestEpoch: 3,
    stoppingReason: 'early-stopping',
    parameters: new Map([['epoch', Float32Array.of(3)]]),
    validation: Float32Array.from(epochs[2] ?? []),
  })
  expect(told.epochs.map(({ epoch, trainingLoss }) => [epoch, trainingLoss])).toEqual(
    [1, 2, 3, 4].map((epoch) => [epoch, 0.5]),
  )
  expect(told.shares.at(-1)).toBe(4 / 5)
})

test('goes on to the last epoch while it gains', async () => {
  const found = await run(scripted([1, 0.6, 0.3].map(scoresWith), 10), tenSteps, {
    maximumEpochs: 3,
    patience: 1,
    minimumDelta: 0,
  })
  expect([found.bestEpoch, found.stoppingReason]).toEqual([3, 'maximum-epochs'])
})

test('where there is no correlation the validation loss decides', async () => {
  const constant = (value: number): number[] => target.map(() => value)
  const epochs = [0.9, 0.5, 0.7].map(constant)
  const found = await run(scripted(epochs, 10), tenSteps, { maximumEpochs: 3, patience: 3, minimumDelta: 0 })
  expect([found.bestEpoch, found.epochs.map(({ validationPearson }) => validationPearson)]).toEqual([
    2,
    [null, null, null],
  ])
})

test('where the loss decides, a small gain of a small loss is one', async () => {
  // The loss is .125 and the square of the distance from the mean: it falls by .3% each time, less than .001.
  const epochs = [0.01, 0.0096, 0.0092, 0.0088].map((square) => target.map(() => 0.5 + Math.sqrt(square)))
  const options = { maximumEpochs: 4, patience: 1, minimumDelta: 0.001 }
  const found = await run(scripted(epochs, 10), tenSteps, options)
  expect([found.bestEpoch, found.stoppingReason]).toEqual([4, 'maximum-epochs'])
  const large = await run(scripted(epochs, 10), tenSteps, { ...options, minimumDelta: 0.01 })
  expect([large.bestEpoch, large.epochs.length]).toEqual([2, 2])
})

test('epochs that end before ten steps are recorded, but neither kept nor counted', async () => {
  const epochs = [0, ...Array.from({ length: 8 }, () => 2), 0.8, 0.5, 0.6].map(scoresWith)
  const options = { maximumEpochs: 12, patience: 1, minimumDelta: 0 }
  const found = await run(scripted(epochs, 1), oneStep, options)
  expect([found.bestEpoch, found.epochs.length, found.stoppingReason]).toEqual([11, 12, 'early-stopping'])
  const short = await run(scripted(epochs, 1), oneStep, { ...options, maximumEpochs: 2 })
  expect([short.bestEpoch, short.stoppingReason]).toEqual([2, 'maximum-epochs'])
})

test('a step that breaks the weights is told by the validation loss', async () => {
  const broken = target.map(() => NaN)
  await expect(
    run(scripted([scoresWith(1), broken], 10), tenSteps, { maximumEpochs: 2, patience: 5, minimumDelta: 0 }),
  ).rejects.toMatchObject({ code: 'bad-options', details: { epoch: 2 } })
})

test('a cancel is heard between two calls of the back end', async () => {
  const controller = new AbortController()
  const trainer = scripted([], 10)
  const told = tellNobody()
  const ended = run(
    {
      ...trainer,
      train(steps) {
        controller.abort()
        return trainer.train(steps)
      },
    },
    tenSteps,
    { maximumEpochs: 5, patience: 5, minimumDelta: 0 },
    { told, signal: controller.signal },
  )
  await expect(ended).rejects.toMatchObject({ code: 'cancelled' })
  expect([trainer.steps, told.shares]).toEqual([1, [0.02]])
})

test('a fit goes on from any epoch to the same end, also from one at which it had ended', async () => {
  const epochs = [1, 0.5, 0.2, 0.19, 0.5, 0].map(scoresWith)
  const options = { maximumEpochs: 6, patience: 2, minimumDelta: 0.02 }
  const told = tellNobody()
  const whole = await run(scripted(epochs, 10), tenSteps, options, { told })
  expect([whole.bestEpoch, whole.epochs.length, whole.stoppingReason]).toEqual([4, 5, 'early-stopping'])
  expect(told.checkpoints.map(({ stepsDone }) => stepsDone)).toEqual([10, 20, 30, 40, 50])
  for (const resume of told.checkpoints) {
    const trainer = scripted(epochs, 10)
    trainer.steps = resume.trainer.state.get('steps')![0]!
    const later = tellNobody()
    expect(await run(trainer, tenSteps, options, { told: later, resume })).toEqual(whole)
    expect(later.epochs).toEqual(whole.epochs.slice(resume.epochs.length))
  }
})

test('the state is copied for epochs that are told, and for one that a cancel may cut short', async () => {
  const epochs = [1, 0.8, 0.6, 0.4, 0.2].map(scoresWith)
  const options = { maximumEpochs: 5, patience: 5, minimumDelta: 0 }
  /** Trains until a call of the back end, and tells after which epochs the state was copied and told. */
  const cancelledIn = async (
    lastCall: number,
    slow: boolean,
    due: boolean,
  ): Promise<[number[], number[]]> => {
    const controller = new AbortController()
    const told = tellNobody()
    const copied: number[] = []
    let calls = 0
    const trainer = scripted(epochs, 10)
    const train = trainer.train.bind(trainer)
    const state = trainer.state.bind(trainer)
    trainer.train = async (steps) => {
      if (++calls === lastCall) controller.abort()
      // So slow that the next call does a single step again.
      if (slow) await new Promise((resolve) => setTimeout(resolve, 130 * steps.count))
      return train(steps)
    }
    trainer.state = () => {
      copied.push(trainer.steps / 10)
      return state()
    }
    const training = run(trainer, tenSteps, options, { told, signal: controller.signal, due: () => due })
    await expect(training).rejects.toMatchObject({ code: 'cancelled' })
    return [copied, told.checkpoints.map((progress) => progress.epochs.length)]
  }
  // The first epoch takes two calls, while speed is not known; then each is one call.
  expect(await cancelledIn(4, false, true)).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ])
  expect(await cancelledIn(4, false, false)).toEqual([[1, 3], [3]])
  // In the middle of the second epoch, the state of the first is what is known.
  expect(await cancelledIn(12, true, false)).toEqual([[1], [1]])
})

test('the mean over members takes one column', () => {
  // Two members, two rows, three columns.
  const predicted = Float32Array.of(1, 2, 3, 4, 5, 6, 3, 4, 5, 8, 9, 10)
  expect([...ensembleMean(predicted, 2, 3, 1)]).toEqual([3, 7])
  expect([...ensembleMean(predicted, 2)]).toEqual([2, 3, 4, 6, 7, 8])
})
