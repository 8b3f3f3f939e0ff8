import { z } from 'zod'
import { GradusError } from '#shared/contract/errors.ts'
import { modelName, type ModelName } from '#shared/domain/run.ts'
import { tensor, type Tensor } from '../onnx/model.ts'
import { readSafetensors, writeSafetensors } from '../onnx/safetensors.ts'
import type { IsotonicMap } from './calibration/isotonic.ts'
import { pooledWidth } from './features/pooled.ts'
import type { Standardisation } from './features/featureSums.ts'
import type { HeadSize } from './heads/head.ts'
import { heads, type HeadName } from './heads/registry.ts'

/** score = bias + Σ weight · feature, on features as they are. */
export interface LinearWeights {
  readonly weight: Float32Array
  readonly bias: number
}

/** Everything a run has learnt. */
export interface HeadWeights {
  readonly head: HeadName
  readonly size: HeadSize
  /** Width of the embeddings. */
  readonly dimension: number
  /** The model that gives the score. */
  readonly used: ModelName
  readonly ridgeLambda: number
  readonly standardisation: Standardisation
  /** [members × rows × columns] each, by parameter name. */
  readonly parameters: ReadonlyMap<string, Float32Array>
  readonly ridge: LinearWeights
  /** Ridge on the hypothesis embedding alone. */
  readonly hypothesisOnly: LinearWeights
  /** From the cosine to the score. */
  readonly cosine: IsotonicMap
  /** Mean target of the training rows. */
  readonly mean: number
  /** Mean squared error of the model in use on the validation rows. */
  readonly residualVariance: number
}

const metadataShape = z.object({
  format: z.literal('gradus-heads'),
  version: z.literal('1'),
  head: z.enum(Object.keys(heads) as [HeadName]),
  used: modelName,
  ridgeLambda: z.coerce.number().positive(),
  dimension: z.coerce.number().int().positive(),
  members: z.coerce.number().int().positive(),
  hiddenWidth: z.coerce.number().int().positive(),
})

/**
 * Writes weights as safetensors; equal weights are equal bytes. Tensors, all float32 (F = 4·dimension + 1 features,
 * `[u; v; |u−v|; u⊙v; cos]`): `features.mean` [F], `features.scale` [F]; `regression.trunk.weight` [members, F, hidden],
 * `regression.trunk.bias`, `regression.norm.gain`, `regression.norm.bias` [members, 1, hidden],
 * `regression.score.weight` [members, hidden, 1], `regression.score.bias` [members, 1, 1]; `ridge.weight` [F],
 * `ridge.bias` [1]; `baseline.hypothesis.weight` [dimension], `baseline.hypothesis.bias` [1];
 * `baseline.cosine.from`, `baseline.cosine.to` [knots]; `baseline.mean` [1]; `residual.variance` [1].
 */
export function writeWeights(weights: HeadWeights): Uint8Array {
  const vector = (values: ArrayLike<number>): Tensor =>
    tensor('float32', [values.length], Float32Array.from(values))
  const tensors = new Map<string, Tensor>([
    ['features.mean', vector(weights.standardisation.mean)],
    ['features.scale', vector(weights.standardisation.scale)],
    ['ridge.weight', vector(weights.ridge.weight)],
    ['ridge.bias', vector([weights.ridge.bias])],
    ['baseline.hypothesis.weight', vector(weights.hypothesisOnly.weight)],
    ['baseline.hypothesis.bias', vector([weights.hypothesisOnly.bias])],
    ['baseline.cosine.from', vector(weights.cosine.from)],
    ['baseline.cosine.to', vector(weights.cosine.to)],
    ['baseline.mean', vector([weights.mean])],
    ['residual.variance', vector([weights.residualVariance])],
  ])
  for (const { name, shape } of heads[weights.head].parameters(weights.size)) {
    const values = weights.parameters.get(name)
    if (values === undefined) throw new RangeError(`The weights lack ${name}`)
    tensors.set(`${weights.head}.${name}`, tensor('float32', shape, values))
  }
  return writeSafetensors(tensors, {
    format: 'gradus-heads',
    version: '1',
    head: weights.head,
    used: weights.used,
    ridgeLambda: String(weights.ridgeLambda),
    dimension: String(weights.dimension),
    members: String(weights.size.members),
    hiddenWidth: String(weights.size.hiddenWidth),
  })
}

/** Reads what `writeWeights` wrote. @throws GradusError `bad-file` for anything else. */
export function readWeights(bytes: Uint8Array): HeadWeights {
  const { tensors, metadata } = readSafetensors(bytes)
  const parsed = metadataShape.safeParse(metadata)
  if (!parsed.success)
    throw new GradusError(
      'bad-file',
      `These are not weights of Gradus heads: ${z.prettifyError(parsed.error)}. Train again.`,
    )
  const { head, used, ridgeLambda, dimension, members, hiddenWidth } = parsed.data
  const featureWidth = pooledWidth(dimension)
  const size: HeadSize = { members, featureWidth, hiddenWidth }
  const floats = (name: string, shape: readonly number[] | null): Float32Array => {
    const found = tensors.get(name)
    const fits = shape === null || found?.dimensions.join() === shape.join()
    if (found?.type !== 'float32' || !fits)
      throw new GradusError('bad-file', `The weights have no usable tensor ${name}. Train again.`)
    return new Float32Array(new Uint8Array(found.bytes).buffer)
  }
  const single = (name: string): number => floats(name, [1])[0] ?? NaN
  return {
    head,
    size,
    dimension,
    used,
    ridgeLambda,
    standardisation: {
      mean: floats('features.mean', [featureWidth]),
      scale: floats('features.scale', [featureWidth]),
    },
    parameters: new Map(
      heads[head].parameters(size).map(({ name, shape }) => [name, floats(`${head}.${name}`, shape)]),
    ),
    ridge: { weight: floats('ridge.weight', [featureWidth]), bias: single('ridge.bias') },
    hypothesisOnly: {
      weight: floats('baseline.hypothesis.weight', [dimension]),
      bias: single('baseline.hypothesis.bias'),
    },
    cosine: {
      from: Float64Array.from(floats('baseline.cosine.from', null)),
      to: Float64Array.from(floats('baseline.cosine.to', null)),
    },
    mean: single('baseline.mean'),
    residualVariance: single('residual.variance'),
  }
}
