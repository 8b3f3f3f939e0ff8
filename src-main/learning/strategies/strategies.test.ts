import { describe, expect, test } from 'vitest'
import { strategyDescriptions, strategyName } from '#shared/domain/suggestion.ts'
import { createRandom } from '../random.ts'
import { coreSet } from './coreSet.ts'
import { ensembleVariance } from './ensembleVariance.ts'
import { hybrid } from './hybrid.ts'
import { igs } from './igs.ts'
import { lcmd } from './lcmd.ts'
import { createNearestRated } from './nearestRated.ts'
import { nearThreshold } from './nearThreshold.ts'
import { predictedSpread } from './predictedSpread.ts'
import { drawAtRandom } from './random.ts'
import { describeReason } from './reason.ts'
import { strategies } from './registry.ts'
import type { Pool, Ranking } from './strategy.ts'
import { planePool, predictionsOf } from './testPool.ts'

const chosen = ({ choices }: Ranking): number[] => choices.map(({ candidate }) => candidate)
const words = ({ choices }: Ranking): string[] => choices.map(({ because }) => describeReason(because))

/** A cloud of points with predictions; the first `labelled` are rated. */
function cloud(points: number, labelled: number, more: Partial<Pool> = {}): Pool {
  const random = createRandom(3, 'cloud')
  const draw = (): [number, number] => [random.uniform(), random.uniform()]
  const places = Array.from({ length: points }, draw)
  const target = Array.from({ length: labelled }, () => random.uniform())
  const scores = Array.from({ length: points - labelled }, () => random.uniform())
  return planePool(places, target, {
    predictions: predictionsOf(scores, { variance: scores.map(() => random.uniform()), spread: scores }),
    count: 8,
    ...more,
  })
}

describe('every strategy', () => {
  const names = strategyName.options

  test.each(names)('%s chooses as many as asked, none twice, the same for the same pool', (name) => {
    const pool = cloud(120, 60)
    const first = strategies[name](pool)
    expect(new Set(chosen(first)).size).toBe(8)
    expect(chosen(first).every((candidate) => candidate >= 0 && candidate < 60)).toBe(true)
    expect(strategies[name](cloud(120, 60))).toEqual(first)
    expect(first.considered).toBe(60)
    expect(first.remark).toBeNull()
    expect(words(first).join(' ')).not.toMatch(/NaN|Infinity|undefined/)
  })

  test.each(names)('%s copes with an empty pool and with one smaller than the batch', (name) => {
    const pool = cloud(70, 60)
    const empty = { ...pool, candidates: new Uint32Array(), predictions: predictionsOf([]) }
    expect(strategies[name](empty).choices).toEqual([])
    const few = strategies[name]({ ...cloud(65, 60), count: 8 })
    expect(chosen(few).toSorted()).toEqual([0, 1, 2, 3, 4])
  })

  test.each(names)(
    '%s without model and labels still chooses, and says so where it wants a model',
    (name) => {
      const pool = cloud(40, 0, { predictions: null })
      const ranking = strategies[name](pool)
      expect(new Set(chosen(ranking)).size).toBe(8)
      const needsNone = ['random', 'core-set', 'lcmd', 'hybrid'].includes(name)
      expect(ranking.remark === null).toBe(needsNone)
      expect(words(ranking).join(' ')).not.toMatch(/NaN|Infinity|undefined/)
    },
  )

  test.each(names)('%s chooses alike with distances kept from an earlier ranking', (name) => {
    const pool = cloud(120, 60)
    const nearest = createNearestRated(pool.vectors, pool.width)
    strategies[name]({
      ...cloud(120, 30),
      vectors: pool.vectors,
      target: pool.target.slice(0, 30),
      nearest,
    })
    expect(strategies[name]({ ...pool, nearest })).toEqual(strategies[name](pool))
  })

  test('has a line about it', () => {
    expect(Object.keys(strategyDescriptions).toSorted()).toEqual(names.toSorted())
  })
})

