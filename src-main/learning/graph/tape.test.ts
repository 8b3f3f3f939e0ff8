import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { createGraphBuilder } from '../../onnx/graphBuilder.ts'
import { tensor } from '../../onnx/model.ts'
import { writeModel } from '../../onnx/writeModel.ts'
import { createEmitter, type Emitter, type Value } from './emitter.ts'
import type { Operations } from './operations.ts'
import { createTape } from './tape.ts'

interface Case {
  shapes: number[][]
  /** Shapes as the graph knows them, and the shape of the result, where some lengths are known at run time alone. */
  open?: { inputs: (number | string)[][]; result: number[] }
  /** Smallest and largest entry of the inputs. */
  range?: [number, number]
  /** float32 where ONNX Runtime has no float64 kernel. */
  type?: 'float32' | 'float64'
  output: (tape: Operations<Value>, inputs: Value[], emit: Emitter) => Value
}

const indices = (emit: Emitter, values: bigint[]): Value =>
  emit.constant(tensor('int64', [values.length], BigInt64Array.from(values)))

const cases: Record<string, Case> = {
  matMul: {
    shapes: [
      [2, 3],
      [3, 4],
    ],
    output: (tape, [a, b]) => tape.matMul(a!, b!),
  },
  'matMul, batched': {
    shapes: [
      [2, 4, 3],
      [2, 3, 5],
    ],
    output: (tape, [a, b]) => tape.matMul(a!, b!),
  },
  'matMul, left shared by a batch': {
    shapes: [
      [4, 3],
      [2, 3, 5],
    ],
    output: (tape, [a, b]) => tape.matMul(a!, b!),
  },
  'matMul, right stretched over a batch': {
    shapes: [
      [3, 2, 3],
      [1, 3, 2],
    ],
    output: (tape, [a, b]) => tape.matMul(a!, b!),
  },
  add: { shapes: [[2, 3], [3]], output: (tape, [a, b]) => tape.add(a!, b!) },
  sub: {
    shapes: [
      [2, 1],
      [2, 3],
    ],
    output: (tape, [a, b]) => tape.sub(a!, b!),
  },
  mul: {
    shapes: [
      [2, 3],
      [2, 1],
    ],
    output: (tape, [a, b]) => tape.mul(a!, b!),
  },
  'mul, both sides the same': { shapes: [[2, 3]], output: (tape, [a]) => tape.mul(a!, a!) },
  div: {
    shapes: [
      [2, 3],
      [1, 3],
    ],
    range: [0.5, 2],
    output: (tape, [a, b]) => tape.div(a!, b!),
  },
  sqrt: { shapes: [[5]], range: [0.5, 2], output: (tape, [a]) => tape.sqrt(a!) },
  abs: { shapes: [[2, 3]], output: (tape, [a]) => tape.abs(a!) },
  erf: { shapes: [[7]], type: 'float32', output: (tape, [a]) => tape.erf(a!) },
  tanh: { shapes: [[5]], output: (tape, [a]) => tape.tanh(a!) },
  sigmoid: { shapes: [[5]], output: (tape, [a]) => tape.sigmoid(a!) },
  relu: { shapes: [[7]], output: (tape, [a]) => tape.relu(a!) },
  max: { shapes: [[2, 3, 2]], output: (tape, [a]) => tape.max(a!, 1) },
  'max, kept': { shapes: [[2, 3]], output: (tape, [a]) => tape.max(a!, -1, true) },
  exp: { shapes: [[5]], output: (tape, [a]) => tape.exp(a!) },
  log: { shapes: [[5]], range: [0.5, 2], output: (tape, [a]) => tape.log(a!) },
  softmax: { shapes: [[2, 4]], output: (tape, [a]) => tape.softmax(a!, -1) },
  'softmax, first axis': { shapes: [[3, 2]], output: (tape, [a]) => tape.softmax(a!, 0) },
  sum: { shapes: [[2, 3, 2]], output: (tape, [a]) => tape.sum(a!, [1]) },
  'sum, kept': { shapes: [[2, 3]], output: (tape, [a]) => tape.sum(a!, [0, 1], true) },
  mean: { shapes: [[2, 3, 2]], output: (tape, [a]) => tape.mean(a!, [0, -1]) },
  'mean, kept': { shapes: [[2, 3]], output: (tape, [a]) => tape.mean(a!, [-1], true) },
  concat: {
    shapes: [
      [2, 2],
      [2, 3],
    ],
    output: (tape, [a, b]) => tape.concat([a!, b!], 1),
  },
  slice: { shapes: [[2, 5]], output: (tape, [a]) => tape.slice(a!, 1, 1, 4) },
  gather: { shapes: [[4, 2]], output: (tape, [a], emit) => tape.gather(a!, indices(emit, [3n, 0n, 3n]), 0) },
  'gather, last axis': {
    shapes: [[2, 4]],
    output: (tape, [a], emit) => tape.gather(a!, indices(emit, [1n, 1n, 2n]), 1),
  },
  where: {
    shapes: [[2, 3], [3]],
    output: (tape, [a, b]) => tape.where(tape.greater(a!, b!), tape.mul(a!, a!), b!),
  },
  transpose: { shapes: [[2, 3, 4]], output: (tape, [a]) => tape.transpose(a!, [2, 0, 1]) },
  reshape: { shapes: [[2, 6]], output: (tape, [a]) => tape.reshape(a!, [3, -1]) },
  'reshape to the length of another': {
    shapes: [
      [2, 6],
      [4, 1],
    ],
    output: (tape, [a, b]) =>
      tape.add(tape.reshape(a!, [-1, { of: b!, axis: 0 }]), tape.reshape(b!, [1, -1])),
  },
  'layer norm, used twice': {
    shapes: [[3, 4], [4]],
    output(tape, [a, gain]) {
      const centred = tape.sub(a!, tape.mean(a!, [-1], true))
      const variance = tape.mean(tape.mul(centred, centred), [-1], true)
      return tape.mul(tape.div(centred, tape.sqrt(tape.add(variance, tape.scalar(1e-5)))), gain!)
    },
  },
}

