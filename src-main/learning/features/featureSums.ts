import { Tensor, type InferenceSession } from 'onnxruntime-node'
import { createGraphBuilder } from '../../onnx/graphBuilder.ts'
import { writeModel } from '../../onnx/writeModel.ts'
import type { LinearModel, NormalEquations } from '../baselines/normalEquations.ts'
import { createEmitter, type Emitter, type Value } from '../graph/emitter.ts'
import { createSession, embeddingTensors, floatsOf, openBeside, runSession } from '../runtime/onnxRuntime.ts'
import type { EmbeddedPairs } from '../trainContract.ts'
import { rowCount, sliceRows } from '../training/trainer.ts'
import { pooledFeatures, pooledWidth } from './pooled.ts'
import type { Standardisation } from './standardisation.ts'

/** Rows whose features are in memory at once. */
const rowsAtOnce = 1024

/** Below this standard deviation a feature counts as constant. */
const constantDeviation = 1e-6

/** Sums over the features of many pairs, which are never all in memory. */
export interface FeatureSums {
  standardisation(pairs: EmbeddedPairs): Promise<Standardisation>
  /** The sums that ridge regression needs, about `shift`. */
  equations(
    pairs: EmbeddedPairs,
    target: Float32Array,
    weight: Float32Array,
    shift: Float32Array,
  ): Promise<NormalEquations>
  /** Scores of several linear models about `shift`, each [rows]; not clipped. */
  scores(pairs: EmbeddedPairs, shift: Float32Array, models: readonly LinearModel[]): Promise<Float32Array[]>
  dispose(): Promise<void>
}

/** Opens the graphs that compute the sums for embeddings of `dimension`. */
export async function createFeatureSums(dimension: number, threads: number): Promise<FeatureSums> {
  const width = pooledWidth(dimension)
  const open = (finish: (emit: Emitter, features: Value) => Value[]): Promise<InferenceSession> =>
    createSession(buildModel(dimension, finish), threads)
  const plain = await open((emit, features) => [emit.node('Identity', [features], features.shape)])
  const opened = [plain]
  const close = async (): Promise<void> => {
    for (const session of opened) await session.release()
  }
  const openNext = async (finish: (emit: Emitter, features: Value) => Value[]): Promise<InferenceSession> => {
    const session = await openBeside(close, () => open(finish))
    opened.push(session)
    return session
  }
  const gram = await openNext((emit, features) => {
    const shifted = emit.sub(features, declare(emit, 'shift', [width]))
    const weighted = emit.mul(shifted, declare(emit, 'root', ['rows', 1]))
    const across = emit.transpose(weighted, [1, 0])
    return [emit.matMul(across, weighted), emit.matMul(across, declare(emit, 'sides', ['rows', 2]))]
  })
  const linear = await openNext((emit, features) => {
    const shifted = emit.sub(features, declare(emit, 'shift', [width]))
    return [emit.matMul(shifted, declare(emit, 'coefficients', [width, 'models']))]
  })

  async function* chunks(
    session: InferenceSession,
    pairs: EmbeddedPairs,
    feeds: (start: number, end: number) => Record<string, Tensor>,
  ): AsyncGenerator<{ start: number; end: number; results: Float32Array[] }> {
    const rows = rowCount(pairs)
    for (let start = 0; start < rows; start += rowsAtOnce) {
      const end = Math.min(start + rowsAtOnce, rows)
      const part = embeddingTensors(sliceRows(pairs, start, end))
      const results = await runSession(session, { ...part, ...feeds(start, end) })
      yield { start, end, results: session.outputNames.map((name) => floatsOf(results.get(name))) }
    }
  }

  return {
    async standardisation(pairs) {
      const sum = new Float64Array(width)
      const square = new Float64Array(width)
      for await (const { results } of chunks(plain, pairs, () => ({})))
        results[0]?.forEach((value, index) => {
          const feature = index % width
          sum[feature] = (sum[feature] ?? 0) + value
          square[feature] = (square[feature] ?? 0) + value * value
        })
      const rows = rowCount(pairs)
      const deviation = square.map((total, feature) => {
        const mean = (sum[feature] ?? 0) / rows
        return Math.sqrt(Math.max(0, total / rows - mean * mean))
      })
      return {
        mean: Float32Array.from(sum, (total) => total / rows),
        scale: Float32Array.from(deviation, (spread) => (spread < constantDeviation ? 0 : 1 / spread)),
      }
    },

    async equations(pairs, target, weight, shift) {
      const sums = { gram: new Float64Array(width * width), feature: new Float64Array(width) }
      const moment = new Float64Array(width)
      const root = weight.map(Math.sqrt)
      const feeds = (start: number, end: number): Record<string, Tensor> => {
        const sides = new Float32Array(2 * (end - start))
        for (let row = start; row < end; row++)
          sides.set([root[row] ?? 0, (root[row] ?? 0) * (target[row] ?? 0)], 2 * (row - start))
        return {
          shift: new Tensor('float32', shift, [width]),
          root: new Tensor('float32', root.slice(start, end), [end - start, 1]),
          sides: new Tensor('float32', sides, [end - start, 2]),
        }
      }
      for await (const { results } of chunks(gram, pairs, feeds)) {
        results[0]?.forEach((value, index) => (sums.gram[index] = (sums.gram[index] ?? 0) + value))
        results[1]?.forEach((value, index) => {
          const into = index % 2 === 0 ? sums.feature : moment
          into[index >> 1] = (into[index >> 1] ?? 0) + value
        })
      }
      let total = 0
      let targetSum = 0
      weight.forEach((value, row) => {
        total += value
        targetSum += value * (target[row] ?? 0)
      })
      return { width, weight: total, feature: sums.feature, target: targetSum, gram: sums.gram, moment }
    },

    async scores(pairs, shift, models) {
      const coefficients = new Float32Array(width * models.length)
      for (const [model, { weight }] of models.entries())
        weight.forEach((value, feature) => (coefficients[feature * models.length + model] = value))
      const feeds = {
        shift: new Tensor('float32', shift, [width]),
        coefficients: new Tensor('float32', coefficients, [width, models.length]),
      }
      const scores = models.map(() => new Float32Array(rowCount(pairs)))
      for await (const { start, results } of chunks(linear, pairs, () => feeds))
        results[0]?.forEach((value, index) => {
          const model = index % models.length
          const row = start + Math.floor(index / models.length)
          const into = scores[model]
          if (into !== undefined) into[row] = value + (models[model]?.bias ?? 0)
        })
      return scores
    },

    dispose: close,
  }
}

function declare(emit: Emitter, name: string, shape: Value['shape']): Value {
  return { name: emit.builder.input(name, 'float32', shape), shape }
}

function buildModel(
  dimension: number,
  finish: (emit: Emitter, features: Value) => Value[],
): Uint8Array<ArrayBuffer> {
  const builder = createGraphBuilder('features')
  const emit = createEmitter(builder)
  const premise = declare(emit, 'premise', ['rows', dimension])
  const hypothesis = declare(emit, 'hypothesis', ['rows', dimension])
  for (const result of finish(emit, pooledFeatures(emit, premise, hypothesis)))
    builder.output(result.name, 'float32', result.shape)
  return writeModel({ graph: builder.build(), operatorSet: 20, producer: 'gradus', notes: {} })
}
