import { createGraphBuilder } from '../../onnx/graphBuilder.ts'
import { tensor } from '../../onnx/model.ts'
import { writeModel } from '../../onnx/writeModel.ts'
import { pooledFeatures } from '../features/pooled.ts'
import { createEmitter, type Emitter, type Value } from '../graph/emitter.ts'
import { heads } from '../heads/registry.ts'
import { standardise } from '../training/trainingModel.ts'
import type { HeadWeights, LinearWeights } from '../weights.ts'

/** Half the width of a 95% interval in standard deviations of a normal error. */
const normalQuantile = 1.96

/** Outputs that `predict` and the exported graph share, each [rows]. */
export const scoreOutputs = ['score', 'variance', 'low', 'high', 'member_low', 'member_high'] as const
/** Further outputs for judging, each [rows]. */
export const rivalOutputs = ['ensemble', 'ridge', 'hypothesis_only', 'cosine'] as const

/**
 * Writes trained weights as an ONNX model: `premise_embedding`, `hypothesis_embedding` [rows × dimension], unit length
 * per row → `score`, 0–1, of the model in use; `variance` (n − 1) of the ensemble members' scores; `low` and `high`,
 * score ± 1.96 · √(variance + residual variance on validation), clipped to 0–1; `member_low` and `member_high`, the
 * range of the members' scores. Equal weights give equal bytes.
 * @param withRivals also gives the ensemble's, ridge's and hypothesis-only ridge's own scores, and the cosine.
 */
export function buildScoringModel(weights: HeadWeights, withRivals: boolean): Uint8Array<ArrayBuffer> {
  const builder = createGraphBuilder('gradus-heads')
  const emit = createEmitter(builder)
  const { dimension, size } = weights
  const input = (name: string): Value => ({
    name: builder.input(name, 'float32', ['rows', dimension]),
    shape: ['rows', dimension],
  })
  const premise = input('premise_embedding')
  const hypothesis = input('hypothesis_embedding')
  const features = pooledFeatures(emit, premise, hypothesis)
  const members = memberScores(emit, weights, features)

  const ensemble = emit.mean(members, [0])
  const apart = emit.sub(members, emit.mean(members, [0], true))
  const variance = emit.div(emit.sum(emit.mul(apart, apart), [0]), emit.scalar(Math.max(1, size.members - 1)))
  const ridge = clip(emit, linearScore(emit, features, weights.ridge))
  const score = weights.used === 'ensemble' ? ensemble : ridge
  const deviation = emit.sqrt(emit.add(variance, emit.scalar(weights.residualVariance)))
  const margin = emit.mul(deviation, emit.scalar(normalQuantile))
  const results: Record<(typeof scoreOutputs)[number], Value> = {
    score,
    variance,
    low: clip(emit, emit.sub(score, margin)),
    high: clip(emit, emit.add(score, margin)),
    member_low: extreme(emit, 'ReduceMin', members),
    member_high: extreme(emit, 'ReduceMax', members),
  }
  const rivals = (): Record<(typeof rivalOutputs)[number], Value> => ({
    ensemble,
    ridge,
    hypothesis_only: clip(emit, linearScore(emit, hypothesis, weights.hypothesisOnly)),
    cosine: emit.sum(emit.mul(premise, hypothesis), [-1]),
  })
  for (const [name, value] of Object.entries(withRivals ? { ...results, ...rivals() } : results)) {
    builder.node('Identity', [value.name], {}, name)
    builder.output(name, 'float32', ['rows'])
  }
  return writeModel({
    graph: builder.build(),
    operatorSet: 20,
    producer: 'gradus',
    notes: { head: weights.head, used: weights.used },
  })
}

/** Scores of each member [members × rows]. */
function memberScores(emit: Emitter, weights: HeadWeights, features: Value): Value {
  const head = heads[weights.head]
  const { mean, scale } = weights.standardisation
  const vector = (values: Float32Array): Value => emit.constant(tensor('float32', [values.length], values))
  const parameters = new Map(
    head.parameters(weights.size).map(({ name, shape }): [string, Value] => {
      const values = weights.parameters.get(name)
      if (values === undefined) throw new RangeError(`The weights lack ${name}`)
      return [name, emit.constant(tensor('float32', shape, values))]
    }),
  )
  const parameter = (name: string): Value => {
    const value = parameters.get(name)
    if (value === undefined) throw new RangeError(`The head has no parameter ${name}`)
    return value
  }
  return head.score(
    emit,
    parameter,
    standardise(emit, features, vector(mean), vector(scale)),
    null,
    weights.size,
  )
}

function linearScore(emit: Emitter, rows: Value, { weight, bias }: LinearWeights): Value {
  const column = emit.constant(tensor('float32', [weight.length, 1], weight))
  return emit.add(emit.reshape(emit.matMul(rows, column), [-1]), emit.scalar(bias))
}

function clip(emit: Emitter, value: Value): Value {
  return emit.node('Clip', [value, emit.scalar(0), emit.scalar(1)], value.shape)
}

function extreme(emit: Emitter, operator: 'ReduceMin' | 'ReduceMax', members: Value): Value {
  const axes: Value = { name: emit.builder.integers([0]), shape: [1] }
  return emit.node(operator, [members, axes], members.shape.slice(1), { keepdims: 0 })
}
