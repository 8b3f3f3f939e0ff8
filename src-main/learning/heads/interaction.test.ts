import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { createGraphBuilder } from '../../onnx/graphBuilder.ts'
import { toFloat16 } from '../../onnx/float16.ts'
import { writeModel } from '../../onnx/writeModel.ts'
import { createEmitter, type Value } from '../graph/emitter.ts'
import { createTape } from '../graph/tape.ts'
import { losses } from '../losses/registry.ts'
import { createRandom } from '../random.ts'
import { createForward, createOnnxTrainer } from '../runtime/onnxTrainer.ts'
import type { EmbeddedPairs } from '../trainContract.ts'
import { sliceRows } from '../training/trainer.ts'
import { initialParameters } from '../training/initial.ts'
import { createTestTraining } from '../training/testTrainer.ts'
import type { TokenInputs } from './head.ts'
import { interaction } from './interaction.ts'

const cpu = { provider: 'cpu', threads: 1 } as const

test('what longer texts a pair is run beside does not matter', async () => {
  const { options } = createTestTraining('interaction', 0)
  const { pairs } = options.inputs
  const tokens = pairs.tokens!
  const parameters = options.initial as ReadonlyMap<string, Float32Array>
  const forward = await createForward(interaction, options.size, cpu)
  const outputs = ['predicted', 'hidden'] as const
  const together = {
    predicted: await forward.run('predicted', options.inputs, parameters),
    hidden: await forward.run('hidden', options.inputs, parameters),
  }
  const length = (row: number): number => tokens.lengths[tokens.premise[row]!]!
  const lengths = new Set(Array.from({ length: 10 }, (_, row) => length(row)))
  expect(lengths.size).toBeGreaterThan(3)
  for (let row = 0; row < 10; row++) {
    const own = { ...options.inputs, pairs: sliceRows(pairs, row, row + 1) }
    for (const name of outputs) {
      const alone = await forward.run(name, own, parameters)
      const width = alone.length / options.size.members
      alone.forEach((value, index) => {
        const member = Math.floor(index / width)
        const place = (member * (together[name].length / options.size.members / width) + row) * width
        expect(value).toBeCloseTo(together[name][place + (index % width)]!, 6)
      })
    }
  }
  await forward.close()
})

test('nor does what padding holds: a text is read to its end and no further', async () => {
  const { options, steps } = createTestTraining('interaction', 0.3)
  const tokens = options.inputs.pairs.tokens!
  const { dimension } = options.size
  // The same texts, each followed by a token that no text has.
  const values = new Uint16Array(tokens.values.length + tokens.starts.length * dimension)
  const starts = tokens.starts.map((start, text) => start + text)
  const foreign = toFloat16(new Float32Array(dimension).fill(100))
  for (const [text, start] of starts.entries()) {
    const from = tokens.starts[text]! * dimension
    const count = tokens.lengths[text]! * dimension
    values.set(tokens.values.subarray(from, from + count), start * dimension)
    values.set(foreign, start * dimension + count)
  }
  const spaced = { ...options.inputs.pairs, tokens: { ...tokens, values, starts } }
  const train = async (pairs: EmbeddedPairs) => {
    const trainer = await createOnnxTrainer({ ...options, inputs: { ...options.inputs, pairs } }, cpu)
    const told = [await trainer.train(steps(1)), await trainer.predict(options.inputs)]
    await trainer.dispose()
    return told
  }
  expect(await train(spaced)).toEqual(await train(options.inputs.pairs))
})

