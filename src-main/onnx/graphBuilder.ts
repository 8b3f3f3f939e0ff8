import type { Attribute, Dimension, ElementType, Graph, Node, Tensor, ValueInfo } from './model.ts'
import { floats, integers } from './model.ts'

/** Attribute values in plain form; `toAttribute` gives them their ONNX kind. Integers become `int`, so write `{ kind: 'float', value }` for a whole-numbered float. */
export type PlainAttribute = number | string | readonly number[] | Tensor | Attribute

export interface GraphBuilder {
  /** Declares a graph input and returns its name. */
  input(name: string, type: ElementType, dimensions: readonly Dimension[]): string
  /** Stores a constant under its own name, or under a made one. */
  initializer(value: Tensor, name?: string): string
  /** A float32 constant, shared by equal scalars. */
  scalar(value: number): string
  /** An int64 vector constant, shared by equal vectors. */
  integers(values: readonly number[]): string
  /** Adds a node with one output and returns that output's name. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes?: Record<string, PlainAttribute>,
    output?: string,
  ): string
  /** Adds a node with several outputs. */
  nodes(
    operator: string,
    inputs: readonly string[],
    outputs: number | readonly string[],
    attributes?: Record<string, PlainAttribute>,
  ): string[]
  /** Declares that the value `name` leaves the graph. */
  output(name: string, type: ElementType, dimensions: readonly Dimension[]): void
  build(): Graph
}

function toAttribute(value: PlainAttribute): Attribute {
  if (typeof value === 'number')
    return Number.isInteger(value) ? { kind: 'int', value } : { kind: 'float', value }
  if (typeof value === 'string') return { kind: 'string', value }
  if ('kind' in value) return value
  if ('bytes' in value) return { kind: 'tensor', value }
  return value.every(Number.isInteger) ? { kind: 'ints', value } : { kind: 'floats', value }
}

/**
 * Collects nodes in order and makes names; the result is a graph for `writeModel` or for a `graph` attribute.
 * @param prefix keeps made names of nested graphs apart.
 */
export function createGraphBuilder(name: string, prefix = ''): GraphBuilder {
  const nodes: Node[] = []
  const initializers = new Map<string, Tensor>()
  const inputs: ValueInfo[] = []
  const outputs: ValueInfo[] = []
  const shared = new Map<string, string>()
  let made = 0
  const fresh = (stem: string): string => `${prefix}${stem}_${made++}`

  const share = (key: string, make: () => Tensor): string => {
    const known = shared.get(key)
    if (known !== undefined) return known
    const constant = fresh('constant')
    initializers.set(constant, make())
    shared.set(key, constant)
    return constant
  }

  const builder: GraphBuilder = {
    input(inputName, type, dimensions) {
      inputs.push({ name: inputName, type, dimensions })
      return inputName
    },
    initializer(value, initializerName = fresh('constant')) {
      if (initializers.has(initializerName))
        throw new Error(`The initializer ${initializerName} exists already`)
      initializers.set(initializerName, value)
      return initializerName
    },
    scalar: (value) => share(`scalar ${value}`, () => floats([value])),
    integers: (values) => share(`integers ${values.join(' ')}`, () => integers(values)),
    node(operator, nodeInputs, attributes = {}, output = fresh(operator)) {
      builder.nodes(operator, nodeInputs, [output], attributes)
      return output
    },
    nodes(operator, nodeInputs, nodeOutputs, attributes = {}) {
      const names =
        typeof nodeOutputs === 'number'
          ? Array.from({ length: nodeOutputs }, () => fresh(operator))
          : [...nodeOutputs]
      nodes.push({
        operator,
        inputs: nodeInputs,
        outputs: names,
        attributes: Object.fromEntries(
          Object.entries(attributes).map(([key, value]) => [key, toAttribute(value)]),
        ),
      })
      return names
    },
    output(outputName, type, dimensions) {
      outputs.push({ name: outputName, type, dimensions })
    },
    build: () => ({ name, nodes, initializers, inputs, outputs }),
  }
  return builder
}
