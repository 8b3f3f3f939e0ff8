import { describe, expect, test } from 'vitest'
import { solveRidge } from '../baselines/normalEquations.ts'
import { ridgeLambdas } from '../baselines/ridge.ts'
import { createRandom } from '../random.ts'
import { syntheticRows } from '../testRows.ts'
import { createBootstrapMembers } from './bootstrapMembers.ts'
import { chooseStrength, judgeStrength } from './chooseStrength.ts'
import { invertSmall } from './denseMatrix.ts'
import { createGrowingRidge, type DualModel, type GrowingRidge, type NewRow } from './growingRidge.ts'
import { createPairKernel } from './pairKernel.ts'

const width = 4

/** Rows of a noisy plane. */
function plane(count: number): { features: number[][]; rows: NewRow[] } {
  const random = createRandom(5, 'plane')
  const features = Array.from({ length: count }, () => Array.from({ length: width }, () => random.uniform()))
  return {
    features,
    rows: features.map(([a = 0, b = 0], row) => ({
      target: 0.2 + 0.5 * a - 0.1 * b + 0.2 * (random.uniform() - 0.5),
      weight: 0.5 + random.uniform(),
      group: Math.floor(row / 3),
    })),
  }
}

const productsWith = (features: number[][], own: number[], until: number): number[] =>
  features.slice(0, until).map((other) => other.reduce((sum, value, index) => sum + value * own[index]!, 0))

/** Adds rows in batches of the given sizes. */
function grow(features: number[][], rows: NewRow[], batches: number[]): GrowingRidge {
  const ridge = createGrowingRidge(rows.length)
  let start = 0
  for (const size of batches) {
    const end = start + size
    ridge.add(
      rows.slice(start, end),
      features.slice(start, end).map((own) => productsWith(features, own, end)),
    )
    start = end
  }
  return ridge
}

/** The ridge of some rows by its normal equations. */
function primal(features: number[][], rows: NewRow[], lambda: number): (own: number[]) => number {
  const gram = new Float64Array(width * width)
  const feature = new Float64Array(width)
  const moment = new Float64Array(width)
  let [total, sum] = [0, 0]
  for (const [row, { target, weight }] of rows.entries()) {
    total += weight
    sum += weight * target
    features[row]!.forEach((x, i) => {
      feature[i]! += weight * x
      moment[i]! += weight * x * target
      features[row]!.forEach((z, j) => (gram[i * width + j]! += weight * x * z))
    })
  }
  const model = solveRidge({ width, weight: total, feature, target: sum, gram, moment }, lambda)
  return (own) => own.reduce((score, value, index) => score + value * model.weight[index]!, model.bias)
}

const scoreOf = (model: DualModel, features: number[][], own: number[]): number =>
  productsWith(features, own, features.length).reduce(
    (score, product, row) => score + product * model.weight[row]!,
    model.bias,
  )

describe('a ridge that grows', () => {
  const { features, rows } = plane(30)

  test('is the ridge of the normal equations, however its rows came', () => {
    const ridge = grow(features, rows, [3, 1, 16, 10])
    const state = ridge.fit()
    const wanted = primal(features, rows, state.lambda)
    for (const own of features.slice(0, 5)) expect(scoreOf(state, features, own)).toBeCloseTo(wanted(own), 6)
    expect(grow(features, rows, [30]).fit().lambda).toBe(state.lambda)
  })

  test('out of fold is what a fit without the premise says, and no stronger λ is within a standard error', () => {
    const state = grow(features, rows, [20, 10]).fit()
    const weight = rows.map((row) => row.weight)
    const judged = ridgeLambdas.map((lambda) =>
      judgeStrength(
        rows.map((row, index) => {
          const others = rows.flatMap((other, place) => (other.group === row.group ? [] : [place]))
          const score = primal(
            others.map((place) => features[place]!),
            others.map((place) => rows[place]!),
            lambda,
          )(features[index]!)
          const within = Math.min(1, Math.max(0, score))
          if (lambda === state.lambda) expect(state.outOfFold[index]).toBeCloseTo(within, 6)
          return (within - row.target) ** 2
        }),
        weight,
      ),
    )
    const place = ridgeLambdas.findIndex((lambda) => lambda === state.lambda)
    expect(judged[place]!.error).toBeCloseTo(state.squaredError, 6)
    const lowest = judged.toSorted((left, right) => left.error - right.error)[0]!
    const limit = lowest.error + lowest.standardError
    expect(judged[place]!.error).toBeLessThanOrEqual(limit)
    expect(judged.slice(0, place).every(({ error }) => error > limit)).toBe(true)
    expect(place).toBeGreaterThan(0)
  })

  test('a changed row counts as if it had come so', () => {
    const ridge = grow(features, rows, [20, 10])
    ridge.change(7, 0.9, 3)
    const changed = rows.map((row, index) => (index === 7 ? { ...row, target: 0.9, weight: 3 } : row))
    const [own, other] = [ridge.fit(), grow(features, changed, [30]).fit()]
    expect(own.lambda).toBe(other.lambda)
    expect(Math.max(...own.weight.map((value, row) => Math.abs(value - other.weight[row]!)))).toBeLessThan(
      1e-8,
    )
  })

  test('rows that all share a premise are left out singly', () => {
    const one = rows.map((row) => ({ ...row, group: 0 }))
    const each = rows.map((row, group) => ({ ...row, group }))
    expect(grow(features, one, [30]).fit()).toEqual(grow(features, each, [30]).fit())
  })
})