test('gradients of the whole head agree with central differences, on texts of unequal length', async () => {
  const size = { members: 2, dimension: 3, hiddenWidth: 4, columns: 2, frozenWidth: 0 }
  const lengths = { premise: [2, 4, 1], hypothesis: [3, 1, 2] }
  const rows = 3
  const builder = createGraphBuilder('gradient')
  const emit = createEmitter(builder, 'float64')
  const tape = createTape(emit)
  const input = (name: string, shape: Value['shape']): Value => ({
    name: builder.input(name, 'float64', shape),
    shape,
  })
  const specifications = interaction.parameters(size)
  const parameters = new Map(specifications.map(({ name, shape }) => [name, input(name, shape)]))
  // Lengths are known at run time alone, as in training.
  const side = (name: string): TokenInputs<Value> => ({
    vectors: input(`${name} vectors`, [`${name} places`, size.dimension]),
    mask: input(`${name} mask`, [rows, `${name} tokens`]),
  })
  const tokens = { premise: side('premise'), hypothesis: side('hypothesis') }
  const masks = Object.entries(interaction.masks(size, rows))
  const dropout = new Map(masks.map(([name, shape]) => [name, input(`${name} dropout`, shape)]))
  const missing = (): never => {
    throw new RangeError('The head reads tokens alone')
  }
  const { predicted, hidden } = interaction.forward(
    tape,
    (name) => parameters.get(name)!,
    { pooled: missing, tokens: () => tokens, frozen: missing },
    (name) => dropout.get(name)!,
    size,
  )
  expect(hidden.shape).toEqual([2, rows, 4])
  const weight = input('weight', [size.members, rows])
  const loss = tape.sum(losses.gaussian.apply(tape, predicted, input('labels', [rows, 1]), weight), [0])
  const gradients = tape.gradients(loss, [...parameters.values()])
  builder.output(loss.name, 'float64', [])
  for (const [index, { shape }] of specifications.entries())
    builder.output(gradients[index]!.name, 'float64', shape)
  const session = await InferenceSession.create(
    writeModel({ graph: builder.build(), operatorSet: 20, producer: 'gradus', notes: {} }),
    { logSeverityLevel: 3 },
  )

  const random = createRandom(11, 'gradient')
  const wide = (shape: readonly number[], make: (index: number) => number): Tensor =>
    new Tensor(
      'float64',
      Float64Array.from({ length: shape.reduce((all, length) => all * length, 1) }, (_, index) =>
        make(index),
      ),
      shape,
    )
  const feeds: Record<string, Tensor> = {
    labels: wide([rows, 1], () => random.uniform()),
    weight: wide([size.members, rows], () => 0.5 + random.uniform()),
  }
  for (const [name, own] of Object.entries(lengths)) {
    const longest = Math.max(...own)
    feeds[`${name} vectors`] = wide([rows * longest, size.dimension], () => 2 * random.uniform() - 1)
    feeds[`${name} mask`] = wide([rows, longest], (index) =>
      index % longest < own[Math.floor(index / longest)]! ? 1 : 0,
    )
  }
  for (const [name, shape] of masks)
    feeds[`${name} dropout`] = wide(shape, () => (random.uniform() < 0.2 ? 0 : 1.25))
  const first = initialParameters(interaction, size, 3)
  for (const { name, shape } of specifications)
    feeds[name] = wide(shape, (index) => 1.5 * first.get(name)![index]!)

  const results = await session.run(feeds)
  const step = 1e-6
  let compared = 0
  for (const [index, { name, shape }] of specifications.entries()) {
    const analytic = results[gradients[index]!.name]!.data as Float64Array
    const values = Float64Array.from(feeds[name]!.data as Float64Array)
    expect(Math.max(...analytic.map(Math.abs)), name).toBeGreaterThan(1e-5)
    for (let place = 0; place < values.length; place++) {
      const at = async (offset: number): Promise<number> => {
        const moved = values.with(place, values[place]! + offset)
        const answer = await session.run({ ...feeds, [name]: new Tensor('float64', moved, shape) })
        return (answer[loss.name]!.data as Float64Array)[0]!
      }
      const numeric = ((await at(step)) - (await at(-step))) / (2 * step)
      expect(Math.abs(analytic[place]! - numeric), `${name} ${place}`).toBeLessThan(
        1e-7 + 1e-6 * Math.abs(numeric),
      )
      compared++
    }
  }
  expect(compared).toBe([...first.values()].flatMap((values) => [...values]).length)
  await session.release()
})
