import { describe, expect, test } from 'vitest'
import type { Interval } from './interval.ts'
import type { ReplaySummary } from './replay.ts'
import { replayTable, replayVerdict, shareWords, shownLabels } from './replayWords.ts'
import type { StrategyName } from './suggestion.ts'

const around = (value: number, half: number): Interval => ({ value, low: value - half, high: value + half })
function summary(
  strategy: StrategyName,
  share: Interval | null,
  change: Partial<ReplaySummary> = {},
): ReplaySummary {
  const curve = Array.from({ length: 50 }, (_, at) => ({
    labels: 20 * (at + 1),
    pearson: around(0.5 + at / 200, 0.01),
  }))
  return {
    strategy,
    seeds: 10,
    curve,
    overRandom:
      strategy === 'random'
        ? null
        : [
            { labels: 20, difference: around(-0.2, 0.1) },
            { labels: 40, difference: around(-0.2, 0.3) },
          ],
    labelsToReach: around(300, 20),
    unreached: 0,
    shareOfRandom: share,
    ...change,
  }
}
const figure = (value: number): string => value.toFixed(2).slice(1)
const verdict = (...summaries: ReplaySummary[]): string => replayVerdict(summaries, 812, 0.8, figure)
const random = summary('random', null)

describe('the verdict', () => {
  test('names no strategy where none is beyond chance', () => {
    expect(verdict(random, summary('igs', around(0.9, 0.2)), summary('lcmd', around(1.1, 0.2)))).toBe(
      'On these 812 labels no strategy needed fewer labels than random beyond chance to get to r .76, 95% of what all labels reach.',
    )
    expect(verdict(random, summary('igs', around(0.9, 0.2)))).toContain('812 labels igs did not need fewer')
  })

  test('names those that needed fewer, the best first, and those that needed more', () => {
    const some = [
      summary('hybrid', around(0.8, 0.1)),
      summary('igs', around(0.71, 0.09)),
      summary('near-threshold', around(1.3, 0.2)),
      summary('core-set', around(0.95, 0.1)),
    ]
    expect(verdict(random, ...some)).toBe(
      "On these 812 labels fewer labels than random were needed to get to r .76, 95% of what all labels reach: igs 71% (62 to 80%), hybrid 80% (70 to 90%) of random's. More were needed by near-threshold 130% (110 to 150%).",
    )
  })

  test('claims no saving of a strategy that did not get there with every seed, nor from one seed', () => {
    const saving = around(0.7, 0.1)
    expect(verdict(random, summary('igs', saving, { unreached: 1 }))).toContain('did not need fewer')
    expect(verdict(random, summary('igs', saving, { seeds: 1 }))).toBe(
      'One seed cannot tell a strategy from chance: replay with several.',
    )
  })

  test('says where random did not get there, and then claims of nobody that they needed more', () => {
    const short = summary('random', null, { unreached: 3 })
    const told = verdict(short, summary('igs', around(1.3, 0.1)), summary('lcmd', around(0.7, 0.1)))
    expect(told).toContain('lcmd 70% (60 to 80%)')
    expect(told).toContain('Random did not get there with 3 of 10 seeds')
    expect(told).not.toContain('More were needed')
    expect(verdict(summary('random', null, { unreached: 10 }), summary('igs', null, { unreached: 10 }))).toBe(
      'On these 812 labels neither random nor igs got to r .76, 95% of what all labels reach: let the replay end later.',
    )
  })

  test('says why nothing can be compared', () => {
    expect(replayVerdict([random, summary('igs', null)], 812, null, figure)).toContain('r is not defined')
    expect(replayVerdict([random, summary('igs', null)], 812, -0.1, figure)).toContain('no r above 0')
    expect(verdict(random)).toContain('Random alone says nothing')
  })
})

test('a table has r where labels are few more closely, and counts the points behind random', () => {
  const summaries = [random, summary('igs', around(0.7, 0.1))]
  const shown = shownLabels(summaries)
  // Places 49 · (n / 5)², rounded: 0, 2, 8, 18, 31, 49.
  expect(shown).toEqual([20, 60, 180, 380, 640, 1000])
  const [first, second] = replayTable(summaries, shown)
  expect(first?.behind).toBeNull()
  expect(second).toMatchObject({ strategy: 'igs', behind: { points: 1, of: 2 }, unreached: 0, seeds: 10 })
  expect(second?.pearson.map((interval) => interval?.value)).toEqual([0.5, 0.51, 0.54, 0.59, 0.655, 0.745])
  expect(shownLabels([])).toEqual([])
})

test('of one seed nothing is said to be behind random', () => {
  const one = (value: number): Interval => around(value, 0)
  const alone = summary('igs', one(1.8), {
    seeds: 1,
    overRandom: [{ labels: 20, difference: one(-0.2) }],
  })
  const [row] = replayTable([alone], [])
  expect(row?.behind).toBeNull()
  expect(shareWords(row?.shareOfRandom ?? null)).toBe('180%')
  expect(shareWords(around(0.5, 0.8))).toBe('50% (0 to 130%)')
  expect(shareWords(null)).toBe('–')
})