describe('core-set', () => {
  const points = [
    [0, 0],
    [1, 0],
    [10, 0],
    [10, 1],
    [0, 6],
  ] as const

  test('the farthest from what is rated comes first, then the farthest from both', () => {
    const ranking = coreSet(planePool(points, [0.5]))
    // (10, 1) is at √101, and (10, 0) next to it no longer counts.
    expect(chosen(ranking)).toEqual([2, 3])
    expect(words(ranking)[0]).toBe(
      'Unlike anything rated so far: nearest rated pair at 10.05 (half of all pairs: within 10.00).',
    )
  })

  test('the distance told is to what is rated, not to what was chosen before', () => {
    const ranking = coreSet(planePool(points, [0.5], { count: 4 }))
    expect(chosen(ranking)).toEqual([2, 3, 0, 1])
    expect(ranking.choices[3]!.because).toMatchObject({ nearest: 10 })
  })

  test('with nothing rated the first is the farthest from the middle, the second from the first', () => {
    // The middle is (4.2, 1.4): (0, 6) is at √38.8, (10, 0) at √35.6.
    const ranking = coreSet(planePool(points, []))
    expect(chosen(ranking)).toEqual([4, 2])
    expect(words(ranking)[0]).toBe('Unlike the other pairs; nothing is rated yet.')
  })

  test('candidates are thinned to what the work allows, and it is told', () => {
    const pool = cloud(500, 40, { count: 3, work: 2 * 43 * 100 })
    const ranking = coreSet(pool)
    expect(ranking.considered).toBe(100)
    expect(chosen(ranking)).not.toEqual(chosen(coreSet({ ...pool, seed: 2 })))
    expect(coreSet({ ...pool, work: 1 }).considered).toBe(30)
  })
})

describe('ensemble variance', () => {
  test('where the heads differ most comes first', () => {
    const pool = planePool(
      [
        [0, 0],
        [1, 0],
        [2, 0],
        [3, 0],
      ],
      [0.5],
      { predictions: predictionsOf([0.4, 0.5, 0.6], { variance: [0.1, 0.3, 0.2] }) },
    )
    expect(chosen(ensembleVariance(pool))).toEqual([1, 2])
    expect(words(ensembleVariance(pool))[0]).toBe('The 5 heads range from 0.20 to 0.80.')
  })

  test('heads that differ equally everywhere say nothing: core-set chooses, and it is told', () => {
    const pool = planePool(
      [
        [0, 0],
        [1, 0],
        [2, 0],
        [3, 0],
      ],
      [0.5],
      { predictions: predictionsOf([0.4, 0.5, 0.6], { variance: [0.1, 0.1, 0.1] }) },
    )
    expect(chosen(ensembleVariance(pool))).toEqual([2, 0])
    expect(ensembleVariance(pool).remark).toMatch(/differ equally/)
  })
})

test('predicted spread: where raters are expected to differ most', () => {
  const pool = planePool(
    [
      [0, 0],
      [1, 0],
      [2, 0],
    ],
    [0.5],
    { predictions: predictionsOf([0.4, 0.5], { spread: [0.1, 0.3] }) },
  )
  expect(chosen(predictedSpread(pool))).toEqual([1, 0])
  expect(words(predictedSpread(pool))[0]).toBe('Raters are expected to differ: standard deviation 0.30.')
})

test('near threshold: the scores next to it on either side', () => {
  const pool = planePool(
    [
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 0],
    ],
    [0.5],
    { predictions: predictionsOf([0.1, 0.62, 0.75]), threshold: 0.7 },
  )
  expect(chosen(nearThreshold(pool))).toEqual([2, 1])
  expect(words(nearThreshold(pool))[0]).toBe('The score 0.75 is next to the threshold 0.70.')
})

