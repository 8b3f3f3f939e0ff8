import * as tf from '@tensorflow/tfjs'
import { Tensor } from 'onnxruntime-node'
import { beforeAll, describe, expect, test } from 'vitest'
import { createGraphBuilder } from '../../onnx/graphBuilder.ts'
import { writeModel } from '../../onnx/writeModel.ts'
import { createEmitter, type Value } from '../graph/emitter.ts'
import { createTape } from '../graph/tape.ts'
import { createRandom } from '../random.ts'
import { createSession, floatsOf, runSession } from '../runtime/onnxRuntime.ts'
import { tensorflowOperations } from '../runtime/tensorflowOperations.ts'
import type { Loss } from './loss.ts'
import { createLossMeter } from './lossMeter.ts'

/** One row as one member sees it: what is predicted (score, perhaps deviation), its target and weight. */
export interface Row {
  readonly predicted: readonly number[]
  readonly target: number
  readonly weight: number
}

/** What a loss makes of a batch: one number a member, and by row the derivatives by its predicted columns. */
interface Outcome {
  readonly values: number[]
  readonly gradients: number[][][]
}

/** Rows from columns of equal length; weights are 1 unless given. */
export function rowsOf(
  score: readonly number[],
  target: readonly number[],
  weight: readonly number[] = score.map(() => 1),
  deviation?: readonly number[],
): Row[] {
  return score.map((own, row) => ({
    predicted: deviation === undefined ? [own] : [own, deviation[row] ?? 0],
    target: target[row] ?? 0,
    weight: weight[row] ?? 0,
  }))
}

/** The example of four pairs that every loss is computed for by hand. */
export const exampleScore = [0.95, 0.64, 0.3, 0.05]
export const exampleTarget = [1, 0.7, 0.2, 0]

/** The arrays of members that all have the same targets. */
function arraysOf(members: readonly (readonly Row[])[]): {
  predicted: Float32Array
  labels: Float32Array
  weight: Float32Array
} {
  const all = members.flat()
  return {
    predicted: Float32Array.from(all.flatMap((row) => row.predicted)),
    labels: Float32Array.from((members[0] ?? []).map((row) => row.target)),
    weight: Float32Array.from(all.map((row) => row.weight)),
  }
}

function byMember(flat: ArrayLike<number>, members: number, rows: number, columns: number): number[][][] {
  const at = (index: number): number => (flat[index] ?? NaN) + 0 // no −0
  return Array.from({ length: members }, (_, member) =>
    Array.from({ length: rows }, (__, row) =>
      Array.from({ length: columns }, (___, column) => at((member * rows + row) * columns + column)),
    ),
  )
}

/** Runs a loss and its gradient as training does: as an ONNX graph of known shapes. */
export async function lossOf(loss: Loss, members: readonly (readonly Row[])[]): Promise<Outcome> {
  const rows = members[0]?.length ?? 0
  const builder = createGraphBuilder('loss')
  const tape = createTape(createEmitter(builder))
  const input = (name: string, shape: number[]): Value => ({
    name: builder.input(name, 'float32', shape),
    shape,
  })
  const shapes = {
    predicted: [members.length, rows, loss.columns],
    labels: [rows, 1],
    weight: [members.length, rows],
  }
  const predicted = input('predicted', shapes.predicted)
  const values = loss.apply(tape, predicted, input('labels', shapes.labels), input('weight', shapes.weight))
  const [gradient] = tape.gradients(tape.sum(values, [0]), [predicted])
  if (gradient === undefined) throw new RangeError('There is no gradient')
  builder.output(values.name, 'float32', [members.length])
  builder.output(gradient.name, 'float32', shapes.predicted)
  const session = await createSession(
    writeModel({ graph: builder.build(), operatorSet: 20, producer: 'gradus', notes: {} }),
    1,
  )
  const arrays = arraysOf(members)
  const results = await runSession(session, {
    predicted: new Tensor('float32', arrays.predicted, shapes.predicted),
    labels: new Tensor('float32', arrays.labels, shapes.labels),
    weight: new Tensor('float32', arrays.weight, shapes.weight),
  })
  await session.release()
  return {
    values: [...floatsOf(results.get(values.name))],
    gradients: byMember(floatsOf(results.get(gradient.name)), members.length, rows, loss.columns),
  }
}

/** The same by TensorFlow.js, with its own gradients. */
function tensorflowLossOf(loss: Loss, members: readonly (readonly Row[])[]): Outcome {
  const rows = members[0]?.length ?? 0
  const arrays = arraysOf(members)
  const operations = tensorflowOperations(tf)
  return tf.tidy(() => {
    const labels = tf.tensor2d(arrays.labels, [rows, 1])
    const weight = tf.tensor2d(arrays.weight, [members.length, rows])
    const predicted = tf.tensor3d(arrays.predicted, [members.length, rows, loss.columns])
    const apply = (value: tf.Tensor): tf.Tensor => loss.apply<tf.Tensor>(operations, value, labels, weight)
    const gradient = tf.grad((value) => tf.sum(apply(value)))(predicted)
    return {
      values: [...apply(predicted).dataSync()],
      gradients: byMember(gradient.dataSync(), members.length, rows, loss.columns),
    }
  })
}

/** Measures one member's rows by the graph whose number of rows is open. */
export async function measured(loss: Loss, rows: readonly Row[]): Promise<number> {
  const meter = await createLossMeter(loss, { columns: loss.columns, labelColumns: 1 })
  const { predicted, labels, weight } = arraysOf([rows])
  const value = await meter.measure(predicted, labels, weight)
  await meter.dispose()
  return value
}

