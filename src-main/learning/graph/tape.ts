import type { Emitter, Value } from './emitter.ts'
import type { Operations } from './operations.ts'
import { wholeGradient, type MemberGradient } from './memberGradient.ts'
import { frontAxis, knownLength, stretchedAxes, type Shape } from './shapes.ts'

/** Turns the gradient of an operator's output into that of one of its inputs. */
type Pull = (gradient: Value) => Value

interface Source {
  readonly value: Value
  readonly pull: Pull
  /** The left side of a matrix product whose right side this is. */
  readonly left?: Value
}

interface Step {
  readonly output: Value
  readonly sources: readonly Source[]
}

/** What one use of a value adds to its gradient. */
interface Contribution {
  readonly source: Source
  readonly gradient: Value
}

/** Operators that remember how they were used, so that the graph can be continued backwards. */
export interface Tape extends Operations<Value> {
  /**
   * Writes the derivatives of a value without dimensions by each of `parameters` into the same graph
   * (reverse mode: Griewank & Walther, Evaluating Derivatives, 2008, ch. 3).
   * @throws RangeError where `of` has dimensions, or does not depend on a parameter.
   */
  gradients(of: Value, parameters: readonly Value[]): Value[]
  /** The same for parameters [members × rows × columns], left open until they are clipped. */
  memberGradients(of: Value, parameters: readonly Value[]): MemberGradient<Value>[]
}

