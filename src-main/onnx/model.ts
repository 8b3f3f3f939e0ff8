/** The part of the ONNX file format (onnx.proto3, IR version 10) that Gradus writes. */

export type ElementType = 'float32' | 'float16' | 'int32' | 'int64' | 'bool' | 'float64' | 'uint32'

/** A dimension is a length or the name of one that is known only at run time. */
export type Dimension = number | string

export interface Tensor {
  readonly type: ElementType
  readonly dimensions: readonly number[]
  /** Little-endian, row-major. */
  readonly bytes: Uint8Array
}

export interface ValueInfo {
  readonly name: string
  readonly type: ElementType
  readonly dimensions: readonly Dimension[]
}

export type Attribute =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'graph'; readonly value: Graph }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'ints'; readonly value: readonly number[] }

export interface Node {
  readonly operator: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, Attribute>>
}

export interface Graph {
  readonly name: string
  readonly nodes: readonly Node[]
  readonly initializers: ReadonlyMap<string, Tensor>
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
}

export interface Model {
  readonly graph: Graph
  /** Version of the default operator set. */
  readonly operatorSet: number
  readonly producer: string
  /** Free key–value notes; written in key order so that equal models are equal bytes. */
  readonly notes: Readonly<Record<string, string>>
}

const bytesPerElement: Record<ElementType, number> = {
  float32: 4,
  float16: 2,
  int32: 4,
  int64: 8,
  bool: 1,
  float64: 8,
  uint32: 4,
}

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(dimensions: readonly number[]): number {
  return dimensions.reduce((product, dimension) => product * dimension, 1)
}

/** Wraps values as a tensor. @throws RangeError where the byte length does not fit the shape. */
export function tensor(type: ElementType, dimensions: readonly number[], data: ArrayBufferView): Tensor {
  const expected = elementCount(dimensions) * bytesPerElement[type]
  if (data.byteLength !== expected)
    throw new RangeError(
      `A ${type} tensor [${dimensions.join(', ')}] needs ${expected} bytes, got ${data.byteLength}`,
    )
  return { type, dimensions, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }
}

/** A float32 tensor from plain numbers; `dimensions` defaults to a scalar. */
export function floats(values: readonly number[], dimensions: readonly number[] = []): Tensor {
  return tensor('float32', dimensions, Float32Array.from(values))
}

/** An int64 tensor from plain integers; one-dimensional unless `dimensions` is given. */
export function integers(values: readonly number[], dimensions: readonly number[] = [values.length]): Tensor {
  return tensor('int64', dimensions, BigInt64Array.from(values, BigInt))
}