/** Two members' rows: targets and scores tie, some targets lie closer than any margin, some weights are 0. */
function randomMembers(loss: Loss): Row[][] {
  const random = createRandom(5, 'losses')
  const target = [0, 0, 0.03, 0.2, 0.35, 0.35, 0.5, 0.53, 0.7, 0.9, 1, 1, 0.6, 0.1]
  return [0, 1].map((member) =>
    target.map((own, row) => {
      const score = row % 3 === 0 ? 0.5 : random.uniform()
      const deviation = 0.02 + 0.48 * random.uniform()
      return {
        predicted: loss.columns === 1 ? [score] : [score, deviation],
        target: own,
        weight: (row + member) % 5 === 0 ? 0 : 2 * random.uniform(),
      }
    }),
  )
}

/** Equal to a part in 100,000, or to one in a million of the largest entry where terms cancel. */
function expectClose(found: readonly number[], wanted: readonly number[]): void {
  const largest = Math.max(...wanted.map(Math.abs))
  expect(found).toHaveLength(wanted.length)
  const apart = found.filter((value, index) => {
    const other = wanted[index] ?? NaN
    return !(Math.abs(value - other) <= 1e-5 * Math.abs(other) + 1e-6 * largest)
  })
  expect(apart).toEqual([])
}

/** What holds for every loss. */
export function testEveryLoss(loss: Loss): void {
  const members = randomMembers(loss)

  describe('as every loss', () => {
    beforeAll(() => tf.setBackend('cpu'))

    test('value and gradient agree with TensorFlow.js', async () => {
      const onnx = await lossOf(loss, members)
      const tensorflow = tensorflowLossOf(loss, members)
      expect(
        Math.min(...onnx.gradients.map((rows) => Math.max(...rows.flat().map(Math.abs)))),
      ).toBeGreaterThan(0.01)
      expectClose(onnx.values, tensorflow.values)
      for (const [member, rows] of onnx.gradients.entries())
        expectClose(rows.flat(), tensorflow.gradients[member]?.flat() ?? [])
    })

    test('members do not touch each other, and an open number of rows changes nothing', async () => {
      const { values } = await lossOf(loss, members)
      expect(values).toHaveLength(2)
      expectClose(await Promise.all(members.map((rows) => measured(loss, rows))), values)
    })

    test('rows without weight change neither value nor gradient', async () => {
      const [rows = []] = members
      const others = rows.map((row) =>
        row.weight > 0 ? row : { ...row, target: 1 - row.target, predicted: row.predicted.map(() => 1) },
      )
      const plain = await lossOf(loss, [rows])
      expect(await lossOf(loss, [others])).toEqual(plain)
      const weightless = rows.flatMap((row, index) => (row.weight > 0 ? [] : [index]))
      expect(weightless.length).toBeGreaterThan(1)
      for (const index of weightless)
        expect(plain.gradients[0]?.[index]).toEqual(Array.from({ length: loss.columns }, () => 0))

      const without = await lossOf(loss, [rows.filter((row) => row.weight > 0)])
      expectClose(without.values, plain.values)
      const kept = plain.gradients[0]?.filter((_, index) => !weightless.includes(index)) ?? []
      expectClose(without.gradients[0]?.flat() ?? [], kept.flat())
    })

    test('the order of rows changes nothing', async () => {
      const [rows = []] = members
      const plain = await lossOf(loss, [rows])
      const reversed = await lossOf(loss, [rows.toReversed()])
      expectClose(reversed.values, plain.values)
      expectClose(reversed.gradients[0]?.toReversed().flat() ?? [], plain.gradients[0]?.flat() ?? [])
    })

    test('a row of weight 2 is two rows', async () => {
      const [rows = []] = members
      const heavy = rows.map((row, index) => (index === 3 ? { ...row, weight: 2 } : row))
      const twice = rows.flatMap((row, index) =>
        index === 3 ? [1, 1].map((weight) => ({ ...row, weight })) : [row],
      )
      expectClose((await lossOf(loss, [twice])).values, (await lossOf(loss, [heavy])).values)
    })

    test('without weight, and without rows, it is 0', async () => {
      const [rows = []] = members
      const weightless = rows.map((row) => ({ ...row, weight: 0 }))
      const { values, gradients } = await lossOf(loss, [weightless, rows])
      expect(values[0]).toBe(0)
      expect(gradients[0]?.flat().filter((value) => value !== 0)).toEqual([])
      expect(values[1]).not.toBe(0)
      expect(Math.abs(await measured(loss, weightless))).toBe(0)
      expect(Math.abs(await measured(loss, []))).toBe(0)
    })

    test('scores of exactly 0 and 1 and equal ones have finite gradients', async () => {
      const score = [0, 0, 1, 1, 0.5, 0.5, 0.5]
      const target = [0, 1, 0, 1, 0.5, 0, 1]
      for (const deviation of [0.02, 0]) {
        const rows = rowsOf(
          score,
          target,
          undefined,
          loss.columns === 1 ? undefined : score.map(() => deviation),
        )
        const { values, gradients } = await lossOf(loss, [rows])
        expect([...values, ...gradients.flat(2)].filter((value) => !Number.isFinite(value))).toEqual([])
      }
    })
  })
}