/** Creates a tape that writes into `emit`. */
export function createTape(emit: Emitter): Tape {
  const steps: Step[] = []

  const record = (output: Value, ...sources: [Value, Pull][]): Value => {
    steps.push({ output, sources: sources.map(([value, pull]) => ({ value, pull })) })
    return output
  }

  /** Sums a gradient over the axes along which `shape` was broadcast. */
  const unbroadcast = (gradient: Value, shape: Shape): Value => {
    const { added, stretched } = stretchedAxes(shape, gradient.shape)
    const summed = added.length > 0 ? emit.sum(gradient, added) : gradient
    return stretched.length > 0 ? emit.sum(summed, stretched, true) : summed
  }
  const swap = (value: Value): Value => {
    const axes = value.shape.map((_, axis) => axis)
    return emit.transpose(value, [...axes.slice(0, -2), axes.length - 1, axes.length - 2])
  }
  const negative = (value: Value): Value => emit.mul(value, emit.scalar(-1))
  /** Gives a reduced gradient its lost axes back; `unreduce` also stretches it to the shape before. */
  const keepAxes = (gradient: Value, of: Value, axes: readonly number[], keep: boolean): Value =>
    keep
      ? gradient
      : emit.unsqueeze(
          gradient,
          axes.map((axis) => frontAxis(axis, of.shape)),
        )
  const unreduce = (gradient: Value, of: Value, axes: readonly number[], keep: boolean): Value =>
    emit.expandLike(keepAxes(gradient, of, axes, keep), of)

  return {
    scalar: (value) => emit.scalar(value),
    matMul(left, right) {
      const output = emit.matMul(left, right)
      const sources: Source[] = [
        { value: left, pull: (gradient) => unbroadcast(emit.matMul(gradient, swap(right)), left.shape) },
        {
          value: right,
          pull: (gradient) => unbroadcast(emit.matMul(swap(left), gradient), right.shape),
          left,
        },
      ]
      steps.push({ output, sources })
      return output
    },
    add: (left, right) =>
      record(
        emit.add(left, right),
        [left, (gradient) => unbroadcast(gradient, left.shape)],
        [right, (gradient) => unbroadcast(gradient, right.shape)],
      ),
    sub: (left, right) =>
      record(
        emit.sub(left, right),
        [left, (gradient) => unbroadcast(gradient, left.shape)],
        [right, (gradient) => unbroadcast(negative(gradient), right.shape)],
      ),
    mul: (left, right) =>
      record(
        emit.mul(left, right),
        [left, (gradient) => unbroadcast(emit.mul(gradient, right), left.shape)],
        [right, (gradient) => unbroadcast(emit.mul(gradient, left), right.shape)],
      ),
    div(left, right) {
      const quotient = emit.div(left, right)
      return record(
        quotient,
        [left, (gradient) => unbroadcast(emit.div(gradient, right), left.shape)],
        [
          right,
          (gradient) => unbroadcast(negative(emit.mul(emit.div(gradient, right), quotient)), right.shape),
        ],
      )
    },
    sqrt(value) {
      const root = emit.sqrt(value)
      return record(root, [value, (gradient) => emit.div(emit.mul(gradient, emit.scalar(0.5)), root)])
    },
    abs: (value) => record(emit.abs(value), [value, (gradient) => emit.mul(gradient, emit.sign(value))]),
    erf: (value) =>
      record(emit.erf(value), [
        value,
        (gradient) =>
          emit.mul(
            gradient,
            emit.mul(emit.exp(negative(emit.mul(value, value))), emit.scalar(2 / Math.sqrt(Math.PI))),
          ),
      ]),
    tanh(value) {
      const output = emit.tanh(value)
      return record(output, [
        value,
        (gradient) => emit.mul(gradient, emit.sub(emit.scalar(1), emit.mul(output, output))),
      ])
    },
    sigmoid(value) {
      const output = emit.sigmoid(value)
      return record(output, [
        value,
        (gradient) => emit.mul(gradient, emit.mul(output, emit.sub(emit.scalar(1), output))),
      ])
    },
    relu(value) {
      const output = emit.relu(value)
      const zero = emit.scalar(0)
      return record(output, [value, (gradient) => emit.where(emit.greater(output, zero), gradient, zero)])
    },
    exp(value) {
      const output = emit.exp(value)
      return record(output, [value, (gradient) => emit.mul(gradient, output)])
    },
    log: (value) => record(emit.log(value), [value, (gradient) => emit.div(gradient, value)]),
    softmax(value, axis) {
      const output = emit.softmax(value, axis)
      return record(output, [
        value,
        (gradient) =>
          emit.mul(output, emit.sub(gradient, emit.sum(emit.mul(gradient, output), [axis], true))),
      ])
    },
    sum: (value, axes, keep = false) =>
      record(emit.sum(value, axes, keep), [value, (gradient) => unreduce(gradient, value, axes, keep)]),
    mean(value, axes, keep = false) {
      const count = axes.reduce((product, axis) => product * knownLength(value.shape, axis), 1)
      return record(emit.mean(value, axes, keep), [
        value,
        (gradient) => unreduce(emit.mul(gradient, emit.scalar(1 / count)), value, axes, keep),
      ])
    },
    max(value, axis, keep = false) {
      const largest = emit.max(value, axis, true)
      return record(keep ? largest : emit.max(value, axis), [
        value,
        (gradient) =>
          emit.where(emit.equal(value, largest), keepAxes(gradient, value, [axis], keep), emit.scalar(0)),
      ])
    },
    concat(values, axis) {
      let end = 0
      const sources = values.map((value): [Value, Pull] => {
        const start = end
        end += knownLength(value.shape, axis)
        const stop = end
        return [value, (gradient) => emit.slice(gradient, axis, start, stop)]
      })
      return record(emit.concat(values, axis), ...sources)
    },
    slice: (value, axis, start, end) =>
      record(emit.slice(value, axis, start, end), [
        value,
        (gradient) => emit.pad(gradient, axis, start, knownLength(value.shape, axis)),
      ]),
    gather: (value, indices, axis) =>
      record(emit.gather(value, indices, axis), [
        value,
        (gradient) => emit.scatterAdd(gradient, indices, axis, value.shape),
      ]),
    greater: (left, right) => emit.greater(left, right),
    where(condition, yes, no) {
      const zero = emit.scalar(0)
      return record(
        emit.where(condition, yes, no),
        [yes, (gradient) => unbroadcast(emit.where(condition, gradient, zero), yes.shape)],
        [no, (gradient) => unbroadcast(emit.where(condition, zero, gradient), no.shape)],
      )
    },
    transpose: (value, permutation) =>
      record(emit.transpose(value, permutation), [
        value,
        (gradient) =>
          emit.transpose(
            gradient,
            permutation.map((_, axis) => permutation.indexOf(axis)),
          ),
      ]),
    reshape: (value, shape) =>
      record(emit.reshape(value, shape), [value, (gradient) => emit.reshapeLike(gradient, value)]),

    gradients(of, parameters) {
      const contributions = backward(of, parameters)
      return parameters.map((parameter) => total(contributions.get(parameter.name) ?? []))
    },

    memberGradients(of, parameters) {
      const contributions = backward(of, parameters)
      return parameters.map((parameter): MemberGradient<Value> => {
        const own = contributions.get(parameter.name) ?? []
        const [only] = own
        const left = only?.source.left
        if (own.length === 1 && only !== undefined && left !== undefined)
          if (isCheaperApart(left, only.gradient, parameter))
            return ofProduct(emit, swap, left, only.gradient)
        return wholeGradient(emit, total(own))
      })
    },
  }

  function total(contributions: readonly Contribution[]): Value {
    const [first, ...rest] = contributions.map(({ source, gradient }) => source.pull(gradient))
    if (first === undefined) throw new RangeError('A value without uses has no gradient')
    return rest.reduce((sum, part) => emit.add(sum, part), first)
  }

  /** What each use of the parameters adds to their gradients, by the parameters' names. */
  function backward(of: Value, parameters: readonly Value[]): Map<string, Contribution[]> {
    if (of.shape.length > 0) throw new RangeError(`${of.name} has dimensions; sum it first`)
    const wanted = new Set(parameters.map((parameter) => parameter.name))
    const depends = new Set(wanted)
    for (const { output, sources } of steps)
      if (sources.some(({ value }) => depends.has(value.name))) depends.add(output.name)

    const contributions = new Map<string, Contribution[]>()
    const adjoints = new Map<string, Value>([[of.name, emit.scalar(1)]])
    for (const { output, sources } of steps.toReversed()) {
      const gradient = adjoints.get(output.name)
      if (gradient === undefined) continue
      for (const source of sources) {
        const { name } = source.value
        if (!depends.has(name)) continue
        if (wanted.has(name)) {
          contributions.set(name, [...(contributions.get(name) ?? []), { source, gradient }])
          continue
        }
        const known = adjoints.get(name)
        const pulled = source.pull(gradient)
        adjoints.set(name, known === undefined ? pulled : emit.add(known, pulled))
      }
    }
    for (const { name } of parameters)
      if (!contributions.has(name)) throw new RangeError(`${of.name} does not depend on ${name}`)
    return contributions
  }
}