test('members are ridges with the weights of their own, and keep them as rows come', () => {
  const { features, rows } = plane(24)
  const members = createBootstrapMembers(3, 9)
  const ridge = createGrowingRidge(24)
  let models: DualModel[] = []
  for (const [start, end] of [
    [0, 10],
    [10, 24],
  ] as const) {
    ridge.add(
      rows.slice(start, end),
      features.slice(start, end).map((own) => productsWith(features, own, end)),
    )
    members.add(Array.from({ length: end - start }, (_, place) => start + place))
    models = members.fit(ridge, 0.3)
  }
  for (const [member, model] of models.entries()) {
    const weighed = rows.map((row, key) => ({
      ...row,
      weight: row.weight * createRandom(9, 'member', member, key).exponential(),
    }))
    const wanted = primal(features, weighed, 0.3)
    for (const own of features.slice(0, 4)) expect(scoreOf(model, features, own)).toBeCloseTo(wanted(own), 3)
  }
})

test('products are those of the pooled features about the mean of the pool', async () => {
  const dimension = 6
  const pairs = syntheticRows(12, dimension, 2)
  const kernel = await createPairKernel(pairs, 9, 1)
  const features = Array.from({ length: 12 }, (_, row) => {
    const [u, v] = [pairs.premise, pairs.hypothesis].map((side) => [
      ...side.subarray(row * dimension, (row + 1) * dimension),
    ])
    const product = u!.map((value, index) => value * v![index]!)
    const difference = u!.map((value, index) => Math.abs(value - v![index]!))
    return [...u!, ...v!, ...difference, ...product, product.reduce((sum, value) => sum + value, 0)]
  })
  const mean = features[0]!.map(
    (_, index) => features.slice(0, 9).reduce((sum, own) => sum + own[index]!, 0) / 9,
  )
  const found = await kernel.products(Uint32Array.of(11, 4))
  await kernel.dispose()
  for (const [place, row] of [11, 4].entries())
    for (const [other, own] of features.entries()) {
      const wanted = own.reduce(
        (sum, value, index) => sum + (value - mean[index]!) * (features[row]![index]! - mean[index]!),
        0,
      )
      expect(found[place]![other]).toBeCloseTo(wanted, 5)
    }
})

test('a small matrix times its inverse is the unit matrix', () => {
  const matrix = Float64Array.of(4, 1, 0.5, 1, 3, 0.2, 0.5, 0.2, 2)
  const inverse = invertSmall(matrix, 3)
  const product = Array.from({ length: 9 }, (_, place) =>
    [0, 1, 2].reduce(
      (sum, index) => sum + matrix[Math.floor(place / 3) * 3 + index]! * inverse[index * 3 + (place % 3)]!,
      0,
    ),
  )
  for (const [place, value] of product.entries()) expect(value).toBeCloseTo(place % 4 === 0 ? 1 : 0, 12)
})

test('the strongest within one standard error of the lowest is chosen', () => {
  // Squares 0, 0, 3 weighing 1, 1, 2: mean 1.5, √(1.5² + 1.5² + 3²) / 4 = .9186.
  expect(judgeStrength([0, 0, 3], [1, 1, 2])).toEqual({
    error: 1.5,
    standardError: expect.closeTo(0.9186, 4) as number,
  })
  const judged = [0.35, 0.29, 0.26, 0.25, 0.31].map((error) => ({ error, standardError: 0.05 }))
  expect(chooseStrength(judged)).toBe(1)
})
