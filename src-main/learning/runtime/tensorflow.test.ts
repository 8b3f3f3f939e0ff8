import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, test } from 'vitest'
import { losses } from '../losses/registry.ts'
import { createTestTraining } from '../training/testTrainer.ts'
import type { Trainer, TrainerOptions, TrainerState } from '../training/trainer.ts'
import { createOnnxTrainer } from './onnxTrainer.ts'
import { createTensorflowTrainer } from './tensorflow.ts'

beforeAll(() => tf.setBackend('cpu'))

interface Trajectory {
  readonly losses: number[]
  readonly predicted: Float32Array
  readonly parameters: ReadonlyMap<string, Float32Array>
}

const epochs = 5

async function trajectory(
  trainer: Trainer,
  { options, steps }: ReturnType<typeof createTestTraining>,
): Promise<Trajectory> {
  const all: number[] = []
  for (let epoch = 1; epoch <= epochs; epoch++) all.push(...(await trainer.train(steps(epoch))))
  const predicted = await trainer.predict(options.inputs)
  const parameters = await trainer.parameters()
  await trainer.dispose()
  return { losses: all, predicted, parameters }
}

const onCpu = (options: TrainerOptions): Promise<Trainer> =>
  createOnnxTrainer(options, { provider: 'cpu', threads: 1 })

/** The largest distance, relative to the larger of both and `floor`. */
function distance(left: ArrayLike<number>, right: ArrayLike<number>, floor: number): number {
  expect(left).toHaveLength(right.length)
  let worst = 0
  for (let index = 0; index < left.length; index++) {
    const [one, other] = [left[index] ?? NaN, right[index] ?? NaN]
    const apart = Math.abs(one - other) / Math.max(Math.abs(one), Math.abs(other), floor)
    worst = Number.isNaN(apart) ? Infinity : Math.max(worst, apart)
  }
  return worst
}

const { mse, gaussian } = losses
const cases = [
  ['regression', 'mse', mse, 0],
  ['regression', 'mse', mse, 0.3],
  ['regression', 'the Gaussian loss', gaussian, 0.3],
  ['interaction', 'mse', mse, 0],
  ['interaction', 'mse', mse, 0.3],
  ['interaction', 'the Gaussian loss', gaussian, 0.3],
  ['spread', 'mse', mse, 0],
  ['spread', 'mse', mse, 0.3],
  ['abstention', 'a loss of its own', mse, 0],
  ['abstention', 'a loss of its own', mse, 0.3],
  ['nli', 'a loss of its own', mse, 0],
  ['nli', 'a loss of its own', mse, 0.3],
] as const

describe('ONNX graph and TensorFlow.js train alike', () => {
  test.each(cases)('%s with %s, dropout $3', async (name, _, loss, dropout) => {
    const training = createTestTraining(name, dropout, { loss })
    const before = tf.memory().numTensors
    const onnx = await trajectory(await onCpu(training.options), training)
    const tensorflow = await trajectory(createTensorflowTrainer(tf, training.options), training)
    expect(tf.memory().numTensors).toBe(before)

    const { members } = training.options.size
    expect(onnx.losses).toHaveLength(5 * epochs * members)
    // It learns, so more than a beginning is compared.
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
    expect(mean(onnx.losses.slice(-5 * members))).toBeLessThan(mean(onnx.losses.slice(0, 5 * members)) - 1e-3)
    // A loss of the Gaussian kind passes through 0, where nothing is near to it.
    expect(distance(onnx.losses, tensorflow.losses, loss === gaussian ? 1 : 0)).toBeLessThan(1e-5)
    expect(distance(onnx.predicted, tensorflow.predicted, 1)).toBeLessThan(1e-5)
    for (const [key, values] of onnx.parameters)
      expect(distance(values, tensorflow.parameters.get(key) ?? [], 1)).toBeLessThan(1e-4)
  })
})

test('a training goes on from its state to the same bits, and from that of the other back end to the same digits', async () => {
  const { options, steps } = createTestTraining('regression', 0.3)
  const whole = await onCpu(options)
  await whole.train(steps(1))
  const state = await whole.state()
  const expected = await whole.train(steps(2))
  const [onnx, tensorflow] = [
    await onCpu({ ...options, initial: state }),
    createTensorflowTrainer(tf, { ...options, initial: state }),
  ]
  expect(await onnx.train(steps(2))).toEqual(expected)
  expect(await onnx.state()).toEqual(await whole.state())
  expect(distance(await tensorflow.train(steps(2)), expected, 0)).toBeLessThan(1e-5)
  const names = ({ state: parts }: TrainerState): string[] => [...parts.keys()].toSorted()
  expect(names(await tensorflow.state())).toEqual(names(state))
  for (const trainer of [whole, onnx, tensorflow]) await trainer.dispose()
})

test('given weights are run in place of the present ones', async () => {
  const { options, steps } = createTestTraining('interaction', 0.3)
  const before = tf.memory().numTensors
  for (const trainer of [await onCpu(options), createTensorflowTrainer(tf, options)]) {
    const first = await trainer.predict(options.inputs)
    await trainer.train(steps(1))
    const later = await trainer.predict(options.inputs)
    expect(later).not.toEqual(first)
    const initial = options.initial as ReadonlyMap<string, Float32Array>
    expect(await trainer.predict(options.inputs, initial)).toEqual(first)
    expect(await trainer.predict(options.inputs)).toEqual(later)
    await trainer.dispose()
  }
  expect(tf.memory().numTensors).toBe(before)
})
