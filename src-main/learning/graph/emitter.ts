import type { GraphBuilder, PlainAttribute } from '../../onnx/graphBuilder.ts'
import { tensor, type Dimension, type Tensor } from '../../onnx/model.ts'
import type { Length, Operations } from './operations.ts'
import {
  broadcastShapes,
  frontAxis,
  knownLength,
  productShape,
  reducedShape,
  resolveShape,
  type Shape,
} from './shapes.ts'

/** A value of an ONNX graph with what is known of its shape. */
export interface Value {
  readonly name: string
  readonly shape: Shape
}

/** Writes operators into an ONNX graph. Beyond the shared operators it has those that gradients need. */
export interface Emitter extends Operations<Value> {
  readonly builder: GraphBuilder
  readonly type: 'float32' | 'float64'
  /** A constant with dimensions. */
  constant(values: Tensor): Value
  /** Any ONNX operator with one output. */
  node(
    operator: string,
    inputs: readonly Value[],
    shape: Shape,
    attributes?: Record<string, PlainAttribute>,
  ): Value
  sign(value: Value): Value
  /** A condition that is true where both are equal. */
  equal(left: Value, right: Value): Value
  cast(value: Value, to: 'float32' | 'int64'): Value
  /** Stretches axes of length 1, and adds leading ones, until the value has the shape of `like`. */
  expandLike(value: Value, like: Value): Value
  /** As many entries in the shape of `like`. */
  reshapeLike(value: Value, like: Value): Value
  /** Gives a reduced value axes of length 1 at `axes` (counted from the front of the result). */
  unsqueeze(value: Value, axes: readonly number[]): Value
  /** The inverse of `slice`: zeros before and after on one axis of full length `length`. */
  pad(value: Value, axis: number, start: number, length: number): Value
  /** The inverse of `gather`: adds rows of `value` into zeros of `shape` at `indices` of `axis`. */
  scatterAdd(value: Value, indices: Value, axis: number, shape: Shape): Value
}

/** Numbers of element types in the ONNX format. */
const elementTypes = { float32: 1, int64: 7 } as const

function lengths(shape: Shape): number[] {
  return shape.map((dimension) => {
    if (typeof dimension !== 'number') throw new RangeError(`[${shape.join(', ')}] is not wholly known`)
    return dimension
  })
}