describe('iGS', () => {
  // Rated: (0, 0) with .5. Candidates: far with the same score, near with another, middling in both.
  const points = [
    [0, 0],
    [10, 0],
    [1, 0],
    [4, 0],
  ] as const

  test('the product of both distances decides', () => {
    const pool = planePool(points, [0.5], { predictions: predictionsOf([0.5, 0.9, 0.7]), count: 1 })
    // 10 · 0, 1 · .4, 4 · .2
    expect(chosen(igs(pool))).toEqual([2])
    expect(words(igs(pool))[0]).toBe(
      'Unlike what is rated, in text and in score: nearest rated pair at 4.00, its score 0.20 away.',
    )
  })

  test('what was chosen stands in with its predicted score', () => {
    const pool = planePool([...points, [5, 0]], [0.5], {
      predictions: predictionsOf([0.5, 0.9, 0.7, 0.7]),
      count: 2,
    })
    // First 5 · .2 = 1; then (4, 0) has the score of the chosen one, and (10, 0) that of the rated.
    expect(chosen(igs(pool))).toEqual([3, 1])
  })
})

describe('LCMD', () => {
  test('the cluster that holds most is split at its farthest, though another candidate lies farther away', () => {
    const dense = Array.from({ length: 8 }, (_, index): [number, number] => [20 + index / 10, 3])
    // Rated (0, 0) and (20, 0); one candidate is 5 from the first, eight are a little over 3 from the second.
    const pool = planePool([[0, 0], [20, 0], [0, 5], ...dense], [0.5, 0.5], { count: 2 })
    // Eight times about 9.2 is more than 25.
    const ranking = lcmd(pool)
    expect(chosen(ranking)).toEqual([8, 0])
    expect(words(ranking)[0]).toBe('Stands for 7 unrated pairs around it: nearest rated pair at 3.08.')
    expect(words(ranking)[1]).toBe('Stands alone: nearest rated pair at 5.00.')
    expect(chosen(coreSet(pool))).toEqual([0, 8])
  })

  test('equal pairs leave nothing to tell apart, and are chosen all the same', () => {
    const pool = planePool([[0, 0], ...Array.from({ length: 4 }, (): [number, number] => [1, 1])], [0.5], {
      count: 4,
    })
    expect(chosen(lcmd(pool)).toSorted()).toEqual([0, 1, 2, 3])
  })
})

describe('hybrid', () => {
  test('until 50 labels it is core-set', () => {
    const pool = cloud(120, 49)
    expect(hybrid(pool)).toEqual(coreSet(pool))
  })

  test('then of the most uncertain those far from one another', () => {
    const rated = Array.from({ length: 50 }, (): [number, number] => [0, 0])
    // Ten candidates of high variance at one place, one of middling variance elsewhere, far certain ones.
    const same = Array.from({ length: 9 }, (_, index): [number, number] => [5, index / 100])
    const far = Array.from({ length: 9 }, (_, index): [number, number] => [90, index])
    const pool = planePool(
      [...rated, ...same, [0, 7], ...far],
      rated.map(() => 0.5),
      {
        predictions: predictionsOf(
          Array.from({ length: 19 }, () => 0.5),
          {
            variance: [...same.map(() => 0.3), 0.2, ...far.map(() => 0.1)],
          },
        ),
        count: 2,
      },
    )
    // Of the ten most uncertain, (0, 7) is farthest from what is rated, then one of the others.
    expect(chosen(hybrid(pool))).toEqual([9, 8])
    expect(words(hybrid(pool))[0]).toBe('The 5 heads range from 0.30 to 0.70.')
    expect(chosen(ensembleVariance(pool))).toEqual([0, 1])
  })
})

test('random draws differ by seed and by what is labelled', () => {
  const pool = cloud(120, 60)
  expect(chosen(drawAtRandom(pool))).not.toEqual(chosen(drawAtRandom({ ...pool, seed: 2 })))
  const later = { ...pool, labelled: pool.labelled.slice(1) }
  expect(chosen(drawAtRandom(pool))).not.toEqual(chosen(drawAtRandom(later)))
})