const rows = 'rows'
const length = 'length'

/** Lengths by name are known at run time alone. */
const openCases: Record<string, Case> = {
  'matMul, rows unknown': {
    shapes: [
      [4, 3],
      [2, 3, 5],
    ],
    open: {
      inputs: [
        [rows, 3],
        [2, 3, 5],
      ],
      result: [2, 4, 5],
    },
    output: (tape, [a, b]) => tape.matMul(a!, b!),
  },
  'matMul, inner length unknown': {
    shapes: [
      [2, 3, 4],
      [2, 4, 2],
    ],
    open: {
      inputs: [
        [2, 3, length],
        [2, length, 2],
      ],
      result: [2, 3, 2],
    },
    output: (tape, [a, b]) => tape.matMul(a!, b!),
  },
  'add, a row stretched over unknown rows': {
    shapes: [[4, 3], [3]],
    open: { inputs: [[rows, 3], [3]], result: [4, 3] },
    output: (tape, [a, b]) => tape.add(a!, b!),
  },
  'mul, a column stretched over an unknown length': {
    shapes: [
      [2, 5],
      [2, 1],
    ],
    open: {
      inputs: [
        [2, length],
        [2, 1],
      ],
      result: [2, 5],
    },
    output: (tape, [a, b]) => tape.mul(a!, b!),
  },
  'div, both sides stretched': {
    shapes: [
      [4, 1, 2],
      [1, 3, 2],
    ],
    range: [0.5, 2],
    open: {
      inputs: [
        [rows, 1, 2],
        [1, length, 2],
      ],
      result: [4, 3, 2],
    },
    output: (tape, [a, b]) => tape.div(a!, b!),
  },
  'where, no number stretched': {
    shapes: [[4, 3], [3]],
    open: { inputs: [[rows, length], [length]], result: [4, 3] },
    output: (tape, [a, b]) => tape.where(tape.greater(a!, b!), tape.mul(a!, a!), b!),
  },
  'sum over an unknown length': {
    shapes: [[2, 5, 3]],
    open: { inputs: [[2, length, 3]], result: [2, 3] },
    output: (tape, [a]) => tape.sum(a!, [1]),
  },
  'sum over two unknown lengths, kept': {
    shapes: [[4, 5, 2]],
    open: { inputs: [[rows, length, 2]], result: [1, 1, 2] },
    output: (tape, [a]) => tape.sum(a!, [0, 1], true),
  },
  'mean over a known axis beside unknown ones': {
    shapes: [[4, 3, 5]],
    open: { inputs: [[rows, 3, length]], result: [4, 5] },
    output: (tape, [a]) => tape.mean(a!, [1]),
  },
  'max over an unknown length': {
    shapes: [[2, 5, 3]],
    open: { inputs: [[2, length, 3]], result: [2, 3] },
    output: (tape, [a]) => tape.max(a!, 1),
  },
  'max over an unknown length, kept': {
    shapes: [[4, 5]],
    open: { inputs: [[rows, length]], result: [4, 1] },
    output: (tape, [a]) => tape.max(a!, -1, true),
  },
  'softmax over an unknown length': {
    shapes: [[2, 5]],
    open: { inputs: [[2, length]], result: [2, 5] },
    output: (tape, [a]) => tape.softmax(a!, -1),
  },
  'concat beside unknown rows': {
    shapes: [
      [4, 2],
      [4, 3],
    ],
    open: {
      inputs: [
        [rows, 2],
        [rows, 3],
      ],
      result: [4, 5],
    },
    output: (tape, [a, b]) => tape.concat([a!, b!], -1),
  },
  'slice beside unknown rows': {
    shapes: [[4, 5]],
    open: { inputs: [[rows, 5]], result: [4, 2] },
    output: (tape, [a]) => tape.slice(a!, -1, 1, 3),
  },
  'transpose of unknown axes': {
    shapes: [[4, 2, 5]],
    open: { inputs: [[rows, 2, length]], result: [5, 4, 2] },
    output: (tape, [a]) => tape.transpose(a!, [2, 0, 1]),
  },
  'reshape to what remains': {
    shapes: [[4, 3, 2]],
    open: { inputs: [[rows, 3, 2]], result: [4, 6] },
    output: (tape, [a]) => tape.reshape(a!, [-1, 6]),
  },
  'reshape to two lengths of another, and back': {
    shapes: [
      [6, 2],
      [3, 2],
    ],
    open: {
      inputs: [
        ['places', 2],
        [rows, length],
      ],
      result: [1, 6, 2],
    },
    output(tape, [a, mask]) {
      const padded = tape.reshape(a!, [{ of: mask!, axis: 0 }, { of: mask!, axis: 1 }, 2])
      const masked = tape.mul(
        padded,
        tape.reshape(mask!, [{ of: mask!, axis: 0 }, { of: mask!, axis: -1 }, 1]),
      )
      return tape.reshape(tape.mul(masked, masked), [1, -1, 2])
    },
  },
}