/** Whether a weight's gradient leftᵀ · gradient is so much larger than its two sides that it is better not made twice. */
function isCheaperApart(left: Value, gradient: Value, parameter: Value): boolean {
  const rows = left.shape.at(-2)
  const [, inputs, outputs] = parameter.shape
  if (typeof rows !== 'number' || typeof inputs !== 'number' || typeof outputs !== 'number') return false
  return (
    gradient.shape.length === 3 &&
    gradient.shape[0] === parameter.shape[0] &&
    8 * rows * rows < inputs * outputs
  )
}

/**
 * The gradient Xᵀ G of a weight without making it for its norm: ‖XᵀG‖² = Σ (X Xᵀ) ⊙ (G Gᵀ), where both are
 * [rows × rows] (after Goodfellow 2015, Efficient per-example gradient computations); it is made once, of the clipped G.
 */
function ofProduct(
  emit: Emitter,
  swap: (value: Value) => Value,
  left: Value,
  gradient: Value,
): MemberGradient<Value> {
  return {
    squares() {
      const own = (value: Value): Value => emit.matMul(value, swap(value))
      return emit.sum(emit.mul(own(left), own(gradient)), [-2, -1], true)
    },
    scaled: (factor) => emit.matMul(swap(left), emit.mul(gradient, factor)),
  }
}
