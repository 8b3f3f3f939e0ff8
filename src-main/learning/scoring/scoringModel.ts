import { createGraphBuilder } from '../../onnx/graphBuilder.ts'
import { tensor } from '../../onnx/model.ts'
import { writeModel } from '../../onnx/writeModel.ts'
import { smallestSigma } from '../calibration/conformal.ts'
import type { IsotonicMap } from '../calibration/isotonic.ts'
import { standardise } from '../features/pairInputs.ts'
import { pooledFeatures } from '../features/pooled.ts'
import { createEmitter, type Emitter, type Value } from '../graph/emitter.ts'
import type { HeadInputs } from '../heads/head.ts'
import { heads, type HeadName } from '../heads/registry.ts'
import { decisionThreshold } from '../metrics/classification.ts'
import { readsTokens, trustOf, type LinearWeights, type ModelWeights, type TrustFigures } from '../weights.ts'
import { frozenFeatures, trunkHead } from './frozenFeatures.ts'

/** Half the width of a 95% interval in standard deviations of a normal error. */
const normalQuantile = 1.96
/** Width of a ramp of isotonic maps where float32 leaves none. */
const narrowest = 1e-9

/** What is wanted of the graph. */
export interface ScoringOptions {
  /** Whether pairs come with token vectors; without, what needs none gives the score. */
  readonly tokens: boolean
  /** Also gives each model's own score and each signal, for judging. */
  readonly rivals: boolean
}

/** Names of the graph's outputs, each [rows], but `classes` [rows × classes]. */
export type ScoringOutput =
  | 'score'
  | 'calibrated'
  | 'variance'
  | 'low'
  | 'high'
  | 'member_low'
  | 'member_high'
  | 'sigma'
  | 'spread'
  | 'uncertain'
  | 'doubt'
  | 'classes'
  | 'blend'
  | 'ridge'
  | 'regression'
  | 'interaction'
  | 'hypothesis_only'
  | 'cosine'

/**
 * Writes trained weights as an ONNX model. Inputs: `premise_embedding`, `hypothesis_embedding` [rows × dimension], unit
 * length per row; with tokens also `premise_tokens` [rows × premise_length × dimension], `premise_mask`
 * [rows × premise_length] (1 for a token, 0 for padding), and the same for the hypothesis. Outputs: `score`, 0–1, of the
 * model in use; `calibrated`, the mean consensus of validation pairs of such a score; `variance` (n − 1) of the members'
 * scores; `low` and `high`, the interval, clipped to 0–1; `member_low`, `member_high`; `sigma`, the predicted uncertainty
 * that intervals are made of; where the weights know them `spread`, the expected SD of raters; `uncertain`, the
 * abstention head's; `doubt`, the signal in use, higher is less sure; `classes`. Equal weights give equal bytes.
 */
