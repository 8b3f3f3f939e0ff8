import { createGraphBuilder } from '../../onnx/graphBuilder.ts'
import type { Dimension, ElementType, Graph, ValueInfo } from '../../onnx/model.ts'
import { writeModel } from '../../onnx/writeModel.ts'
import { declarePairInputs, gatherPairInputs } from '../features/pairInputs.ts'
import { createEmitter, type Emitter, type Value } from '../graph/emitter.ts'
import type { Operations } from '../graph/operations.ts'
import { createTape } from '../graph/tape.ts'
import type { Shape } from '../graph/shapes.ts'
import type { Head, HeadSize, ParameterSpecification } from '../heads/head.ts'
import type { Loss } from '../losses/loss.ts'
import { adamW, clipByNorm, gradientLimit } from '../optimiser/adamW.ts'
import { maskLayout } from './masks.ts'
import { stateName, stateParts, type StatePart } from './trainer.ts'

/** What a training graph is built for; its shapes are fixed but for the number of rows and of steps. */
export interface TrainingModelOptions {
  readonly head: Head
  readonly loss: Loss
  readonly size: HeadSize
  readonly labelColumns: number
  /** Rows of one step. */
  readonly batch: number
  /** Whether steps draw a dropout mask from the pool. */
  readonly dropout: boolean
}

/** Inputs that one step takes from a run's list of steps, in the order of the Scan. */
const stepInputs = (batch: number, members: number): [name: string, type: ElementType, shape: number[]][] => [
  ['rows', 'int64', [batch]],
  ['counted', 'float32', [batch]],
  ['maskOffset', 'int64', [1]],
  ['rates', 'float32', [members, 3]],
]

/**
 * Writes forward, backward and AdamW as the body of a Scan, so that one run of the model does many steps.
 * Inputs: the state; what the head reads of all pairs (`declarePairInputs`); `labels` [rows × label columns]; `weight`
 * [members × rows]; `maskPool`, `dropout` [members × 1 × 1]; and per step `rows`, `counted` (0 for padding),
 * `maskOffset` and `rates` (see `adamRates`). Outputs: the state after the last step and `loss` [steps × members].
 */
export function buildTrainingModel(options: TrainingModelOptions): Uint8Array {
  const { head, size, batch } = options
  const specifications = head.parameters(size)
  const outer = createGraphBuilder('training')
  const body = buildStep(options, specifications)

  const states = specifications.flatMap(({ name, shape }) =>
    stateParts.map((part) => {
      const state = outer.input(stateName(part, name), 'float32', shape)
      return { state, shape }
    }),
  )
  for (const { name, type, dimensions: shape } of capturedInputs(options)) outer.input(name, type, shape)
  const scanned = stepInputs(batch, size.members).map(([name, type, shape]) =>
    outer.input(`${name}:all`, type, ['steps', ...shape]),
  )

  const next = states.map(({ state }) => `next:${state}`)
  outer.nodes('Scan', [...states.map(({ state }) => state), ...scanned], [...next, 'loss'], {
    body: { kind: 'graph', value: body },
    num_scan_inputs: scanned.length,
  })
  for (const { state, shape } of states) outer.output(`next:${state}`, 'float32', shape)
  outer.output('loss', 'float32', ['steps', size.members])
  return writeModel({ graph: outer.build(), operatorSet: 20, producer: 'gradus', notes: {} })
}

/**
 * Writes one step as a plain graph, for back ends that keep the state in a memory of their own between runs: its
 * inputs are those of the Scan's body (`step:` + the state's names among them) and what that captures.
 * @returns the model and its outputs' names: the state after the step (parameter by parameter, see `stateParts`), then
 *   the members' losses.
 */
export function buildStepModel(options: TrainingModelOptions): { model: Uint8Array; outputs: string[] } {
  const body = buildStep(options, options.head.parameters(options.size))
  const graph = { ...body, inputs: [...body.inputs, ...capturedInputs(options)] }
  return {
    model: writeModel({ graph, operatorSet: 20, producer: 'gradus', notes: {} }),
    outputs: body.outputs.map(({ name }) => name),
  }
}

