import { Tensor } from 'onnxruntime-node'
import { fromFloat16 } from '../../onnx/float16.ts'
import type { Dimension, ElementType } from '../../onnx/model.ts'
import type { Emitter, Value } from '../graph/emitter.ts'
import type { Shape } from '../graph/shapes.ts'
import type { FeatureKind, HeadInputs, HeadSize, TokenInputs } from '../heads/head.ts'
import type { EmbeddedPairs } from '../trainContract.ts'
import { pooledFeatures, pooledWidth } from './pooled.ts'
import type { Standardisation } from './standardisation.ts'

/** Pairs with all that heads may read of them. */
export interface PairInputs {
  readonly pairs: EmbeddedPairs
  readonly standardisation: Standardisation
  /** Frozen features [members × rows × width]; null where no head reads any. */
  readonly frozen: Float32Array | null
}

type Declaration = readonly [name: string, type: ElementType, shape: Dimension[]]

/** The graph inputs that hold what a head reads of all pairs; a batch is gathered from them by row numbers. */
export function declarePairInputs(needs: readonly FeatureKind[], size: HeadSize): Declaration[] {
  const { dimension, members, frozenWidth } = size
  const features = pooledWidth(dimension)
  const declarations: Record<FeatureKind, Declaration[]> = {
    pooled: [
      ['premise', 'float32', ['allRows', dimension]],
      ['hypothesis', 'float32', ['allRows', dimension]],
      ['featureMean', 'float32', [features]],
      ['featureScale', 'float32', [features]],
    ],
    tokens: [
      ['tokenValues', 'float32', ['allTokens', dimension]],
      ['tokenStarts', 'int64', ['allTexts']],
      ['tokenLengths', 'int64', ['allTexts']],
      ['premiseText', 'int64', ['allRows']],
      ['hypothesisText', 'int64', ['allRows']],
    ],
    frozen: [['frozen', 'float32', [members, 'allRows', frozenWidth]]],
  }
  return needs.flatMap((need) => declarations[need])
}

/** The tensors of the graph inputs of `declarePairInputs`. @throws RangeError where what a head reads is not there. */
export function pairTensors(
  needs: readonly FeatureKind[],
  size: HeadSize,
  { pairs, standardisation, frozen }: PairInputs,
): Record<string, Tensor> {
  const { dimension } = pairs
  const rows = pairs.premise.length / dimension
  const whole = (values: Int32Array): Tensor =>
    new Tensor('int64', BigInt64Array.from(values, BigInt), [values.length])
  const make: Record<FeatureKind, () => Record<string, Tensor>> = {
    pooled: () => ({
      premise: new Tensor('float32', pairs.premise, [rows, dimension]),
      hypothesis: new Tensor('float32', pairs.hypothesis, [rows, dimension]),
      featureMean: new Tensor('float32', standardisation.mean, [standardisation.mean.length]),
      featureScale: new Tensor('float32', standardisation.scale, [standardisation.scale.length]),
    }),
    tokens() {
      const { tokens } = pairs
      if (tokens === null) throw new RangeError('The pairs have no token vectors')
      return {
        // Node's Float16Array does not reach ONNX Runtime's binding, which takes it for empty.
        tokenValues: new Tensor('float32', asFloat32(tokens.values), [
          tokens.values.length / dimension,
          dimension,
        ]),
        tokenStarts: whole(tokens.starts),
        tokenLengths: whole(tokens.lengths),
        premiseText: whole(tokens.premise),
        hypothesisText: whole(tokens.hypothesis),
      }
    },
    frozen() {
      if (frozen === null) throw new RangeError('The pairs have no frozen features')
      return { frozen: new Tensor('float32', frozen, [size.members, rows, size.frozenWidth]) }
    },
  }
  return Object.assign({}, ...needs.map((need) => make[need]())) as Record<string, Tensor>
}

/** Token vectors as float32, kept as long as their bits are: they are fed again and again. */
const converted = new WeakMap<Uint16Array, Float32Array>()

function asFloat32(bits: Uint16Array): Float32Array {
  const known = converted.get(bits)
  if (known !== undefined) return known
  const values = fromFloat16(bits)
  converted.set(bits, values)
  return values
}

/**
 * The features of the pairs numbered `rows` [rows], gathered from the graph inputs of `declarePairInputs`. Each is
 * written into the graph at most once.
 */
export function gatherPairInputs(emit: Emitter, size: HeadSize, rows: Value): HeadInputs<Value> {
  const { dimension, members, frozenWidth } = size
  const outside = (name: string, shape: Shape): Value => ({ name, shape })
  const once = <Result>(make: () => Result): (() => Result) => {
    let made: Result | undefined
    return () => (made ??= make())
  }
  const text = (side: string): TokenInputs<Value> =>
    gatherTokens(emit, emit.gather(outside(`${side}Text`, ['allRows']), rows, 0), dimension, side)
  return {
    pooled: once(() => {
      const side = (name: string): Value => emit.gather(outside(name, ['allRows', dimension]), rows, 0)
      const features = pooledFeatures(emit, side('premise'), side('hypothesis'))
      const width = pooledWidth(dimension)
      return standardise(emit, features, outside('featureMean', [width]), outside('featureScale', [width]))
    }),
    tokens: once(() => ({ premise: text('premise'), hypothesis: text('hypothesis') })),
    frozen: once(() => emit.gather(outside('frozen', [members, 'allRows', frozenWidth]), rows, 1)),
  }
}

/** (features − mean) · scale. */
export function standardise(emit: Emitter, features: Value, mean: Value, scale: Value): Value {
  return emit.mul(emit.sub(features, mean), scale)
}

/** Token vectors of the texts numbered `texts` [rows], padded to the longest of them. */
function gatherTokens(emit: Emitter, texts: Value, dimension: number, side: string): TokenInputs<Value> {
  const [rows = 1] = texts.shape
  const length = `${side} tokens`
  const whole = (value: number): Value => ({ name: emit.builder.integers([value]), shape: [1] })
  const pick = (name: string): Value =>
    emit.unsqueeze(emit.gather({ name, shape: ['allTexts'] }, texts, 0), [1])
  const [starts, lengths] = [pick('tokenStarts'), pick('tokenLengths')]
  const scalar = (value: Value): Value => emit.node('Squeeze', [value], [])
  const longest = scalar(emit.max(emit.max(lengths, 0), 0, true))
  const places = emit.node('Range', [scalar(whole(0)), longest, scalar(whole(1))], [length])
  const last = emit.node('Sub', [lengths, whole(1)], lengths.shape)
  // Padding repeats a text's last token: any number will do, since the mask hides it.
  const inside = emit.node('Min', [places, last], [rows, length])
  const numbers = emit.reshape(emit.add(inside, starts), [-1])
  const vectors = emit.gather({ name: 'tokenValues', shape: ['allTokens', dimension] }, numbers, 0)
  return {
    vectors,
    mask: emit.cast(emit.node('Less', [places, lengths], [rows, length]), 'float32'),
  }
}
