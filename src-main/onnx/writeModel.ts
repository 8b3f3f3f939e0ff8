import { PbfWriter } from 'pbf'
import type { Attribute, ElementType, Graph, Model, Node, Tensor, ValueInfo } from './model.ts'

/** Field numbers and enumerations below are those of onnx.proto3 (ONNX IR specification). */
const elementTypeCode: Record<ElementType, number> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
}

const attributeTypeCode: Record<Attribute['kind'], number> = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
}

const irVersion = 10

function writeTensor(value: { name: string; tensor: Tensor }, pbf: PbfWriter): void {
  for (const dimension of value.tensor.dimensions) pbf.writeVarintField(1, dimension)
  pbf.writeVarintField(2, elementTypeCode[value.tensor.type])
  if (value.name !== '') pbf.writeStringField(8, value.name)
  pbf.writeBytesField(9, value.tensor.bytes)
}

function writeAttribute([name, attribute]: [string, Attribute], pbf: PbfWriter): void {
  pbf.writeStringField(1, name)
  switch (attribute.kind) {
    case 'float':
      pbf.writeFloatField(2, attribute.value)
      break
    case 'int':
      pbf.writeVarintField(3, attribute.value)
      break
    case 'string':
      pbf.writeBytesField(4, new TextEncoder().encode(attribute.value))
      break
    case 'tensor':
      pbf.writeMessage(5, writeTensor, { name: '', tensor: attribute.value })
      break
    case 'graph':
      pbf.writeMessage(6, writeGraph, attribute.value)
      break
    case 'floats':
      for (const value of attribute.value) pbf.writeFloatField(7, value)
      break
    case 'ints':
      for (const value of attribute.value) pbf.writeVarintField(8, value)
      break
  }
  pbf.writeVarintField(20, attributeTypeCode[attribute.kind])
}

function writeNode(node: Node, pbf: PbfWriter): void {
  for (const input of node.inputs) pbf.writeStringField(1, input)
  for (const output of node.outputs) pbf.writeStringField(2, output)
  pbf.writeStringField(4, node.operator)
  for (const entry of Object.entries(node.attributes)) pbf.writeMessage(5, writeAttribute, entry)
}

function writeValueInfo(value: ValueInfo, pbf: PbfWriter): void {
  pbf.writeStringField(1, value.name)
  pbf.writeMessage(
    2,
    (_, type) => {
      type.writeMessage(
        1,
        (__, tensorType) => {
          tensorType.writeVarintField(1, elementTypeCode[value.type])
          tensorType.writeMessage(
            2,
            (___, shape) => {
              for (const dimension of value.dimensions)
                shape.writeMessage(
                  1,
                  (length, field) => {
                    if (typeof length === 'number') field.writeVarintField(1, length)
                    else field.writeStringField(2, length)
                  },
                  dimension,
                )
            },
            null,
          )
        },
        null,
      )
    },
    null,
  )
}

function writeGraph(graph: Graph, pbf: PbfWriter): void {
  for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node)
  pbf.writeStringField(2, graph.name)
  for (const [name, tensor] of graph.initializers) pbf.writeMessage(5, writeTensor, { name, tensor })
  for (const input of graph.inputs) pbf.writeMessage(11, writeValueInfo, input)
  for (const output of graph.outputs) pbf.writeMessage(12, writeValueInfo, output)
}

/** Writes a model as the bytes of an `.onnx` file; equal models give equal bytes. */
export function writeModel(model: Model): Uint8Array<ArrayBuffer> {
  const pbf = new PbfWriter()
  pbf.writeVarintField(1, irVersion)
  pbf.writeStringField(2, model.producer)
  pbf.writeMessage(7, writeGraph, model.graph)
  pbf.writeMessage(
    8,
    (version, field) => {
      field.writeStringField(1, '')
      field.writeVarintField(2, version)
    },
    model.operatorSet,
  )
  for (const entry of Object.entries(model.notes).sort(([left], [right]) => (left < right ? -1 : 1)))
    pbf.writeMessage(
      14,
      ([key, value], field) => {
        field.writeStringField(1, key)
        field.writeStringField(2, value)
      },
      entry,
    )
  return new Uint8Array(pbf.finish())
}
