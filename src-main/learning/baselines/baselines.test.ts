import { describe, expect, test } from 'vitest'
import { createFeatureSums } from '../features/featureSums.ts'
import { pearson } from '../metrics/correlation.ts'
import { squaredError } from '../metrics/squaredError.ts'
import { applyIsotonic, fitIsotonic } from '../calibration/isotonic.ts'
import { syntheticRows, syntheticTokenRows } from '../testRows.ts'
import type { LabelledPairs } from '../trainContract.ts'
import { makeFolds } from '../training/folds.ts'
import { fitBaselines } from './fitBaselines.ts'
import { selectRows } from '../training/trainer.ts'
import {
  addEquations,
  sliceEquations,
  solveRidge,
  subtractEquations,
  type NormalEquations,
} from './normalEquations.ts'
import { fitRidge, ridgeLambdas } from './ridge.ts'

/** Three features, worked without ONNX. */
function equationsOf(rows: number[][], target: number[], weight: number[]): NormalEquations {
  const width = 3
  const gram = new Float64Array(width * width)
  const feature = new Float64Array(width)
  const moment = new Float64Array(width)
  rows.forEach((row, index) =>
    row.forEach((x, i) => {
      feature[i]! += weight[index]! * x
      moment[i]! += weight[index]! * x * target[index]!
      row.forEach((z, j) => (gram[i * width + j]! += weight[index]! * x * z))
    }),
  )
  const total = weight.reduce((sum, value) => sum + value, 0)
  const targetSum = target.reduce((sum, value, index) => sum + value * weight[index]!, 0)
  return { width, weight: total, feature, target: targetSum, gram, moment }
}

const rows = [
  [1, 0, 2],
  [0, 1, 1],
  [3, 1, 0],
  [1, 2, 1],
  [2, 2, 5],
]
const target = rows.map(([a, b, c]) => 0.5 * a! - 0.25 * b! + 0.1 * c! + 0.3)

