import { z } from 'zod'
import { GradusError } from '#shared/contract/errors.ts'
import {
  blendWeights,
  signalName,
  usedModel,
  type BlendWeights,
  type SignalName,
  type UsedModel,
} from '#shared/domain/run.ts'
import { conformalFit, type ConformalFit } from '#shared/domain/judging.ts'
import { tensor, type Tensor } from '../onnx/model.ts'
import { readSafetensors, writeSafetensors } from '../onnx/safetensors.ts'
import type { IsotonicMap } from './calibration/isotonic.ts'
import { pooledWidth } from './features/pooled.ts'
import type { Standardisation } from './features/standardisation.ts'
import type { HeadSize } from './heads/head.ts'
import { headName, headNames, heads, type HeadName } from './heads/registry.ts'

/** score = bias + Σ weight · feature, on features as they are. */
export interface LinearWeights {
  readonly weight: Float32Array
  readonly bias: number
}

/** A trained head. */
export interface HeadWeights {
  readonly size: HeadSize
  /** [members × rows × columns] each, by parameter name. */
  readonly parameters: ReadonlyMap<string, Float32Array>
}

/** How far a score is trusted. */
export interface TrustFigures {
  readonly conformal: ConformalFit
  /** The signal in use, and above which value to abstain; null where no scores are known to be wrong or right. */
  readonly signal: { readonly name: SignalName; readonly abstainAbove: number } | null
}

/** Everything a run has learnt. */
export interface ModelWeights extends TrustFigures {
  /** Width of the embeddings. */
  readonly dimension: number
  /** The model that gives the score. */
  readonly used: UsedModel
  readonly heads: Readonly<Partial<Record<HeadName, HeadWeights>>>
  readonly standardisation: Standardisation
  readonly ridgeLambda: number
  readonly ridge: LinearWeights
  /** Ridge on the hypothesis embedding alone. */
  readonly hypothesisOnly: LinearWeights
  /** From the cosine to the score. */
  readonly cosine: IsotonicMap
  /** Mean target of the training rows. */
  readonly mean: number
  readonly blend: BlendWeights
  /** The blend of what needs no token vectors, for pairs that have none. */
  readonly pooledBlend: BlendWeights
  /** From the score to the calibrated score. */
  readonly calibration: IsotonicMap
  /** Mean squared error of the model in use on the validation rows. */
  readonly residualVariance: number
  /**
   * The same of the score without token vectors, which is another one; null where the score needs none, and in files of
   * older programs.
   */
  readonly pooled: TrustFigures | null
  readonly tolerance: number
  readonly classes: readonly { readonly name: string; readonly score: number }[]
}

const headSize = z.object({
  members: z.number().int().positive(),
  dimension: z.number().int().positive(),
  hiddenWidth: z.number().int().positive(),
  columns: z.number().int().positive(),
  frozenWidth: z.number().int().nonnegative(),
})

const trust = z.object({
  conformal: conformalFit,
  signal: z.object({ name: signalName, abstainAbove: z.number() }).nullable(),
})

const description = trust.extend({
  used: usedModel,
  dimension: z.number().int().positive(),
  heads: z.partialRecord(headName, headSize),
  ridgeLambda: z.number().positive(),
  mean: z.number(),
  blend: blendWeights,
  pooledBlend: blendWeights,
  residualVariance: z.number().nonnegative(),
  pooled: trust.nullable().default(null),
  tolerance: z.number().positive(),
  classes: z.array(z.object({ name: z.string(), score: z.number() })),
})

const format = 'gradus-heads'
const version = '2'

/** The heads that weights hold, in the order of the registry. */
export function trainedHeads(weights: Pick<ModelWeights, 'heads'>): HeadName[] {
  return headNames.filter((name) => weights.heads[name] !== undefined)
}

/** Whether the score of the model in use needs token vectors. */
export function readsTokens(weights: Pick<ModelWeights, 'used' | 'blend'>): boolean {
  return weights.used === 'blend' && weights.blend.interaction > 0
}

/** How far scores are trusted that were made with token vectors, or without. */
export function trustOf(weights: ModelWeights, withTokens: boolean): TrustFigures {
  return withTokens ? weights : (weights.pooled ?? weights)
}

/**
 * Writes weights as safetensors; equal weights are equal bytes. Tensors, all float32 (F = 4·dimension + 1 features,
 * `[u; v; |u−v|; u⊙v; cos]`): `features.mean` [F], `features.scale` [F] (1 / SD); for every head its parameters,
 * `HEAD.NAME` [members × in × out]; `ridge.weight` [F], `ridge.bias` [1]; `baseline.hypothesis.weight` [dimension],
 * `baseline.hypothesis.bias` [1]; `baseline.cosine.from`, `baseline.cosine.to`, `calibration.from`, `calibration.to`
 * [knots]. All else is JSON in the metadata field `description`.
 */
