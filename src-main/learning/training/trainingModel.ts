import { createGraphBuilder } from '../../onnx/graphBuilder.ts'
import type { Dimension, ElementType, ValueInfo } from '../../onnx/model.ts'
import { writeModel } from '../../onnx/writeModel.ts'
import { embeddingDimension, pooledFeatures } from '../features/pooled.ts'
import { createEmitter, type Emitter, type Value } from '../graph/emitter.ts'
import { createTape } from '../graph/tape.ts'
import type { Shape } from '../graph/shapes.ts'
import type { Head, HeadSize, ParameterSpecification } from '../heads/head.ts'
import type { Loss } from '../losses/loss.ts'
import { adamW, clipByNorm, gradientLimit } from '../optimiser/adamW.ts'

/** What a training graph is built for; its shapes are fixed but for the number of rows and of steps. */
export interface TrainingModelOptions {
  readonly head: Head
  readonly loss: Loss
  readonly size: HeadSize
  /** Rows of one step. */
  readonly batch: number
  /** Whether steps draw a dropout mask from the pool. */
  readonly dropout: boolean
}

/** The three tensors of a parameter that go from step to step. */
export const stateParts = ['value', 'mean', 'square'] as const
export type StatePart = (typeof stateParts)[number]
/** The name under which a part of a parameter's state enters the graph; it leaves as `next:` + this name. */
export function stateName(part: StatePart, parameter: string): string {
  return `${part}:${parameter}`
}

/** Inputs that one step takes from a run's list of steps, in the order of the Scan. */
const stepInputs = (batch: number): [name: string, type: ElementType, shape: number[]][] => [
  ['rows', 'int64', [batch]],
  ['counted', 'float32', [batch]],
  ['maskOffset', 'int64', [1]],
  ['rates', 'float32', [3]],
]

/**
 * Writes forward, backward and AdamW as the body of a Scan, so that one run of the model does many steps.
 * Inputs: the state; `premise`, `hypothesis` [rows × dimension]; `target` [rows]; `weight` [members × rows];
 * `featureMean`, `featureScale`; `maskPool`; and per step `rows`, `counted` (0 for padding), `maskOffset` and
 * `rates` (see `adamRates`). Outputs: the state after the last step and `loss` [steps × members].
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
  for (const { name, type, dimensions } of capturedInputs(size)) outer.input(name, type, dimensions)
  const scanned = stepInputs(batch).map(([name, type, shape]) =>
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
  const graph = { ...body, inputs: [...body.inputs, ...capturedInputs(options.size)] }
  return {
    model: writeModel({ graph, operatorSet: 20, producer: 'gradus', notes: {} }),
    outputs: body.outputs.map(({ name }) => name),
  }
}

/** What a step reads of the whole training, beside its state. */
function capturedInputs({ members, featureWidth }: HeadSize): ValueInfo[] {
  const dimension = embeddingDimension(featureWidth)
  const captured: [string, Dimension[]][] = [
    ['premise', ['allRows', dimension]],
    ['hypothesis', ['allRows', dimension]],
    ['target', ['allRows']],
    ['weight', [members, 'allRows']],
    ['featureMean', [featureWidth]],
    ['featureScale', [featureWidth]],
    ['maskPool', ['poolLength']],
  ]
  return captured.map(([name, dimensions]) => ({ name, type: 'float32', dimensions }))
}

function buildStep(
  { head, loss, size, batch, dropout }: TrainingModelOptions,
  specifications: readonly ParameterSpecification[],
): ReturnType<ReturnType<typeof createGraphBuilder>['build']> {
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
  const [rows, counted, maskOffset, rates] = stepInputs(batch).map(([name, type, shape]) => ({
    name: builder.input(name, type, shape),
    shape,
  }))
  if (rows === undefined || counted === undefined || maskOffset === undefined || rates === undefined)
    throw new RangeError('A step has four inputs')

  const dimension = embeddingDimension(size.featureWidth)
  const outside = (name: string, shape: Shape): Value => ({ name, shape })
  const embedding = (side: string): Value => emit.gather(outside(side, ['allRows', dimension]), rows, 0)
  const features = standardise(
    emit,
    pooledFeatures(emit, embedding('premise'), embedding('hypothesis')),
    outside('featureMean', [size.featureWidth]),
    outside('featureScale', [size.featureWidth]),
  )
  const target = emit.gather(outside('target', ['allRows']), rows, 0)
  const weight = emit.mul(emit.gather(outside('weight', [size.members, 'allRows']), rows, 1), counted)
  const mask = dropout ? sliceMask(emit, maskOffset, head.maskShape(size, batch)) : null

  const value = (name: string): Value => {
    const state = states.find((candidate) => candidate.name === name)
    if (state === undefined) throw new RangeError(`The head has no parameter ${name}`)
    return state.value
  }
  const losses = loss(tape, head.score(tape, value, features, mask, size), target, weight)
  const gradients = tape.gradients(
    tape.sum(losses, [0]),
    states.map((state) => state.value),
  )
  const clipped = clipByNorm(emit, gradients, gradientLimit)
  const rate = (index: number): Value => emit.slice(rates, 0, index, index + 1)
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

/** (features − mean) · scale. */
export function standardise(emit: Emitter, features: Value, mean: Value, scale: Value): Value {
  return emit.mul(emit.sub(features, mean), scale)
}

/** The mask of a step: a window of the pool of random multipliers. */
function sliceMask(emit: Emitter, offset: Value, shape: readonly number[]): Value {
  const length = shape.reduce((product, side) => product * side, 1)
  const whole = { name: emit.builder.integers([length]), shape: [1] }
  const end = emit.node('Add', [offset, whole], [1])
  const axis = { name: emit.builder.integers([0]), shape: [1] }
  const pool: Value = { name: 'maskPool', shape: ['poolLength'] }
  return emit.reshape(emit.node('Slice', [pool, offset, end, axis], [length]), shape)
}
