import { Tensor } from 'onnxruntime-node'
import { createGraphBuilder } from '../../onnx/graphBuilder.ts'
import { writeModel } from '../../onnx/writeModel.ts'
import { createFeatureSums } from '../features/featureSums.ts'
import { pooledFeatures, pooledWidth } from '../features/pooled.ts'
import { createEmitter, type Value } from '../graph/emitter.ts'
import { createSession, embeddingTensors, floatsOf, runSession } from '../runtime/onnxRuntime.ts'
import type { EmbeddedPairs } from '../trainContract.ts'
import { rowCount, sliceRows } from '../training/trainer.ts'

/** Pairs whose features are in memory at once. */
const rowsAtOnce = 2048

/** Products of pooled features, in which ridge regression on few labels is cheap to solve. */
export interface PairKernel {
  /** For each of some pairs the products of its features with those of every pair, about the pool's mean [pairs]. */
  products(rows: Uint32Array): Promise<Float32Array[]>
  dispose(): Promise<void>
}

/**
 * Opens the graph that multiplies the pooled features of pairs.
 * @param pool how many of the pairs, from the first, the features' mean is taken over.
 */
export async function createPairKernel(
  pairs: EmbeddedPairs,
  pool: number,
  threads: number,
): Promise<PairKernel> {
  const { dimension } = pairs
  const sums = await createFeatureSums(dimension, threads)
  const { mean } = await sums.standardisation(sliceRows(pairs, 0, pool)).finally(() => sums.dispose())
  const shift = new Tensor('float32', mean, [pooledWidth(dimension)])
  const session = await createSession(buildModel(dimension), threads)
  const count = rowCount(pairs)
  return {
    async products(rows) {
      const [otherPremise, otherHypothesis] = [pairs.premise, pairs.hypothesis].map((side) => {
        const own = new Float32Array(rows.length * dimension)
        for (const [place, row] of rows.entries())
          own.set(side.subarray(row * dimension, (row + 1) * dimension), place * dimension)
        return new Tensor('float32', own, [rows.length, dimension])
      })
      if (otherPremise === undefined || otherHypothesis === undefined)
        throw new RangeError('A pair has two texts')
      const found = Array.from(rows, () => new Float32Array(count))
      for (let start = 0; start < count; start += rowsAtOnce) {
        const part = embeddingTensors(sliceRows(pairs, start, Math.min(start + rowsAtOnce, count)))
        const results = await runSession(session, { ...part, otherPremise, otherHypothesis, shift })
        floatsOf(results.get(session.outputNames[0] ?? '')).forEach((value, index) => {
          const into = found[index % rows.length]
          if (into !== undefined) into[start + Math.floor(index / rows.length)] = value
        })
      }
      return found
    },
    dispose: () => session.release(),
  }
}

function buildModel(dimension: number): Uint8Array<ArrayBuffer> {
  const builder = createGraphBuilder('products')
  const emit = createEmitter(builder)
  const declare = (name: string, shape: Value['shape']): Value => ({
    name: builder.input(name, 'float32', shape),
    shape,
  })
  const side = (rows: string, premise: string, hypothesis: string): Value =>
    pooledFeatures(emit, declare(premise, [rows, dimension]), declare(hypothesis, [rows, dimension]))
  const features = side('rows', 'premise', 'hypothesis')
  const others = side('others', 'otherPremise', 'otherHypothesis')
  const shift = declare('shift', [pooledWidth(dimension)])
  const products = emit.matMul(emit.sub(features, shift), emit.transpose(emit.sub(others, shift), [1, 0]))
  builder.output(products.name, 'float32', products.shape)
  return writeModel({ graph: builder.build(), operatorSet: 20, producer: 'gradus', notes: {} })
}
