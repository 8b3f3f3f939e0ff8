import { expect, test } from 'vitest'
import type { ReplayCell } from './replay.ts'
import { askedCells, cutReplay, replayObstacle, replayRemarks, withRandom } from './replayPlan.ts'

const labels = { start: 20, batch: 20, to: 1000 }

test('what is missing is told in one sentence, the holdout first', () => {
  const obstacle = (pool: number, holdout: number, change: Partial<typeof labels> = {}): string | null =>
    replayObstacle({ ...labels, ...change }, { pool, holdout })
  expect(obstacle(0, 0)).toBe(
    'No pair of the holdout is rated, so nothing could be judged. Rate pairs of the holdout first.',
  )
  expect(obstacle(500, 1)).toBe(
    'A replay needs at least 10 rated pairs in the holdout to judge on, and there is 1. Rate 9 more of them.',
  )
  expect(obstacle(33, 10)).toBe(
    'A replay needs at least 40 rated pairs outside the holdout to choose from, and there are 33. Rate 7 more.',
  )
  expect(obstacle(50, 10, { start: 40 })).toBe(
    'A start of 40 and a batch of 20 need 60 rated pairs outside the holdout, and there are 50. Rate 10 more, or start with fewer.',
  )
  expect(obstacle(50, 10, { to: 20 })).toBe(
    'A start of 20 leaves nothing to choose before the end at 20 labels. Start with fewer, or end later.',
  )
  expect(obstacle(40, 10)).toBeNull()
})

test('an end beyond the labels is cut, and a small holdout is told', () => {
  expect(cutReplay(labels, { pool: 812, holdout: 400 })).toEqual({ ...labels, to: 812 })
  expect(cutReplay(labels, { pool: 5000, holdout: 400 })).toEqual(labels)
  expect(replayRemarks(labels, { pool: 5000, holdout: 100 })).toEqual([])
  // Fisher: atanh .8 = 1.0986, 1.96 / √31 = .3520; tanh 1.4506 = .8958, tanh .7466 = .6330; half of .2628 is .13.
  expect(replayRemarks(labels, { pool: 812, holdout: 34 })).toEqual([
    'There are 812 rated pairs outside the holdout: the replay ends there, not at 1,000.',
    '34 rated pairs in the holdout are few to judge on: on so many, an r of .80 is known to about ±.13.',
  ])
})

test('random is always replayed, and the others come in one order', () => {
  expect(withRandom(['igs', 'hybrid'])).toEqual(['random', 'hybrid', 'igs'])
  expect(withRandom(['random'])).toEqual(['random'])
})

test('cells that were not asked for are left out', () => {
  const cell = (strategy: ReplayCell['strategy'], seed: number): ReplayCell => ({
    strategy,
    seed,
    points: [],
    seconds: 1,
  })
  const cells = [cell('igs', 1), cell('lcmd', 0), cell('igs', 0), cell('random', 2), cell('random', 0)]
  const asked = askedCells(cells, { strategies: ['random', 'igs'], seeds: 2 })
  expect(asked.map(({ strategy, seed }) => `${strategy} ${seed}`)).toEqual(['random 0', 'igs 0', 'igs 1'])
})
