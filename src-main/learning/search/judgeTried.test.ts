import { expect, test } from 'vitest'
import { judge } from '../metrics/judge.ts'
import { createRandom } from '../random.ts'
import { compareTried, judgeTried } from './judgeTried.ts'

const rows = 400
const random = createRandom(3, 'test')
const target = Float32Array.from({ length: rows }, () => random.uniform())
const group = Int32Array.from({ length: rows }, (_, row) => Math.floor(row / 2))
const noisy = (noise: number): Float32Array => target.map((value) => value + noise * (random.uniform() - 0.5))

test('figures and interval are those of a run, and the standard error is near the theory', () => {
  const score = noisy(1)
  const { pearson, standardError, mae, rmse, drawn } = judgeTried([score], target, group, 42)
  const expected = judge(score, target, group, 42)
  for (const end of ['value', 'low', 'high'] as const)
    expect(pearson?.[end]).toBeCloseTo(expected.pearson![end], 6)
  expect(mae).toBeCloseTo(expected.mae!.value, 6)
  expect(rmse).toBeCloseTo(expected.rmse!.value, 6)
  expect(drawn).toHaveLength(1000)
  // For a normal pair the standard error is (1 − r²) / √n; uniform ones have lighter tails and a somewhat smaller one.
  const theory = (1 - pearson!.value ** 2) / Math.sqrt(rows)
  expect(standardError! / theory).toBeGreaterThan(0.6)
  expect(standardError! / theory).toBeLessThan(1.2)
})

test('a given configuration that is as good as the best is enough, one that is clearly worse is not', () => {
  const good = noisy(1)
  const asGood = good.map((value, row) => value + (row % 2 === 0 ? 1e-3 : -1e-3))
  const judged = [asGood, good, noisy(3)].map((score) => judgeTried([score], target, group, 42))
  const close = compareTried(judged)
  expect(close.givenIsEnough).toBe(true)
  expect(close.behind[0]!.standardError).toBeLessThan(1e-3)
  const far = compareTried([judged[2]!, judged[0]!, judged[1]!])
  expect([far.best, far.givenIsEnough]).toEqual([close.best === 0 ? 1 : 2, false])
  expect(far.behind[0]!.value).toBeCloseTo(
    judged[close.best ?? 0]!.pearson!.value - judged[2]!.pearson!.value,
    12,
  )
})

test('the difference is paired: of scores that err together its error is far below that of either', () => {
  const shared = noisy(2)
  const other = shared.map((value) => value + 0.05 * (random.uniform() - 0.5))
  const both = [shared, other].map((score) => judgeTried([score], target, group, 42))
  const { best, behind } = compareTried(both)
  expect(behind[1 - best!]!.standardError).toBeLessThan(both[0]!.standardError! / 5)
})

test('what has no figures is never best; a given configuration without is not enough', () => {
  const good = judgeTried([noisy(1)], target, group, 42)
  const constant = judgeTried([new Float32Array(rows).fill(0.5)], target, group, 42)
  expect([constant.pearson, constant.standardError]).toEqual([null, null])
  expect(compareTried([null, constant, good])).toEqual({
    best: 2,
    behind: [null, null, { value: 0, standardError: 0 }],
    givenIsEnough: false,
  })
  expect(compareTried([null, constant])).toEqual({ best: null, behind: [null, null], givenIsEnough: null })
  expect(compareTried([good, null])).toEqual({
    best: 0,
    behind: [{ value: 0, standardError: 0 }, null],
    givenIsEnough: true,
  })
})

test('what heads of one configuration differ by is part of the standard error', () => {
  const alike = noisy(1)
  // Both means are the same scores; the heads of the second are further apart.
  const apart = [
    alike.map((value, row) => value + wobble(row)),
    alike.map((value, row) => value - wobble(row)),
  ]
  const judged = [[alike, alike], apart].map((scores) => judgeTried(scores, target, group, 42))
  const [one, other] = judged[1]!.single
  const { best, behind } = compareTried(judged)
  const { value, standardError } = behind[1 - best!]!
  expect(value).toBeLessThan(1e-6)
  // The resamples see no difference; of two heads the variance is half the squared difference of their differences.
  const usual = (spread: number): number => Math.sqrt(spread ** 2 / 2 / 0.4549 / 2)
  expect(standardError).toBeCloseTo(usual(one! - other!), 6)
  expect(standardError).toBeGreaterThan(0.005)

  // A third configuration whose heads differ wildly does not raise the error of the others beyond their usual one.
  const wild = judgeTried([alike, target.map((_, row) => wobble(row))], target, group, 42)
  const again = judgeTried(apart, target, group, 42)
  const three = compareTried([...judged, again, wild])
  expect(three.behind[three.best === 0 ? 1 : 0]!.standardError).toBeCloseTo(usual(one! - other!), 6)
})

function wobble(row: number): number {
  return 0.4 * (target[row] ?? 0) * ((row % 3) - 1)
}
