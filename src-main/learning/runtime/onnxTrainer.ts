import { Tensor } from 'onnxruntime-node'
import { createGraphBuilder } from '../../onnx/graphBuilder.ts'
import { writeModel } from '../../onnx/writeModel.ts'
import { embeddingDimension, pooledFeatures } from '../features/pooled.ts'
import { createEmitter, type Value } from '../graph/emitter.ts'
import type { Head, HeadSize } from '../heads/head.ts'
import { rowCount, sliceRows, type Trainer, type TrainerOptions } from '../training/trainer.ts'
import { buildTrainingModel, standardise, stateName, stateParts } from '../training/trainingModel.ts'
import { createSession, embeddingTensors, floatsOf, runSession, type Provider } from './onnxRuntime.ts'

/** Rows scored at once: enough for full speed, few enough for little memory. */
const scoredAtOnce = 512

/** Writes the forward pass alone; the parameters are inputs. Output: `score` [members × rows]. */
export function buildForwardModel(head: Head, size: HeadSize): Uint8Array {
  const builder = createGraphBuilder('forward')
  const emit = createEmitter(builder)
  const input = (name: string, shape: readonly (number | string)[]): Value => ({
    name: builder.input(name, 'float32', shape),
    shape,
  })
  const parameters = new Map(
    head.parameters(size).map(({ name, shape }) => [name, input(stateName('value', name), shape)]),
  )
  const dimension = embeddingDimension(size.featureWidth)
  const features = standardise(
    emit,
    pooledFeatures(emit, input('premise', ['rows', dimension]), input('hypothesis', ['rows', dimension])),
    input('featureMean', [size.featureWidth]),
    input('featureScale', [size.featureWidth]),
  )
  const score = head.score(emit, (name) => take(parameters, name), features, null, size)
  builder.output(score.name, 'float32', [size.members, 'rows'])
  return writeModel({ graph: builder.build(), operatorSet: 20, producer: 'gradus', notes: {} })
}

function take<V>(values: ReadonlyMap<string, V>, name: string): V {
  const value = values.get(name)
  if (value === undefined) throw new RangeError(`There is no ${name}`)
  return value
}

/** What an ONNX graph is trained on. */
export interface OnnxBackend {
  readonly provider: Provider
  /** Threads of one operator on the CPU. */
  readonly threads: number
}

/** Trains a head through one ONNX graph that does many steps a run; see `onnxGpuTrainer` for webgpu. */
export async function createOnnxTrainer(
  options: TrainerOptions,
  { provider, threads }: OnnxBackend,
): Promise<Trainer> {
  const { head, size } = options
  const { members, featureWidth } = size
  const rows = rowCount(options.pairs)
  const training = await createSession(
    buildTrainingModel({
      head,
      loss: options.loss,
      size,
      batch: options.batch,
      dropout: options.maskPool !== null,
    }),
    threads,
    provider,
  )
  const forward = await createSession(buildForwardModel(head, size), threads, provider)

  let state = new Map<string, Tensor>()
  for (const { name, shape } of head.parameters(size)) {
    const initial = take(options.initial, name)
    for (const part of stateParts) {
      const values = part === 'value' ? initial : new Float32Array(initial.length)
      state.set(stateName(part, name), new Tensor('float32', values, shape))
    }
  }
  const scaling = {
    featureMean: new Tensor('float32', options.featureMean, [featureWidth]),
    featureScale: new Tensor('float32', options.featureScale, [featureWidth]),
  }
  const fixed = {
    ...embeddingTensors(options.pairs),
    ...scaling,
    target: new Tensor('float32', options.target, [rows]),
    weight: new Tensor('float32', options.memberWeight, [members, rows]),
    maskPool: poolTensor(options.maskPool),
  }

  return {
    async train(steps) {
      const { count, batch } = steps
      const result = await runSession(training, {
        ...Object.fromEntries(state),
        ...fixed,
        'rows:all': new Tensor('int64', BigInt64Array.from(steps.rows, BigInt), [count, batch]),
        'counted:all': new Tensor('float32', steps.counted, [count, batch]),
        'maskOffset:all': new Tensor('int64', BigInt64Array.from(steps.maskOffsets, BigInt), [count, 1]),
        'rates:all': new Tensor('float32', steps.rates, [count, 3]),
      })
      const next = new Map<string, Tensor>()
      for (const name of state.keys()) next.set(name, take(result, `next:${name}`))
      state = next
      return floatsOf(take(result, 'loss'))
    },
    async score(pairs) {
      const total = rowCount(pairs)
      const scores = new Float32Array(members * total)
      const values = Object.fromEntries([...state].filter(([name]) => name.startsWith('value:')))
      for (let start = 0; start < total; start += scoredAtOnce) {
        const end = Math.min(start + scoredAtOnce, total)
        const part = embeddingTensors(sliceRows(pairs, start, end))
        const [score] = (await runSession(forward, { ...values, ...scaling, ...part })).values()
        if (score === undefined) throw new RangeError('The forward graph has one output')
        const data = floatsOf(score)
        for (let member = 0; member < members; member++)
          scores.set(
            data.subarray(member * (end - start), (member + 1) * (end - start)),
            member * total + start,
          )
      }
      return scores
    },
    parameters: () =>
      Promise.resolve(
        new Map(
          head.parameters(size).map(({ name }) => [name, floatsOf(take(state, stateName('value', name)))]),
        ),
      ),
    async dispose() {
      await training.release()
      await forward.release()
    },
  }
}

/** A graph without dropout has no use for the pool and so no input for it. */
function poolTensor(pool: Float32Array | null): Tensor {
  const values = pool ?? new Float32Array(1)
  return new Tensor('float32', values, [values.length])
}