export function writeWeights(weights: ModelWeights): Uint8Array {
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
    ['calibration.from', vector(weights.calibration.from)],
    ['calibration.to', vector(weights.calibration.to)],
  ])
  const sizes: Partial<Record<HeadName, HeadSize>> = {}
  for (const name of trainedHeads(weights)) {
    const own = weights.heads[name]
    if (own === undefined) continue
    sizes[name] = own.size
    for (const { name: parameter, shape } of heads[name].parameters(own.size)) {
      const values = own.parameters.get(parameter)
      if (values === undefined) throw new RangeError(`The weights lack ${parameter} of ${name}`)
      tensors.set(`${name}.${parameter}`, tensor('float32', shape, values))
    }
  }
  return writeSafetensors(tensors, {
    format,
    version,
    description: JSON.stringify(description.parse({ ...weights, heads: sizes })),
  })
}

/** Reads what `writeWeights` wrote, now or in the first version. @throws GradusError `bad-file` for anything else. */
export function readWeights(bytes: Uint8Array): ModelWeights {
  const { tensors, metadata } = readSafetensors(bytes)
  const read = readDescription(metadata)
  const featureWidth = pooledWidth(read.dimension)
  const floats = (name: string, shape: readonly number[] | null): Float32Array => {
    const found = tensors.get(name)
    const fits = shape === null || found?.dimensions.join() === shape.join()
    if (found?.type !== 'float32' || !fits)
      throw new GradusError('bad-file', `The weights have no usable tensor ${name}. Train again.`)
    return new Float32Array(new Uint8Array(found.bytes).buffer)
  }
  const single = (name: string): number => floats(name, [1])[0] ?? NaN
  const map = (name: string): IsotonicMap => ({
    from: Float64Array.from(floats(`${name}.from`, null)),
    to: Float64Array.from(floats(`${name}.to`, null)),
  })
  const trained: Partial<Record<HeadName, HeadWeights>> = {}
  for (const name of headNames) {
    const size = read.heads[name]
    if (size === undefined) continue
    trained[name] = {
      size,
      parameters: new Map(
        heads[name]
          .parameters(size)
          .map(({ name: parameter, shape }) => [parameter, floats(`${name}.${parameter}`, shape)]),
      ),
    }
  }
  const isFirst = metadata['version'] === '1'
  return {
    ...read,
    heads: trained,
    standardisation: {
      mean: floats('features.mean', [featureWidth]),
      scale: floats('features.scale', [featureWidth]),
    },
    ridge: { weight: floats('ridge.weight', [featureWidth]), bias: single('ridge.bias') },
    hypothesisOnly: {
      weight: floats('baseline.hypothesis.weight', [read.dimension]),
      bias: single('baseline.hypothesis.bias'),
    },
    cosine: map('baseline.cosine'),
    calibration: isFirst ? { from: Float64Array.of(0, 1), to: Float64Array.of(0, 1) } : map('calibration'),
    ...(isFirst ? { mean: single('baseline.mean'), residualVariance: single('residual.variance') } : {}),
  }
}

function readDescription(metadata: Readonly<Record<string, string>>): z.infer<typeof description> {
  const refuse = (reason: string): GradusError =>
    new GradusError('bad-file', `These are not weights of Gradus heads: ${reason}. Train again.`)
  if (metadata['format'] !== format) throw refuse('they do not say so')
  if (metadata['version'] === '1') {
    const first = firstDescription.safeParse(metadata)
    if (!first.success) throw refuse(z.prettifyError(first.error))
    return fromFirst(first.data)
  }
  if (metadata['version'] !== version) throw refuse(`their version ${metadata['version'] ?? ''} is not known`)
  const parsed = z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text)
      } catch (thrown) {
        context.addIssue(`description is no JSON: ${String(thrown)}`)
        return z.NEVER
      }
    })
    .pipe(description)
    .safeParse(metadata['description'])
  if (!parsed.success) throw refuse(z.prettifyError(parsed.error))
  return parsed.data
}

/** What the first version wrote: an ensemble of regression heads and ridge. */
const firstDescription = z.object({
  head: z.literal('regression'),
  used: z.enum(['ensemble', 'ridge']),
  ridgeLambda: z.coerce.number().positive(),
  dimension: z.coerce.number().int().positive(),
  members: z.coerce.number().int().positive(),
  hiddenWidth: z.coerce.number().int().positive(),
})

function fromFirst(first: z.infer<typeof firstDescription>): z.infer<typeof description> {
  const { used, ridgeLambda, dimension, members, hiddenWidth } = first
  const blend = { ridge: 0, cosine: 0, regression: 1, interaction: 0 }
  return {
    used: used === 'ridge' ? 'ridge' : 'blend',
    dimension,
    heads: { regression: { members, dimension, hiddenWidth, columns: 1, frozenWidth: 0 } },
    ridgeLambda,
    mean: 0,
    blend,
    pooledBlend: blend,
    residualVariance: 0,
    conformal: { level: 0.9, n: 0, quantile: null, reason: 'The first version made no such intervals.' },
    signal: null,
    pooled: null,
    tolerance: 0.15,
    classes: [],
  }
}
