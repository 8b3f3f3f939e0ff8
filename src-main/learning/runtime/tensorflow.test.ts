import * as tf from '@tensorflow/tfjs'
import { beforeAll, expect, test } from 'vitest'
import { heads } from '../heads/registry.ts'
import { losses } from '../losses/registry.ts'
import { syntheticRows } from '../testRows.ts'
import { createMaskPool, initialParameters, maskStarts, memberWeights } from '../training/initial.ts'
import { batchSizes, planEpoch } from '../training/plan.ts'
import type { Trainer, TrainerOptions } from '../training/trainer.ts'
import { createOnnxTrainer } from './onnxTrainer.ts'
import { createTensorflowTrainer } from './tensorflow.ts'

beforeAll(() => tf.setBackend('cpu'))

const rows = syntheticRows(150, 8, 1)
const size = { members: 3, featureWidth: 33, hiddenWidth: 16 }
const { batch } = batchSizes(150, 32)

function options(dropout: number): TrainerOptions {
  const [members, height, width] = heads.regression.maskShape(size, batch)
  return {
    head: heads.regression,
    loss: losses.mse,
    size,
    batch,
    pairs: rows,
    target: rows.target,
    memberWeight: memberWeights(rows.weight, size.members, 7),
    featureMean: new Float32Array(33).fill(0.01),
    featureScale: new Float32Array(33).fill(3),
    maskPool: dropout > 0 ? createMaskPool(members * height * width, dropout, 7) : null,
    initial: initialParameters(heads.regression, size, 7),
  }
}

async function trajectory(trainer: Trainer): Promise<{ losses: number[]; scores: number[] }> {
  const all: number[] = []
  for (let epoch = 1; epoch <= 5; epoch++) {
    const plan = { seed: 7, batchSize: 32, learningRate: 0.01, weightDecay: 0.1, maximumEpochs: 5 }
    all.push(...(await trainer.train(planEpoch({ ...plan, rows: 150, maskStarts }, epoch))))
  }
  const scores = [...(await trainer.score(rows))]
  await trainer.dispose()
  return { losses: all, scores }
}

test.each([0, 0.3])('ONNX graph and TensorFlow.js train alike, dropout %d', async (dropout) => {
  const before = tf.memory().numTensors
  const onnx = await trajectory(await createOnnxTrainer(options(dropout), { provider: 'cpu', threads: 1 }))
  const tensorflow = await trajectory(createTensorflowTrainer(tf, options(dropout)))
  expect(onnx.losses).toHaveLength(25 * size.members)
  expect(Math.min(...onnx.losses)).toBeLessThan(0.3 * (onnx.losses[0] ?? 0))
  const digits = (values: number[]): string[] => values.map((value) => value.toPrecision(5))
  const apart = onnx.losses.filter(
    (loss, index) => Math.abs(loss / (tensorflow.losses[index] ?? 0) - 1) > 1e-5,
  )
  expect(apart).toEqual([])
  expect(digits(onnx.losses.slice(0, 6))).toEqual(digits(tensorflow.losses.slice(0, 6)))
  const worst = Math.max(
    ...onnx.scores.map((score, index) => Math.abs(score - (tensorflow.scores[index] ?? 0))),
  )
  expect(worst).toBeLessThan(1e-5)
  expect(tf.memory().numTensors).toBe(before)
})
