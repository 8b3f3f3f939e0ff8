import type * as Tensorflow from '@tensorflow/tfjs'
import { fromFloat16 } from '../../onnx/float16.ts'
import type { PairInputs } from '../features/pairInputs.ts'
import { pooledFeatures } from '../features/pooled.ts'
import { wholeGradient } from '../graph/memberGradient.ts'
import type { Operations } from '../graph/operations.ts'
import type { HeadInputs, TokenInputs } from '../heads/head.ts'
import { adamW, clipByNorm, gradientLimit, type AdamState } from '../optimiser/adamW.ts'
import type { TokenPairs } from '../trainContract.ts'
import { maskLayout } from '../training/masks.ts'
import type { Steps } from '../training/plan.ts'
import { rowCount, stateName, stateParts, type Trainer, type TrainerOptions } from '../training/trainer.ts'
import { dropoutMask } from '../training/trainingModel.ts'
import { tensorflowOperations } from './tensorflowOperations.ts'

type Tensor = Tensorflow.Tensor
type Library = typeof Tensorflow

/**
 * Trains a head with TensorFlow.js: the same head, loss and optimiser as the ONNX graph, with gradients of its own, on
 * whichever back end the given namespace has (`@tensorflow/tfjs`, or `@tensorflow/tfjs-node-gpu`).
 */
export function createTensorflowTrainer(tf: Library, options: TrainerOptions): Trainer {
  const { head, loss, size, initial } = options
  const operations = tensorflowOperations(tf)
  const specifications = head.parameters(size)
  const names = specifications.map(({ name }) => name)
  const rows = rowCount(options.inputs.pairs)
  const masks = maskLayout(head, size, options.batch)
  const fixed = {
    labels: tf.tensor2d(options.labels, [rows, options.labelColumns]),
    weight: tf.tensor2d(options.memberWeight, [size.members, rows]),
    maskPool: tf.tensor1d(options.maskPool ?? new Float32Array(1)),
    dropout: tf.tensor3d([...options.dropout], [size.members, 1, 1]),
  }
  const gatherTraining = createGather(tf, operations, options.inputs, size.members)
  const first = (part: (typeof stateParts)[number], name: string, length: number): Float32Array => {
    const values =
      'state' in initial
        ? initial.state.get(stateName(part, name))
        : part === 'value'
          ? initial.get(name)
          : new Float32Array(length)
    if (values === undefined) throw new RangeError(`There are no first weights of ${name}`)
    return values
  }
  let state = specifications.map(({ name, shape }): AdamState<Tensor> => {
    const length = shape.reduce((product, side) => product * side, 1)
    const make = (part: (typeof stateParts)[number]): Tensor =>
      tf.tensor(first(part, name, length), [...shape])
    return { value: make('value'), mean: make('mean'), square: make('square') }
  })

  const forward = (
    parameters: readonly Tensor[],
    inputs: HeadInputs<Tensor>,
    mask: (name: string) => Tensor | null,
  ): { predicted: Tensor } => {
    const parameter = (name: string): Tensor => {
      const value = parameters[names.indexOf(name)]
      if (value === undefined) throw new RangeError(`The head has no parameter ${name}`)
      return value
    }
    return head.forward(operations, parameter, inputs, mask, size)
  }

  /** One step: each member's loss before it, then the state after it, three tensors a parameter. */
  const step = (steps: Steps, number: number): Tensor[] => {
    const from = number * steps.batch
    const numbers = steps.rows.subarray(from, from + steps.batch)
    const indices = tf.tensor1d(numbers, 'int32')
    const counted = tf.tensor1d(steps.counted.subarray(from, from + steps.batch))
    const labels = tf.gather(fixed.labels, indices)
    const weight = tf.mul(tf.gather(fixed.weight, indices, 1), counted)
    const offset = steps.maskOffsets[number] ?? 0
    const mask = (name: string): Tensor | null => {
      const place = masks.masks.get(name)
      if (options.maskPool === null || place === undefined) return null
      const random = fixed.maskPool.slice(offset + place.start, place.length).reshape([...place.shape])
      return dropoutMask(operations, random, fixed.dropout)
    }
    const inputs = gatherTraining.gather(numbers)
    const memberLosses = (...parameters: Tensor[]): Tensor =>
      loss.apply(operations, forward(parameters, inputs, mask).predicted, labels, weight)
    const values = state.map(({ value }) => value)
    const gradients = tf.grads((...parameters) => tf.sum(memberLosses(...parameters)))(values)
    const clipped = clipByNorm(
      operations,
      gradients.map((gradient) => wholeGradient(operations, gradient)),
      gradientLimit,
    )
    const width = steps.members * 3
    const rates = tf.tensor2d(steps.rates.subarray(number * width, (number + 1) * width), [steps.members, 3])
    const rate = (index: number): Tensor => rates.slice([0, index], [steps.members, 1]).reshape([-1, 1, 1])
    const stepRates = { stepSize: rate(0), smallest: rate(1), keep: rate(2) }
    const next = state.flatMap((own, index) => {
      const gradient = clipped[index]
      const specification = specifications[index]
      if (gradient === undefined || specification === undefined) throw new RangeError('A gradient is missing')
      const moved = adamW(operations, own, gradient, stepRates, specification.decays)
      return [moved.value, moved.mean, moved.square]
    })
    return [memberLosses(...values), ...next]
  }

  const disposeState = (): void => {
    for (const own of state) tf.dispose([own.value, own.mean, own.square])
  }
  const read = async (part: (typeof stateParts)[number]): Promise<[string, Float32Array][]> =>
    Promise.all(
      state.map(async (own, index): Promise<[string, Float32Array]> => [
        names[index] ?? '',
        await own[part].data<'float32'>(),
      ]),
    )
  return {
    async train(steps) {
      const all = new Float32Array(steps.count * size.members)
      for (let number = 0; number < steps.count; number++) {
        const [losses, ...parts] = tf.tidy(() => step(steps, number))
        if (losses === undefined) throw new RangeError('A step gives losses')
        all.set(await losses.data<'float32'>(), number * size.members)
        losses.dispose()
        disposeState()
        state = gatherStates(parts)
      }
      return all
    },
    async predict(inputs, parameters) {
      const { gather, dispose } = createGather(tf, operations, inputs, size.members)
      const total = rowCount(inputs.pairs)
      const given = specifications.map(({ name, shape }, index) => {
        const values = parameters?.get(name)
        return values === undefined ? (state[index]?.value ?? tf.scalar(NaN)) : tf.tensor(values, [...shape])
      })
      const result = tf.tidy(() => {
        const all = Int32Array.from({ length: total }, (_, row) => row)
        return forward(given, gather(all), () => null).predicted
      })
      const predicted = await result.data<'float32'>()
      result.dispose()
      if (parameters !== undefined) tf.dispose(given)
      dispose()
      return predicted
    },
    parameters: async () => new Map(await read('value')),
    async state() {
      const parts = await Promise.all(
        stateParts.map(async (part) =>
          (await read(part)).map(([name, values]): [string, Float32Array] => [stateName(part, name), values]),
        ),
      )
      return { state: new Map(parts.flat()) }
    },
    dispose() {
      disposeState()
      tf.dispose(fixed)
      gatherTraining.dispose()
      return Promise.resolve()
    },
  }
}