/** Numbers without a pattern; a generator of its own keeps the cases independent. */
function entries(count: number, [low, high]: [number, number], salt: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const noise = Math.sin((index + 1) * 12.9898 + salt * 78.233) * 43758.5453
    return low + (noise - Math.floor(noise)) * (high - low)
  })
}

describe('gradients agree with central differences', () => {
  test.each([...Object.entries(cases), ...Object.entries(openCases)])(
    '%s',
    async (_, { shapes, open, range = [-1.5, 1.5], type = 'float64', output }) => {
      const builder = createGraphBuilder('gradient')
      const emit = createEmitter(builder, type)
      const tape = createTape(emit)
      const array = type === 'float64' ? Float64Array : Float32Array
      const declared = open?.inputs ?? shapes
      const inputs = declared.map((shape, index): Value => ({
        name: builder.input(`x${index}`, type, shape),
        shape,
      }))
      const result = output(tape, inputs, emit)
      const size = open?.result ?? result.shape.map(Number)
      const count = size.reduce((product, length) => product * length, 1)
      const constant = emit.constant(tensor(type, size, array.from(entries(count, [-1, 1], 99))))
      // As far as the graph knows it has the shape of the result.
      const weights = { ...constant, shape: result.shape }
      const loss = tape.sum(
        tape.mul(result, weights),
        size.map((__, axis) => axis),
      )
      const gradients = tape.gradients(loss, inputs)
      builder.output(loss.name, type, [])
      gradients.forEach((gradient, index) => builder.output(gradient.name, type, declared[index]!))
      const session = await InferenceSession.create(
        writeModel({ graph: builder.build(), operatorSet: 20, producer: 'gradus', notes: {} }),
        // Of unused initialisers it would warn.
        { logSeverityLevel: 3 },
      )

      const values = shapes.map((shape, index) =>
        entries(
          shape.reduce((a, b) => a * b, 1),
          range,
          index,
        ),
      )
      const run = async (point: number[][]): Promise<number[][]> => {
        const feeds = point.map((entry, index) => [
          `x${index}`,
          new Tensor(type, array.from(entry), shapes[index]),
        ])
        const answer = await session.run(Object.fromEntries(feeds) as Record<string, Tensor>)
        return [loss, ...gradients].map(({ name }) => Array.from(answer[name]!.data as Float64Array))
      }
      const [, ...analytic] = await run(values)
      const step = type === 'float64' ? 1e-5 : 1e-2
      for (const [input, entry] of values.entries())
        for (const [index, centre] of entry.entries()) {
          const at = async (value: number): Promise<number> =>
            (
              await run(values.map((other, which) => (which === input ? other.with(index, value) : other)))
            )[0]![0]!
          const numeric = ((await at(centre + step)) - (await at(centre - step))) / (2 * step)
          expect(analytic[input]![index]).toBeCloseTo(numeric, type === 'float64' ? 7 : 3)
        }
    },
  )
})