describe('ridge', () => {
  test('with hardly any λ it finds the line that made the targets', () => {
    const { weight, bias } = solveRidge(equationsOf(rows, target, [1, 2, 1, 1, 3]), 1e-9)
    expect([...weight, bias].map((value) => Number(value.toFixed(5)))).toEqual([0.5, -0.25, 0.1, 0.3])
  })

  test('one feature: the closed form by hand', () => {
    const one = sliceEquations(equationsOf(rows, target, [1, 1, 1, 1, 1]), 0, 1)
    // x − mean = −.4 −1.4 1.6 −.4 .6: square sum 5.2; moment with the targets .78 + ….
    const mean = target.reduce((sum, value) => sum + value, 0) / 5
    const moment = [-0.4, -1.4, 1.6, -0.4, 0.6].reduce((sum, x, row) => sum + x * target[row]!, 0)
    const { weight, bias } = solveRidge(one, 2)
    expect(weight[0]).toBeCloseTo(moment / (5.2 + 2), 12)
    expect(bias).toBeCloseTo(mean - (1.4 * moment) / 7.2, 12)
  })

  test('the sums of two sets are the sums of both together', () => {
    const weights = [1, 2, 1, 1, 3]
    const parts = [0, 3].map((start, index) => {
      const end = index === 0 ? 3 : 5
      return equationsOf(rows.slice(start, end), target.slice(start, end), weights.slice(start, end))
    })
    expect(addEquations(parts[0]!, parts[1]!)).toEqual(equationsOf(rows, target, weights))
  })

  test('through the ONNX graphs it solves the normal equations and chooses λ by validation', async () => {
    const all = syntheticRows(300, 6, 3)
    const part = (start: number, end: number) =>
      selectRows(
        all,
        Uint32Array.from({ length: end - start }, (_, row) => start + row),
      )
    const train = part(0, 200)
    const validation = part(200, 300)
    const sums = await createFeatureSums(6, 1)
    const { mean, scale } = await sums.standardisation(train)
    expect(mean).toHaveLength(25)
    expect(scale.every((value) => value > 0)).toBe(true)
    const equations = {
      train: await sums.equations(train, train.target, train.weight, mean),
      validation: await sums.equations(validation, validation.target, validation.weight, mean),
    }
    const fitted = await fitRidge(sums, equations, validation, mean, { start: 0, end: 25 }, () =>
      Promise.resolve(),
    )
    const each = await sums.scores(
      validation,
      mean,
      ridgeLambdas.map((lambda) => solveRidge(equations.train, lambda)),
    )
    const within = each.map((score) => score.map((value) => Math.min(1, Math.max(0, value))))
    const errors = within.map((score) => squaredError(score, validation.target))
    const best = errors.indexOf(Math.min(...errors))
    expect(fitted.lambda).toBe(ridgeLambdas[best])
    const correlation = Number(pearson(within[best]!, validation.target))
    expect(fitted.validationPearson).toBeCloseTo(correlation, 6)
    expect(correlation).toBeGreaterThan(0.8)
    const both = solveRidge(addEquations(equations.train, equations.validation), fitted.lambda)
    const apart = both.weight.map((value, index) => Math.abs(value - (fitted.model.weight[index] ?? NaN)))
    expect(Math.max(...apart, Math.abs(both.bias - fitted.model.bias))).toBeLessThan(1e-6)
    await sums.dispose()
  })

  test('what is said out of fold is what fits made without that fold say', async () => {
    const rows = syntheticTokenRows(60, 4, 3)
    const validation = syntheticTokenRows(20, 4, 4)
    const folds = makeFolds(rows.group, 3, 1)
    const pause = (): Promise<void> => Promise.resolve()
    const fitted = await fitBaselines(rows, validation, folds, 1, pause)
    const { lambda } = fitted.ridge
    const { dimension } = rows
    const cosineOf = (pairs: LabelledPairs): number[] =>
      Array.from(pairs.target, (_, row) => {
        const own = (side: Float32Array): Float32Array =>
          side.subarray(row * dimension, (row + 1) * dimension)
        const other = own(pairs.hypothesis)
        return own(pairs.premise).reduce((sum, value, index) => sum + value * other[index]!, 0)
      })
    for (let fold = 0; fold < 3; fold++) {
      const numbers = Uint32Array.from(rows.target.keys())
      const held = numbers.filter((row) => folds.of[row] === fold)
      const [others, own] = [
        selectRows(
          rows,
          numbers.filter((row) => folds.of[row] !== fold),
        ),
        selectRows(rows, held),
      ]
      const sums = await createFeatureSums(dimension, 1)
      const { mean } = await sums.standardisation(others)
      const model = solveRidge(await sums.equations(others, others.target, others.weight, mean), lambda)
      const [scores] = await sums.scores(own, mean, [model])
      await sums.dispose()
      const cosine = applyIsotonic(fitIsotonic(cosineOf(others), others.target, others.weight), cosineOf(own))
      for (const [place, row] of held.entries()) {
        expect(fitted.ridgeOutOfFold[row]).toBeCloseTo(Math.min(1, Math.max(0, scores![place]!)), 5)
        expect(fitted.cosineOutOfFold[row]).toBeCloseTo(cosine[place]!, 5)
      }
    }
    // It would not do to take the fit on all rows.
    const whole = applyIsotonic(fitted.cosine, cosineOf(rows))
    expect(
      Math.max(...whole.map((value, row) => Math.abs(value - fitted.cosineOutOfFold[row]!))),
    ).toBeGreaterThan(0.01)
    expect([...fitted.cosines.train]).toEqual(
      cosineOf(rows).map((value) => expect.closeTo(value, 6) as number),
    )
    expect(fitted.cosineValidation).toEqual(applyIsotonic(fitted.cosine, cosineOf(validation)))
  })

  test('labels of a fold do not touch what is said of it', async () => {
    const rows = syntheticRows(60, 4, 3)
    const folds = makeFolds(rows.group, 3, 1)
    const changed = rows.target.map((target, row) => (folds.of[row] === 0 ? 1 - target : target))
    const sums = await createFeatureSums(4, 1)
    const { mean } = await sums.standardisation(rows)
    const whole = async (target: Float32Array): Promise<NormalEquations> =>
      sums.equations(rows, target, rows.weight, mean)
    const held = selectRows(
      rows,
      Uint32Array.from(rows.target.keys()).filter((row) => folds.of[row] === 0),
    )
    const [before, after] = [await whole(rows.target), await whole(changed)]
    const own = (target: Float32Array): Promise<NormalEquations> =>
      sums.equations(held, target, held.weight, mean)
    const without = subtractEquations(before, await own(held.target))
    const other = subtractEquations(after, await own(held.target.map((target) => 1 - target)))
    const apart = without.moment.map((value, index) => Math.abs(value - other.moment[index]!))
    expect(Math.max(...apart, Math.abs(without.target - other.target))).toBeLessThan(1e-5)
    await sums.dispose()
  })

  test('a feature without spread gets scale 0', async () => {
    const rows = syntheticRows(20, 4, 5)
    for (let row = 0; row < 20; row++) rows.premise.set([0.5, 0.5, 0.5, 0.5], row * 4)
    const sums = await createFeatureSums(4, 1)
    const { scale } = await sums.standardisation(rows)
    expect([...scale.subarray(0, 4)]).toEqual([0, 0, 0, 0])
    expect(scale.subarray(4).every((value) => value > 0 && Number.isFinite(value))).toBe(true)
    await sums.dispose()
  })
})
