import { Tensor, type InferenceSession } from 'onnxruntime-node'
import { createGraphBuilder } from '../../onnx/graphBuilder.ts'
import { writeModel } from '../../onnx/writeModel.ts'
import { declarePairInputs, gatherPairInputs, pairTensors, type PairInputs } from '../features/pairInputs.ts'
import { createEmitter, type Value } from '../graph/emitter.ts'
import type { Head, HeadSize } from '../heads/head.ts'
import {
  rowCount,
  stateName,
  stateParts,
  tokenCounts,
  type HeadOutput,
  type Trainer,
  type TrainerOptions,
} from '../training/trainer.ts'
import { buildTrainingModel } from '../training/trainingModel.ts'
import { createSession, floatsOf, openBeside, runSession, type Provider } from './onnxRuntime.ts'

/** Rows run at once: enough for full speed, few enough for little memory, since tokens take much more. */
const rowsAtOnce = { pooled: 512, tokens: 64 }

/**
 * Writes the forward pass alone: the parameters, what the head reads of all pairs, and `rows`, the numbers of those
 * wanted, are inputs. Outputs: `predicted` [members × rows × columns], `hidden` [members × rows × trunkWidth].
 */
function buildForwardModel(head: Head, size: HeadSize): Uint8Array {
  const builder = createGraphBuilder('forward')
  const emit = createEmitter(builder)
  const parameters = new Map(
    head
      .parameters(size)
      .map(({ name, shape }): [string, Value] => [
        name,
        { name: builder.input(stateName('value', name), 'float32', shape), shape },
      ]),
  )
  for (const [name, type, shape] of declarePairInputs(head.needs, size)) builder.input(name, type, shape)
  const rows: Value = { name: builder.input('rows', 'int64', ['rows']), shape: ['rows'] }
  const { predicted, hidden } = head.forward(
    emit,
    (name) => take(parameters, name),
    gatherPairInputs(emit, size, rows),
    () => null,
    size,
  )
  for (const [name, value, width] of [
    ['predicted', predicted, size.columns],
    ['hidden', hidden, head.trunkWidth(size)],
  ] as const) {
    builder.node('Identity', [value.name], {}, name)
    builder.output(name, 'float32', [size.members, 'rows', width])
  }
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
export async function createOnnxTrainer(options: TrainerOptions, backend: OnnxBackend): Promise<Trainer> {
  const { head, size, labelColumns } = options
  const { members } = size
  const specifications = head.parameters(size)
  const training = await createSession(
    buildTrainingModel({
      head,
      loss: options.loss,
      size,
      labelColumns,
      batch: options.batch,
      dropout: options.maskPool !== null,
    }),
    backend.threads,
    backend.provider,
  )
  const forward = await openBeside(
    () => training.release(),
    () => createForward(head, size, backend),
  )

  let state = new Map(firstState(options))
  const fixed = fixedTensors(options)
  const parameters = (): ReadonlyMap<string, Float32Array> =>
    new Map(specifications.map(({ name }) => [name, floatsOf(take(state, stateName('value', name)))]))

  return {
    async train(steps) {
      const { count, batch } = steps
      const result = await runSession(training, {
        ...Object.fromEntries(state),
        ...fixed,
        'rows:all': new Tensor('int64', BigInt64Array.from(steps.rows, BigInt), [count, batch]),
        'counted:all': new Tensor('float32', steps.counted, [count, batch]),
        'maskOffset:all': new Tensor('int64', BigInt64Array.from(steps.maskOffsets, BigInt), [count, 1]),
        'rates:all': new Tensor('float32', steps.rates, [count, members, 3]),
      })
      const next = new Map<string, Tensor>()
      for (const name of state.keys()) next.set(name, take(result, `next:${name}`))
      state = next
      return floatsOf(take(result, 'loss'))
    },
    predict: (inputs, given = parameters()) => forward.run('predicted', inputs, given),
    parameters: () => Promise.resolve(parameters()),
    state: () =>
      Promise.resolve({ state: new Map([...state].map(([name, value]) => [name, floatsOf(value)])) }),
    async dispose() {
      await training.release()
      await forward.close()
    },
  }
}

/** The state a training begins with, by `stateName`. */
export function firstState({ head, size, initial }: TrainerOptions): [string, Tensor][] {
  return head.parameters(size).flatMap(({ name, shape }) =>
    stateParts.map((part): [string, Tensor] => {
      const key = stateName(part, name)
      const values =
        'state' in initial
          ? take(initial.state, key)
          : part === 'value'
            ? take(initial, name)
            : new Float32Array(take(initial, name).length)
      return [key, new Tensor('float32', values, shape)]
    }),
  )
}

/** What every step of a training reads, by the names of the graph's inputs. */
export function fixedTensors(options: TrainerOptions): Record<string, Tensor> {
  const { head, size, inputs, labelColumns } = options
  const { members } = size
  const rows = rowCount(inputs.pairs)
  return {
    ...pairTensors(head.needs, size, inputs),
    labels: new Tensor('float32', options.labels, [rows, labelColumns]),
    weight: new Tensor('float32', options.memberWeight, [members, rows]),
    // A graph without dropout has no use for the pool and so no input for it.
    maskPool: poolTensor(options.maskPool),
    dropout: new Tensor('float32', Float32Array.from(options.dropout), [members, 1, 1]),
  }
}

/** A head's forward pass, ready to run. */
export interface Forward {
  /** One output alone: the other is neither copied nor kept. */
  run(
    output: HeadOutput,
    inputs: PairInputs,
    parameters: ReadonlyMap<string, Float32Array>,
  ): Promise<Float32Array>
  close(): Promise<void>
}

/** Opens the forward pass of a head. */
export async function createForward(
  head: Head,
  size: HeadSize,
  { provider, threads }: OnnxBackend,
): Promise<Forward> {
  const session = await createSession(buildForwardModel(head, size), threads, provider)
  return {
    run: (output, inputs, parameters) => {
      const width = output === 'predicted' ? size.columns : head.trunkWidth(size)
      return runForward(session, head, size, { output, width, inputs, parameters })
    },
    close: () => session.release(),
  }
}

async function runForward(
  session: InferenceSession,
  head: Head,
  size: HeadSize,
  {
    output,
    width,
    inputs,
    parameters,
  }: {
    readonly output: HeadOutput
    readonly width: number
    readonly inputs: PairInputs
    readonly parameters: ReadonlyMap<string, Float32Array>
  },
): Promise<Float32Array> {
  const total = rowCount(inputs.pairs)
  const { members } = size
  const all = new Float32Array(members * total * width)
  const fixed = {
    ...Object.fromEntries(
      head
        .parameters(size)
        .map(({ name, shape }) => [
          stateName('value', name),
          new Tensor('float32', take(parameters, name), shape),
        ]),
    ),
    ...pairTensors(head.needs, size, inputs),
  }
  const readsTokens = head.needs.includes('tokens')
  const counts = readsTokens ? tokenCounts(inputs.pairs) : null
  const order = Uint32Array.from({ length: total }, (_, row) => row)
  // Texts of like length together are padded least.
  if (counts !== null) order.sort((left, right) => (counts[left] ?? 0) - (counts[right] ?? 0))
  const atOnce = readsTokens ? rowsAtOnce.tokens : rowsAtOnce.pooled
  for (let start = 0; start < total; start += atOnce) {
    const part = order.subarray(start, Math.min(start + atOnce, total))
    const rows = new Tensor('int64', BigInt64Array.from(part, BigInt), [part.length])
    const values = floatsOf((await runSession(session, { ...fixed, rows }, [output])).get(output))
    for (let member = 0; member < members; member++)
      for (const [index, row] of part.entries()) {
        const from = (member * part.length + index) * width
        all.set(values.subarray(from, from + width), (member * total + row) * width)
      }
  }
  return all
}

function poolTensor(pool: Float32Array | null): Tensor {
  const values = pool ?? new Float32Array(1)
  return new Tensor('float32', values, [values.length])
}
