import * as tf from '@tensorflow/tfjs'
import { beforeAll, expect, test } from 'vitest'
import { chooseThreads } from './chooseThreads.ts'
import { createTrainer, createTrainerOn } from './createTrainer.ts'
import { judge } from './ladder.ts'
import { probe } from './probe.ts'
import { fixedProblem, realisticProblem } from './probeProblem.ts'
import { expectedLosses } from './probeTrajectory.ts'
import { createTensorflowTrainer } from './tensorflow.ts'
import { timedSteps } from './timeSteps.ts'

beforeAll(() => tf.setBackend('cpu'))

/** The largest relative distance from the stored losses. */
function distance(losses: readonly (number | null)[]): number {
  expect(losses).toHaveLength(expectedLosses.length)
  return Math.max(
    ...expectedLosses.map((expected, index) => Math.abs((losses[index] ?? Infinity) / expected - 1)),
  )
}

test('the stored losses are those of ONNX Runtime and, with gradients of its own, of TensorFlow.js', async () => {
  const found = await probe({ name: 'cpu', gpuFolder: '', threads: 1 })
  expect(distance(found.losses)).toBeLessThan(2e-6)
  expect(found.millisecondsPerStep).toBeGreaterThan(0)
  expect(judge(new Map([['cpu', { kind: 'ran', ...found }]])).at(-1)).toMatchObject({ verdict: 'fit' })

  const { options, steps } = fixedProblem()
  const tensorflow = createTensorflowTrainer(tf, options)
  expect(distance([...(await tensorflow.train(steps))])).toBeLessThan(1e-5)
  await tensorflow.dispose()
})

test('the number of threads changes no bit of weights or losses, so it may be chosen by timing', async () => {
  const { options, steps } = realisticProblem()
  const bits = async (threads: number) => {
    const trainer = await createTrainerOn(options, { name: 'cpu', gpuFolder: '', threads })
    const losses = await trainer.train(steps)
    const result = {
      losses,
      said: await trainer.predict(options.inputs),
      weights: await trainer.parameters(),
    }
    await trainer.dispose()
    return result
  }
  const one = await bits(1)
  for (const threads of [2, 3, 4]) expect(await bits(threads)).toEqual(one)
})

test('threads are chosen from those allowed, and timing them leaves the training as it was', async () => {
  const { options } = fixedProblem()
  expect(await chooseThreads(options, 1)).toBe(1)
  const chosen = await createTrainer(options, { name: 'cpu', gpuFolder: '', threads: 4 })
  expect([1, 2, 4]).toContain(chosen.backend.threads)
  expect(chosen.backend.name).toBe('ONNX Runtime cpu')
  expect(distance([...(await chosen.trainer.train(fixedProblem().steps))])).toBeLessThan(2e-6)
  await chosen.trainer.dispose()
})

test('steps for the stopwatch leave the weights as they are', async () => {
  const { options } = fixedProblem()
  const trainer = await createTrainerOn(options, { name: 'cpu', gpuFolder: '', threads: 1 })
  const losses = await trainer.train(timedSteps(options, 3))
  expect(losses.every(Number.isFinite)).toBe(true)
  expect(await trainer.parameters()).toEqual(options.initial)
  await trainer.dispose()
})
