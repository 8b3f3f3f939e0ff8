import { wholeGradient } from '../graph/memberGradient.ts'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { createGraphBuilder } from '../../onnx/graphBuilder.ts'
import { writeModel } from '../../onnx/writeModel.ts'
import { createEmitter, type Emitter, type Value } from '../graph/emitter.ts'
import { adamRates, adamW, clipByNorm } from './adamW.ts'

type Numbers = readonly number[]

/** Writes float64 operators of the inputs, all of one shape, and runs them once. */
async function compute(
  inputs: Record<string, Numbers>,
  shape: number[],
  write: (emit: Emitter, input: (name: string) => Value) => Value[],
): Promise<number[][]> {
  const builder = createGraphBuilder('optimiser')
  const emit = createEmitter(builder, 'float64')
  for (const name of Object.keys(inputs)) builder.input(name, 'float64', shape)
  const results = write(emit, (name) => ({ name, shape }))
  for (const { name } of results) builder.output(name, 'float64', shape)
  const session = await InferenceSession.create(
    writeModel({ graph: builder.build(), operatorSet: 20, producer: 'gradus', notes: {} }),
    // Without decay the factor that keeps the weights is left unused, of which it would warn.
    { logSeverityLevel: 3 },
  )
  const feeds = Object.entries(inputs).map(([name, values]) => [
    name,
    new Tensor('float64', Float64Array.from(values), shape),
  ])
  const answers = await session.run(Object.fromEntries(feeds) as Record<string, Tensor>)
  await session.release()
  return results.map(({ name }) => [...(answers[name]!.data as Float64Array)])
}

/** Algorithm 2 of Loshchilov & Hutter 2019 as printed, for one number, with the learning rate as its schedule. */
function textbook(start: number, gradients: Numbers, rates: Numbers, decay: number): number {
  let [value, m, v] = [start, 0, 0]
  gradients.forEach((gradient, index) => {
    const rate = rates[index]!
    m = 0.9 * m + 0.1 * gradient
    v = 0.999 * v + 0.001 * gradient ** 2
    const [unbiasedM, unbiasedV] = [m / (1 - 0.9 ** (index + 1)), v / (1 - 0.999 ** (index + 1))]
    value -= (rate * unbiasedM) / (Math.sqrt(unbiasedV) + 1e-8) + rate * decay * value
  })
  return value
}

test.each([true, false])('five steps are those of the paper (decay %s)', async (decays) => {
  const start = [0.5, -2, 0]
  const gradients = [
    [0.1, -3, 0],
    [-0.2, 1e-3, 0],
    [0.05, 2, 0],
    [0, -1, 0],
    [1e-6, 0.5, 0],
  ]
  const rates = [0.01, 0.1, 0.05, 0.02, 0.3]
  let state = [start, [0, 0, 0], [0, 0, 0]]
  for (const [index, gradient] of gradients.entries()) {
    const { stepSize, smallest, keep } = adamRates(index + 1, rates[index]!, 0.1)
    const [value = [], mean = [], square = []] = state
    state = await compute({ value, mean, square, gradient }, [3], (emit, input) => {
      const next = adamW(
        emit,
        { value: input('value'), mean: input('mean'), square: input('square') },
        input('gradient'),
        { stepSize: emit.scalar(stepSize), smallest: emit.scalar(smallest), keep: emit.scalar(keep) },
        decays,
      )
      return [next.value, next.mean, next.square]
    })
  }
  const expected = start.map((value, index) =>
    textbook(
      value,
      gradients.map((gradient) => gradient[index]!),
      rates,
      decays ? 0.1 : 0,
    ),
  )
  state[0]!.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 12))
})

test('the gradients of each member are shrunk to a common norm of 1, and left alone below it', async () => {
  // Two members: norms √(3² + 0² + 4² + 0²) = 5 and √(.3² + .1² + 0² + .2²) < 1.
  const [first, second] = await compute(
    { first: [3, 0, 0.3, 0.1], second: [4, 0, 0, 0.2] },
    [2, 2, 1],
    (emit, input) =>
      clipByNorm(
        emit,
        [input('first'), input('second')].map((gradient) => wholeGradient(emit, gradient)),
        1,
      ),
  )
  expect(first).toEqual([3 * 0.2, 0, 0.3, 0.1])
  expect(second).toEqual([4 * 0.2, 0, 0, 0.2])
})