export function buildScoringModel(
  weights: ModelWeights,
  options: ScoringOptions,
): { readonly model: Uint8Array<ArrayBuffer>; readonly outputs: readonly ScoringOutput[] } {
  const builder = createGraphBuilder('gradus-heads')
  const emit = createEmitter(builder)
  const { dimension, used } = weights
  const input = (name: string, shape: Value['shape']): Value => ({
    name: builder.input(name, 'float32', shape),
    shape,
  })
  const premise = input('premise_embedding', ['rows', dimension])
  const hypothesis = input('hypothesis_embedding', ['rows', dimension])
  const tokens = options.tokens ? tokenInputs(emit, input, dimension) : null
  const features = pooledFeatures(emit, premise, hypothesis)
  const run = headRunner(emit, weights, features, tokens)

  const regression = run('regression')
  if (regression === null) throw new RangeError('The weights have no regression heads')
  const interaction = tokens === null ? null : run('interaction')
  const blend = interaction === null ? weights.pooledBlend : weights.blend
  const ridge = clip(emit, linearScore(emit, features, weights.ridge))
  const cosine = emit.sum(emit.mul(premise, hypothesis), [-1])
  const average = (members: Value): Value => emit.mean(members, [0])
  const means = {
    ridge,
    cosine: isotonic(emit, cosine, weights.cosine),
    regression: average(scoreOf(emit, regression.predicted)),
    interaction: interaction === null ? null : average(scoreOf(emit, interaction.predicted)),
  }
  const mix = (parts: readonly (readonly [Value | null, number])[]): Value | null =>
    parts.reduce<Value | null>((sum, [value, share]) => {
      if (value === null || share === 0) return sum
      const part = emit.mul(value, emit.scalar(share))
      return sum === null ? part : emit.add(sum, part)
    }, null)
  const blended =
    mix([
      [means.ridge, blend.ridge],
      [means.cosine, blend.cosine],
      [means.regression, blend.regression],
      [means.interaction, blend.interaction],
    ]) ?? ridge
  const score = used === 'blend' ? blended : ridge

  // Members differ by their heads alone, weighed as in the blend; where it has no head, by the regression heads. Where
  // the score needs no token vectors, neither does the variance: pairs are then scored without.
  const memberBlend = readsTokens(weights) ? blend : weights.pooledBlend
  const headShare = memberBlend.regression + memberBlend.interaction
  const memberScores =
    mix([
      [scoreOf(emit, regression.predicted), headShare === 0 ? 1 : memberBlend.regression / headShare],
      [
        interaction === null ? null : scoreOf(emit, interaction.predicted),
        headShare === 0 ? 0 : memberBlend.interaction / headShare,
      ],
    ]) ?? scoreOf(emit, regression.predicted)
  const members = weights.heads.regression?.size.members ?? 1
  const apart = emit.sub(memberScores, emit.mean(memberScores, [0], true))
  const variance = emit.div(emit.sum(emit.mul(apart, apart), [0]), emit.scalar(Math.max(1, members - 1)))
  const spreadHead = run('spread')
  const spread = spreadHead === null ? null : average(scoreOf(emit, spreadHead.predicted))
  const noise = spread === null ? emit.scalar(weights.residualVariance) : emit.mul(spread, spread)
  const sigma = emit.sqrt(emit.add(variance, noise))
  const trust = trustOf(weights, interaction !== null)
  const margin = intervalMargin(emit, weights.residualVariance, trust, { variance, sigma })

  const results: Partial<Record<ScoringOutput, Value>> = {
    score,
    calibrated: isotonic(emit, score, weights.calibration),
    variance,
    low: clip(emit, emit.sub(score, margin)),
    high: clip(emit, emit.add(score, margin)),
    member_low: extreme(emit, 'ReduceMin', memberScores),
    member_high: extreme(emit, 'ReduceMax', memberScores),
    sigma,
  }
  if (spread !== null) results.spread = spread
  const needsTokens = readsTokens(weights)
  const abstention = weights.heads.abstention
  // An abstention head that was trained beside interaction heads cannot do without them.
  if (abstention !== undefined && (!needsTokens || interaction !== null)) {
    const columns = {
      score,
      ridge,
      cosine,
      regression: means.regression,
      interaction: needsTokens ? means.interaction : null,
      spread,
    }
    const trunk =
      needsTokens && interaction !== null && trunkHead(weights.blend) === 'interaction'
        ? interaction
        : regression
    const frozen = frozenFeatures(emit, trunk.hidden, columns, abstention.size.members)
    const said = run('abstention', frozen)
    if (said !== null) results.uncertain = average(emit.sum(emit.slice(said.predicted, -1, 1, 2), [-1]))
  }
  const middle = emit.abs(emit.sub(score, emit.scalar(decisionThreshold)))
  const signals: Record<string, Value | undefined> = {
    abstention: results.uncertain,
    variance,
    spread: results.spread,
    threshold: emit.mul(middle, emit.scalar(-1)),
  }
  const doubt = trust.signal === null ? undefined : signals[trust.signal.name]
  if (doubt !== undefined) results.doubt = doubt
  const classes = run('nli')
  if (classes !== null) results.classes = emit.mean(classes.predicted, [0])
  if (options.rivals) {
    results.blend = blended
    results.ridge = ridge
    results.regression = means.regression
    if (means.interaction !== null) results.interaction = means.interaction
    results.hypothesis_only = clip(emit, linearScore(emit, hypothesis, weights.hypothesisOnly))
    results.cosine = means.cosine
  }
  for (const [name, value] of Object.entries(results)) {
    builder.node('Identity', [value.name], {}, name)
    builder.output(name, 'float32', name === 'classes' ? ['rows', weights.classes.length] : ['rows'])
  }
  return {
    model: writeModel({
      graph: builder.build(),
      operatorSet: 20,
      producer: 'gradus',
      notes: { used, tokens: String(options.tokens) },
    }),
    outputs: Object.keys(results) as ScoringOutput[],
  }
}