test('a gradient that is left open gives the squares and the scaled values of the whole one', async () => {
  const builder = createGraphBuilder('gradient')
  const emit = createEmitter(builder, 'float64')
  const tape = createTape(emit)
  const input = (name: string, shape: number[]): Value => ({
    name: builder.input(name, 'float64', shape),
    shape,
  })
  // Large enough that the first weight's gradient is left open; the second is used twice, the bias is no product.
  const [x, first, second, bias] = [
    input('x', [3, 20]),
    input('first', [2, 20, 9]),
    input('second', [2, 9, 9]),
    input('bias', [2, 1, 9]),
  ]
  const hidden = tape.tanh(tape.add(tape.matMul(x, first), bias))
  const again = tape.tanh(tape.matMul(tape.matMul(hidden, second), second))
  const loss = tape.sum(tape.mul(again, again), [0, 1, 2])
  const parameters = [first, second, bias]
  const whole = tape.gradients(loss, parameters)
  const open = tape.memberGradients(loss, parameters)
  const factor = input('factor', [2, 1, 1])
  for (const [index, gradient] of open.entries()) {
    const own = whole[index]!
    const apart = (made: Value, wanted: Value): Value => emit.sum(emit.abs(emit.sub(made, wanted)), [0, 1, 2])
    const squares = apart(gradient.squares(), emit.sum(emit.mul(own, own), [1, 2], true))
    const scaled = apart(gradient.scaled(factor), emit.mul(own, factor))
    builder.node('Identity', [squares.name], {}, `squares${index}`)
    builder.node('Identity', [scaled.name], {}, `scaled${index}`)
    builder.output(`squares${index}`, 'float64', [])
    builder.output(`scaled${index}`, 'float64', [])
    builder.node('Identity', [emit.sum(emit.abs(own), [0, 1, 2]).name], {}, `size${index}`)
    builder.output(`size${index}`, 'float64', [])
  }
  const session = await InferenceSession.create(
    writeModel({ graph: builder.build(), operatorSet: 20, producer: 'gradus', notes: {} }),
  )
  const tensor = (shape: number[], salt: number): Tensor => {
    const count = shape.reduce((product, length) => product * length, 1)
    return new Tensor('float64', Float64Array.from(entries(count, [-1, 1], salt)), shape)
  }
  const results = await session.run({
    x: tensor([3, 20], 1),
    first: tensor([2, 20, 9], 2),
    second: tensor([2, 9, 9], 3),
    bias: tensor([2, 1, 9], 4),
    factor: tensor([2, 1, 1], 5),
  })
  const value = (name: string): number => (results[name]!.data as Float64Array)[0]!
  for (const index of parameters.keys()) {
    expect(value(`size${index}`)).toBeGreaterThan(0.01)
    expect(value(`squares${index}`)).toBeLessThan(1e-12)
    expect(value(`scaled${index}`)).toBeLessThan(1e-12)
  }
})

test('a value that the loss does not depend on has no gradient, and a loss has no dimensions', () => {
  const builder = createGraphBuilder('gradient')
  const tape = createTape(createEmitter(builder))
  const a: Value = { name: builder.input('a', 'float32', [2]), shape: [2] }
  const b: Value = { name: builder.input('b', 'float32', [2]), shape: [2] }
  const loss = tape.sum(tape.mul(a, a), [0])
  expect(() => tape.gradients(loss, [b])).toThrow('does not depend on b')
  expect(() => tape.gradients(tape.mul(a, a), [a])).toThrow('has dimensions')
})

test('what must be known of a shape is asked for', () => {
  const builder = createGraphBuilder('gradient')
  const tape = createTape(createEmitter(builder))
  const open: Value = { name: builder.input('open', 'float32', ['rows', 3]), shape: ['rows', 3] }
  const other: Value = { name: builder.input('other', 'float32', ['others', 3]), shape: ['others', 3] }
  expect(() => tape.mean(open, [0])).toThrow('The length of axis 0 of [rows, 3] is not known')
  expect(() => tape.concat([open, other], 0)).toThrow('is not known')
  expect(() => tape.add(open, other)).toThrow('do not broadcast')
  expect(() => tape.matMul(open, other)).toThrow('is no matrix product')
  expect(() => tape.sum(open, [2])).toThrow('has no axis 2')
})