/** What a step reads of the whole training, beside its state. */
function capturedInputs({ head, size, labelColumns }: TrainingModelOptions): ValueInfo[] {
  return [
    ...declarePairInputs(head.needs, size).map(([name, type, dimensions]) => ({ name, type, dimensions })),
    { name: 'labels', type: 'float32', dimensions: ['allRows', labelColumns] },
    { name: 'weight', type: 'float32', dimensions: [size.members, 'allRows'] },
    { name: 'maskPool', type: 'float32', dimensions: ['poolLength'] },
    { name: 'dropout', type: 'float32', dimensions: [size.members, 1, 1] },
  ]
}

function buildStep(
  { head, loss, size, batch, labelColumns, dropout }: TrainingModelOptions,
  specifications: readonly ParameterSpecification[],
): Graph {
  const builder = createGraphBuilder('step', 'step_')
  const emit = createEmitter(builder)
  const tape = createTape(emit)

  const states = specifications.map(({ name, shape, decays }) => {
    const input = (part: StatePart): Value => ({
      name: builder.input(`step:${stateName(part, name)}`, 'float32', shape),
      shape,
    })
    return { name, decays, value: input('value'), mean: input('mean'), square: input('square') }
  })
  const [rows, counted, maskOffset, rates] = stepInputs(batch, size.members).map(([name, type, shape]) => ({
    name: builder.input(name, type, shape),
    shape,
  }))
  if (rows === undefined || counted === undefined || maskOffset === undefined || rates === undefined)
    throw new RangeError('A step has four inputs')

  const outside = (name: string, shape: Shape): Value => ({ name, shape })
  const labels = emit.gather(outside('labels', ['allRows', labelColumns]), rows, 0)
  const weight = emit.mul(emit.gather(outside('weight', [size.members, 'allRows']), rows, 1), counted)
  const masks = maskLayout(head, size, batch)
  const mask = (name: string): Value | null =>
    dropout ? sliceMask(emit, maskOffset, masks, name, size.members) : null

  const value = (name: string): Value => {
    const state = states.find((candidate) => candidate.name === name)
    if (state === undefined) throw new RangeError(`The head has no parameter ${name}`)
    return state.value
  }
  const { predicted } = head.forward(tape, value, gatherPairInputs(emit, size, rows), mask, size)
  const losses = loss.apply(tape, predicted, labels, weight)
  const gradients = tape.memberGradients(
    tape.sum(losses, [0]),
    states.map((state) => state.value),
  )
  const clipped = clipByNorm(emit, gradients, gradientLimit)
  const rate = (index: number): Value => emit.reshape(emit.slice(rates, 1, index, index + 1), [-1, 1, 1])
  const stepRates = { stepSize: rate(0), smallest: rate(1), keep: rate(2) }
  for (const [index, state] of states.entries()) {
    const gradient = clipped[index]
    if (gradient === undefined) throw new RangeError(`${state.name} has no gradient`)
    const next = adamW(emit, state, gradient, stepRates, state.decays)
    for (const part of stateParts) builder.output(next[part].name, 'float32', dimensions(state.value))
  }
  builder.output(losses.name, 'float32', [size.members])
  return builder.build()
}

function dimensions(value: Value): Dimension[] {
  return [...value.shape]
}

/**
 * The mask of a step: a window of the pool of random numbers, of which each named mask is a part; numbers below a
 * member's dropout become 0, the others 1 / (1 − dropout).
 */
function sliceMask(
  emit: Emitter,
  offset: Value,
  { masks }: ReturnType<typeof maskLayout>,
  name: string,
  members: number,
): Value {
  const mask = masks.get(name)
  if (mask === undefined) throw new RangeError(`The head has no mask ${name}`)
  const whole = (value: number): Value => ({ name: emit.builder.integers([value]), shape: [1] })
  const start = emit.node('Add', [offset, whole(mask.start)], [1])
  const end = emit.node('Add', [offset, whole(mask.start + mask.length)], [1])
  const pool: Value = { name: 'maskPool', shape: ['poolLength'] }
  const random = emit.reshape(emit.node('Slice', [pool, start, end, whole(0)], [mask.length]), mask.shape)
  const share: Value = { name: 'dropout', shape: [members, 1, 1] }
  return dropoutMask(emit, random, share)
}

/** 0 where a random number (0–1) lies below the share to drop, else 1 / (1 − share). */
export function dropoutMask<T>(operations: Operations<T>, random: T, share: T): T {
  const one = operations.scalar(1)
  return operations.where(
    operations.greater(share, random),
    operations.scalar(0),
    operations.div(one, operations.sub(one, share)),
  )
}