/** Creates an emitter that writes into `builder`. */
export function createEmitter(builder: GraphBuilder, type: 'float32' | 'float64' = 'float32'): Emitter {
  const scalars = new Map<number, Value>()
  const node: Emitter['node'] = (operator, inputs, shape, attributes = {}) => ({
    name: builder.node(
      operator,
      inputs.map((input) => input.name),
      attributes,
    ),
    shape,
  })
  const vector = (values: readonly number[]): Value => ({
    name: builder.integers(values),
    shape: [values.length],
  })
  /** The lengths of a value as an int64 vector: a constant where all are known. */
  const lengthsOf = (value: Value): Value =>
    value.shape.every((length) => typeof length === 'number')
      ? vector(lengths(value.shape))
      : node('Shape', [value], [value.shape.length])
  /** A wanted shape as an int64 vector, and as far as it is known. */
  const wanted = (shape: readonly Length<Value>[], from: Shape): { vector: Value; shape: Shape } => {
    const named = shape.map((length) =>
      typeof length === 'number' ? length : (length.of.shape[frontAxis(length.axis, length.of.shape)] ?? 1),
    )
    const parts = shape.map((length, index) => {
      const known = named[index] ?? 1
      if (typeof length === 'number' || typeof known === 'number') return vector([Number(known)])
      const axis = frontAxis(length.axis, length.of.shape)
      return node('Shape', [length.of], [1], { start: axis, end: axis + 1 })
    })
    const plain = named.every((length) => typeof length === 'number')
    return {
      vector: plain ? vector(lengths(named)) : node('Concat', parts, [parts.length], { axis: 0 }),
      shape: resolveShape(named, from),
    }
  }
  const unary = (operator: string) => (value: Value) => node(operator, [value], value.shape)
  const binary = (operator: string) => (left: Value, right: Value) =>
    node(operator, [left, right], broadcastShapes(left.shape, right.shape))
  const reduction =
    (operator: string) =>
    (value: Value, axes: readonly number[], keep = false) =>
      node(operator, [value, vector(axes)], reducedShape(value.shape, axes, keep), { keepdims: keep ? 1 : 0 })
  const constant = (values: Tensor): Value => ({
    name: builder.initializer(values),
    shape: values.dimensions,
  })
  const withLength = (shape: Shape, axis: number, length: Dimension): Shape =>
    shape.map((dimension, index) => (index === axis ? length : dimension))

  const scalar = (value: number): Value => {
    const known = scalars.get(value)
    if (known !== undefined) return known
    const data = type === 'float32' ? Float32Array.of(value) : Float64Array.of(value)
    const made = constant(tensor(type, [], data))
    scalars.set(value, made)
    return made
  }

  return {
    builder,
    type,
    node,
    constant,
    scalar,
    matMul: (left, right) => node('MatMul', [left, right], productShape(left.shape, right.shape)),
    add: binary('Add'),
    sub: binary('Sub'),
    mul: binary('Mul'),
    div: binary('Div'),
    greater: binary('Greater'),
    sqrt: unary('Sqrt'),
    abs: unary('Abs'),
    sign: unary('Sign'),
    relu: unary('Relu'),
    equal: binary('Equal'),
    cast: (value, to) => node('Cast', [value], value.shape, { to: elementTypes[to] }),
    erf: unary('Erf'),
    tanh: unary('Tanh'),
    sigmoid: unary('Sigmoid'),
    exp: unary('Exp'),
    log: unary('Log'),
    softmax: (value, axis) => node('Softmax', [value], value.shape, { axis }),
    sum: reduction('ReduceSum'),
    mean: reduction('ReduceMean'),
    max: (value, axis, keep = false) => reduction('ReduceMax')(value, [axis], keep),
    concat(values, axis) {
      const [first] = values
      if (first === undefined) throw new RangeError('Nothing to concatenate')
      const front = frontAxis(axis, first.shape)
      const total = values.reduce((sum, value) => sum + knownLength(value.shape, front), 0)
      return node('Concat', values, withLength(first.shape, front, total), { axis: front })
    },
    slice(value, axis, start, end) {
      const front = frontAxis(axis, value.shape)
      return node(
        'Slice',
        [value, vector([start]), vector([end]), vector([front])],
        withLength(value.shape, front, end - start),
      )
    },
    gather(value, indices, axis) {
      const front = frontAxis(axis, value.shape)
      const shape = [...value.shape.slice(0, front), ...indices.shape, ...value.shape.slice(front + 1)]
      return node('Gather', [value, indices], shape, { axis: front })
    },
    where: (condition, yes, no) =>
      node(
        'Where',
        [condition, yes, no],
        broadcastShapes(condition.shape, broadcastShapes(yes.shape, no.shape)),
      ),
    transpose: (value, permutation) =>
      node(
        'Transpose',
        [value],
        permutation.map((axis) => value.shape[axis] ?? 1),
        { perm: { kind: 'ints', value: permutation } },
      ),
    reshape(value, shape) {
      const target = wanted(shape, value.shape)
      return node('Reshape', [value, target.vector], target.shape, { allowzero: 1 })
    },
    expandLike: (value, like) => node('Expand', [value, lengthsOf(like)], like.shape),
    reshapeLike: (value, like) => node('Reshape', [value, lengthsOf(like)], like.shape, { allowzero: 1 }),
    unsqueeze(value, axes) {
      const shape = [...value.shape]
      for (const axis of [...axes].sort((left, right) => left - right)) shape.splice(axis, 0, 1)
      return node('Unsqueeze', [value, vector(axes)], shape)
    },
    pad(value, axis, start, length) {
      const front = frontAxis(axis, value.shape)
      const after = length - start - lengths([value.shape[front] ?? 1]).reduce((sum, own) => sum + own, 0)
      return node(
        'Pad',
        [value, vector([start, after]), scalar(0), vector([front])],
        withLength(value.shape, front, length),
      )
    },
    scatterAdd(value, indices, axis, shape) {
      const front = frontAxis(axis, shape)
      const aligned = node(
        'Reshape',
        [indices, vector(shape.map((_, index) => (index === front ? -1 : 1)))],
        shape.map((_, index) => (index === front ? (indices.shape[0] ?? 1) : 1)),
      )
      const stretched = node('Expand', [aligned, vector(lengths(value.shape))], value.shape)
      const zeros = node('Expand', [scalar(0), vector(lengths(shape))], shape)
      return node('ScatterElements', [zeros, stretched, value], shape, { axis: front, reduction: 'add' })
    },
  }
}