/** Three tensors a parameter as states. */
function gatherStates(parts: readonly Tensor[]): AdamState<Tensor>[] {
  return parts.flatMap((value, index) => {
    const [mean, square] = [parts[index + 1], parts[index + 2]]
    return index % 3 === 0 && mean !== undefined && square !== undefined ? [{ value, mean, square }] : []
  })
}

/** What a head reads of the pairs numbered `rows`, made when it asks. */
function createGather(
  tf: Library,
  operations: Operations<Tensor>,
  { pairs, standardisation, frozen }: PairInputs,
  members: number,
): { gather: (rows: Int32Array) => HeadInputs<Tensor>; dispose: () => void } {
  const { dimension, tokens } = pairs
  const total = rowCount(pairs)
  const kept = {
    premise: tf.tensor2d(pairs.premise, [total, dimension]),
    hypothesis: tf.tensor2d(pairs.hypothesis, [total, dimension]),
    mean: tf.tensor1d(standardisation.mean),
    scale: tf.tensor1d(standardisation.scale),
    frozen: frozen === null ? null : tf.tensor3d(frozen, [members, total, frozen.length / members / total]),
    tokens:
      tokens === null
        ? null
        : tf.tensor2d(fromFloat16(tokens.values), [tokens.values.length / dimension, dimension]),
  }
  return {
    gather: (rows) => ({
      pooled() {
        const indices = tf.tensor1d(rows, 'int32')
        const features = pooledFeatures(
          operations,
          tf.gather(kept.premise, indices),
          tf.gather(kept.hypothesis, indices),
        )
        return tf.mul(tf.sub(features, kept.mean), kept.scale)
      },
      tokens() {
        if (tokens === null || kept.tokens === null) throw new RangeError('The pairs have no token vectors')
        return {
          premise: gatherTokens(tf, kept.tokens, tokens, rows, 'premise'),
          hypothesis: gatherTokens(tf, kept.tokens, tokens, rows, 'hypothesis'),
        }
      },
      frozen() {
        if (kept.frozen === null) throw new RangeError('The pairs have no frozen features')
        return tf.gather(kept.frozen, tf.tensor1d(rows, 'int32'), 1)
      },
    }),
    dispose() {
      for (const tensor of Object.values(kept)) tensor?.dispose()
    },
  }
}

/** Token vectors of one side's texts, padded to the longest with its last token, as the ONNX graph does. */
function gatherTokens(
  tf: Library,
  values: Tensorflow.Tensor2D,
  tokens: TokenPairs,
  rows: Int32Array,
  side: 'premise' | 'hypothesis',
): TokenInputs<Tensor> {
  const texts = rows.map((row) => tokens[side][row] ?? 0)
  const lengths = texts.map((text) => tokens.lengths[text] ?? 1)
  const longest = Math.max(...lengths)
  const numbers = new Int32Array(rows.length * longest)
  const mask = new Float32Array(rows.length * longest)
  for (const [row, text] of texts.entries())
    for (let place = 0; place < longest; place++) {
      const length = lengths[row] ?? 1
      numbers[row * longest + place] = (tokens.starts[text] ?? 0) + Math.min(place, length - 1)
      mask[row * longest + place] = place < length ? 1 : 0
    }
  return {
    vectors: tf.gather(values, tf.tensor1d(numbers, 'int32')),
    mask: tf.tensor2d(mask, [rows.length, longest]),
  }
}
