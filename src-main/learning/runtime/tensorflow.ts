import type * as Tensorflow from '@tensorflow/tfjs'
import { pooledFeatures } from '../features/pooled.ts'
import { adamW, clipByNorm, gradientLimit, type AdamState } from '../optimiser/adamW.ts'
import type { EmbeddedPairs } from '../trainContract.ts'
import type { Steps } from '../training/plan.ts'
import { rowCount, type Trainer, type TrainerOptions } from '../training/trainer.ts'
import { tensorflowOperations } from './tensorflowOperations.ts'

type Tensor = Tensorflow.Tensor

/**
 * Trains a head with TensorFlow.js: the same head, loss and optimiser as the ONNX graph, with gradients of its own, on
 * whichever back end the given namespace has (`@tensorflow/tfjs`, or `@tensorflow/tfjs-node-gpu`).
 */
export function createTensorflowTrainer(tf: typeof Tensorflow, options: TrainerOptions): Trainer {
  const { head, loss, size } = options
  const operations = tensorflowOperations(tf)
  const specifications = head.parameters(size)
  const names = specifications.map(({ name }) => name)
  const rows = rowCount(options.pairs)
  const maskShape = head.maskShape(size, options.batch)
  const fixed = {
    ...embeddings(tf, options.pairs),
    target: tf.tensor1d(options.target),
    weight: tf.tensor2d(options.memberWeight, [size.members, rows]),
    mean: tf.tensor1d(options.featureMean),
    scale: tf.tensor1d(options.featureScale),
    maskPool: tf.tensor1d(options.maskPool ?? new Float32Array(1)),
  }
  let state = specifications.map(({ name, shape }): AdamState<Tensor> => {
    const values = options.initial.get(name)
    if (values === undefined) throw new RangeError(`There are no first weights of ${name}`)
    return { value: tf.tensor(values, [...shape]), mean: tf.zeros([...shape]), square: tf.zeros([...shape]) }
  })

  const scores = (
    parameters: readonly Tensor[],
    premise: Tensor,
    hypothesis: Tensor,
    mask: Tensor | null,
  ): Tensor => {
    const plain = pooledFeatures(operations, premise, hypothesis)
    const features = tf.mul(tf.sub(plain, fixed.mean), fixed.scale)
    const parameter = (name: string): Tensor => {
      const value = parameters[names.indexOf(name)]
      if (value === undefined) throw new RangeError(`The head has no parameter ${name}`)
      return value
    }
    return head.score(operations, parameter, features, mask, size)
  }

  /** One step: each member's loss before it, then the state after it, three tensors a parameter. */
  const step = (steps: Steps, number: number): Tensor[] => {
    const from = number * steps.batch
    const indices = tf.tensor1d(steps.rows.subarray(from, from + steps.batch), 'int32')
    const counted = tf.tensor1d(steps.counted.subarray(from, from + steps.batch))
    const premise = tf.gather(fixed.premise, indices)
    const hypothesis = tf.gather(fixed.hypothesis, indices)
    const target = tf.gather(fixed.target, indices)
    const weight = tf.mul(tf.gather(fixed.weight, indices, 1), counted)
    const length = maskShape.reduce((product, side) => product * side, 1)
    const offset = steps.maskOffsets[number] ?? 0
    const mask =
      options.maskPool === null ? null : fixed.maskPool.slice(offset, length).reshape([...maskShape])

    const memberLosses = (...parameters: Tensor[]): Tensor =>
      loss(operations, scores(parameters, premise, hypothesis, mask), target, weight)
    const values = state.map(({ value }) => value)
    const gradients = tf.grads((...parameters) => tf.sum(memberLosses(...parameters)))(values)
    const clipped = clipByNorm(operations, gradients, gradientLimit)
    const [stepSize, smallest, keep] = Array.from(steps.rates.subarray(number * 3, number * 3 + 3), (rate) =>
      tf.scalar(rate),
    )
    if (stepSize === undefined || smallest === undefined || keep === undefined)
      throw new RangeError('A step has three rates')
    const next = state.flatMap((own, index) => {
      const gradient = clipped[index]
      const specification = specifications[index]
      if (gradient === undefined || specification === undefined) throw new RangeError('A gradient is missing')
      const moved = adamW(operations, own, gradient, { stepSize, smallest, keep }, specification.decays)
      return [moved.value, moved.mean, moved.square]
    })
    return [memberLosses(...values), ...next]
  }

  const disposeState = (): void => {
    for (const own of state) tf.dispose([own.value, own.mean, own.square])
  }
  return {
    async train(steps) {
      const all = new Float32Array(steps.count * size.members)
      for (let number = 0; number < steps.count; number++) {
        const [losses, ...parts] = tf.tidy(() => step(steps, number))
        if (losses === undefined) throw new RangeError('A step gives losses')
        all.set(await losses.data<'float32'>(), number * size.members)
        losses.dispose()
        disposeState()
        state = gather(parts)
      }
      return all
    },
    async score(pairs) {
      const result = tf.tidy(() => {
        const { premise, hypothesis } = embeddings(tf, pairs)
        return scores(
          state.map(({ value }) => value),
          premise,
          hypothesis,
          null,
        )
      })
      const values = await result.data<'float32'>()
      result.dispose()
      return values
    },
    async parameters() {
      const values = await Promise.all(state.map(({ value }) => value.data<'float32'>()))
      return new Map(names.map((name, index) => [name, values[index] ?? new Float32Array()]))
    },
    dispose() {
      disposeState()
      tf.dispose(fixed)
      return Promise.resolve()
    },
  }
}

/** Three tensors a parameter as states. */
function gather(parts: readonly Tensor[]): AdamState<Tensor>[] {
  return parts.flatMap((value, index) => {
    const [mean, square] = [parts[index + 1], parts[index + 2]]
    return index % 3 === 0 && mean !== undefined && square !== undefined ? [{ value, mean, square }] : []
  })
}

function embeddings(
  tf: typeof Tensorflow,
  pairs: EmbeddedPairs,
): { premise: Tensorflow.Tensor2D; hypothesis: Tensorflow.Tensor2D } {
  const shape: [number, number] = [rowCount(pairs), pairs.dimension]
  return { premise: tf.tensor2d(pairs.premise, shape), hypothesis: tf.tensor2d(pairs.hypothesis, shape) }
}