type TokenSides = ReturnType<HeadInputs<Value>['tokens']>

function tokenInputs(
  emit: Emitter,
  input: (name: string, shape: Value['shape']) => Value,
  dimension: number,
): TokenSides {
  const side = (name: string): TokenSides['premise'] => ({
    vectors: emit.reshape(input(`${name}_tokens`, ['rows', `${name}_length`, dimension]), [-1, dimension]),
    mask: input(`${name}_mask`, ['rows', `${name}_length`]),
  })
  return { premise: side('premise'), hypothesis: side('hypothesis') }
}

/** Runs a head of the weights on the pairs of the graph; null where there is no such head. */
function headRunner(
  emit: Emitter,
  weights: ModelWeights,
  features: Value,
  tokens: TokenSides | null,
): (name: HeadName, frozen?: Value) => { hidden: Value; predicted: Value } | null {
  const { mean, scale } = weights.standardisation
  const vector = (values: Float32Array): Value => emit.constant(tensor('float32', [values.length], values))
  const pooled = standardise(emit, features, vector(mean), vector(scale))
  return (name, frozen) => {
    const own = weights.heads[name]
    if (own === undefined) return null
    const head = heads[name]
    const parameters = new Map(
      head.parameters(own.size).map(({ name: parameter, shape }): [string, Value] => {
        const values = own.parameters.get(parameter)
        if (values === undefined) throw new RangeError(`The weights lack ${parameter} of ${name}`)
        return [parameter, emit.constant(tensor('float32', shape, values))]
      }),
    )
    const parameter = (wanted: string): Value => {
      const value = parameters.get(wanted)
      if (value === undefined) throw new RangeError(`The head ${name} has no parameter ${wanted}`)
      return value
    }
    const missing = (what: string): never => {
      throw new RangeError(`The head ${name} is given no ${what}`)
    }
    return head.forward(
      emit,
      parameter,
      {
        pooled: () => pooled,
        tokens: () => tokens ?? missing('token vectors'),
        frozen: () => frozen ?? missing('frozen features'),
      },
      () => null,
      own.size,
    )
  }
}

/** The first predicted column: [members × rows × columns] → [members × rows]. */
function scoreOf(emit: Emitter, predicted: Value): Value {
  return emit.sum(emit.slice(predicted, -1, 0, 1), [-1])
}

/** Half the width of each interval: conformal where calibrated, else that of a normal error of 95%. */
function intervalMargin(
  emit: Emitter,
  residualVariance: number,
  { conformal: { quantile } }: TrustFigures,
  { variance, sigma }: { readonly variance: Value; readonly sigma: Value },
): Value {
  if (quantile === null) {
    const deviation = emit.sqrt(emit.add(variance, emit.scalar(residualVariance)))
    return emit.mul(deviation, emit.scalar(normalQuantile))
  }
  const believed = emit.node('Max', [sigma, emit.scalar(smallestSigma)], sigma.shape)
  return emit.mul(believed, emit.scalar(quantile))
}

/** A rising map, linear between its knots and constant outside them, as a sum of clipped ramps [rows]. */
function isotonic(emit: Emitter, value: Value, { from, to }: IsotonicMap): Value {
  const ramps = [...from.keys()].slice(1).flatMap((knot) => {
    const [start, end] = [from[knot - 1] ?? 0, from[knot] ?? 0]
    const rise = (to[knot] ?? 0) - (to[knot - 1] ?? 0)
    // Knots that float32 makes one are a step.
    return rise === 0 ? [] : [{ start, width: Math.max(end - start, narrowest), rise }]
  })
  const base = emit.scalar(to[0] ?? 0)
  if (ramps.length === 0) return emit.add(emit.mul(value, emit.scalar(0)), base)
  const row = (values: readonly number[]): Value =>
    emit.constant(tensor('float32', [1, values.length], Float32Array.from(values)))
  const along = emit.div(
    emit.sub(emit.reshape(value, [-1, 1]), row(ramps.map(({ start }) => start))),
    row(ramps.map(({ width }) => width)),
  )
  const risen = emit.mul(clip(emit, along), row(ramps.map(({ rise }) => rise)))
  return emit.add(emit.sum(risen, [-1]), base)
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
