import { expect, test } from 'vitest'
import { pearson } from '../metrics/correlation.ts'
import { createRandom } from '../random.ts'
import { createGrowingRidge } from '../replay/growingRidge.ts'
import { fitInOrder, invertFirst, pearsonGradient, type EvidenceKernel } from './fixedRidge.ts'

const [labels, holdout, width] = [30, 25, 6]

/** Products of random features, and targets that follow some of them. */
function exampleKernel(): EvidenceKernel {
  const random = createRandom(5, 'kernel')
  const rows = Array.from({ length: labels + holdout }, () =>
    Array.from({ length: width }, () => random.uniform() - 0.5),
  )
  const target = rows.map((row) => 0.5 + 0.4 * (row[0]! - row[1]!) + 0.1 * (random.uniform() - 0.5))
  return {
    products: rows
      .slice(0, labels)
      .map((row) =>
        Float32Array.from(rows, (other) => row.reduce((sum, value, index) => sum + value * other[index]!, 0)),
      ),
    target: target.slice(0, labels),
    holdoutTarget: target.slice(labels),
  }
}

const all = Uint32Array.from({ length: labels }, (_, label) => label)
const scoresOf = (kernel: EvidenceKernel, order: Uint32Array, lambda: number): Float64Array =>
  fitInOrder(kernel, order, [order.length], lambda)[0]!.score

test('scores are those of the ridge that a replay grows', () => {
  const kernel = exampleKernel()
  const ridge = createGrowingRidge(labels)
  ridge.add(
    Array.from(all, (label) => ({ target: kernel.target[label]!, weight: 1, group: label })),
    Array.from(all, (label) => Float64Array.from(kernel.products[label]!.subarray(0, labels))),
  )
  const { lambda, weight, bias } = ridge.fit()
  const score = scoresOf(kernel, all, lambda)
  for (let pair = 0; pair < holdout; pair++) {
    const expected = weight.reduce((sum, by, row) => sum + by * kernel.products[row]![labels + pair]!, bias)
    expect(score[pair]).toBeCloseTo(Math.min(1, Math.max(0, expected)), 6)
  }
})

test('going on from what orders share is the same as beginning anew', () => {
  const kernel = exampleKernel()
  const start = invertFirst(kernel, all.subarray(0, 10), 0.3)
  const [, continued] = fitInOrder(kernel, all, [15, 25], 0.3, start)
  const [whole] = fitInOrder(kernel, all, [25], 0.3)
  continued!.score.forEach((value, pair) => expect(value).toBeCloseTo(whole!.score[pair]!, 8))
  expect(start.size).toBe(10)
})

test('the gradient of r is what small changes of a score do to it', () => {
  const random = createRandom(1, 'gradient')
  const [score, target] = [0, 1].map(() => Float64Array.from({ length: 12 }, () => random.uniform()))
  const gradient = pearsonGradient(score!, target!)
  for (const row of score!.keys()) {
    const moved = (by: number): number =>
      pearson(
        score!.map((value, at) => value + (at === row ? by : 0)),
        target!,
      )!
    expect(gradient[row]).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 6)
  }
})

test('the influence of a label is what r loses without it, less its own leverage', () => {
  const kernel = exampleKernel()
  const lambda = 3
  const { score, influence } = fitInOrder(kernel, all, [labels], lambda)[0]!
  const r = pearson(score, kernel.holdoutTarget)!
  const lost = Array.from(all, (label) => {
    const without = scoresOf(
      kernel,
      all.filter((other) => other !== label),
      lambda,
    )
    return r - pearson(without, kernel.holdoutTarget)!
  })
  // With a strong λ leverages are small, so both agree but for a scale between a half and one.
  expect(pearson(influence, lost)).toBeGreaterThan(0.97)
  const length = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values))
  expect(length(influence) / length(lost)).toBeGreaterThan(0.7)
  expect(length(influence) / length(lost)).toBeLessThanOrEqual(1.1)
})
