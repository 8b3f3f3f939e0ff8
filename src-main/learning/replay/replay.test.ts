import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { summariseReplay, type ReplaySettings, type ReplaySummary } from '#shared/domain/replay.ts'
import type { StrategyName } from '#shared/domain/suggestion.ts'
import { createForkWorker } from '../../jobs/forkWorker.ts'
import { createRandom } from '../random.ts'
import { syntheticRows } from '../testRows.ts'
import { drawCurves } from './drawCurves.ts'
import { fitReference } from './fitReference.ts'
import { openPurse } from './labelPurse.ts'
import { openReplay, replayOne } from './replayCell.ts'
import type { ReplayData } from './replayContract.ts'
import { curvesAsCsv, replayRows } from './replayTable.ts'
import { runReplay, type ReplayState } from './runReplay.ts'

const dimension = 12

/** Pairs whose score follows their cosine; three raters of the pool err by up to .2 either way. */
function syntheticReplay(pool = 120): ReplayData {
  const side = (rows: number, seed: number): ReplayData['pool'] => {
    const { premise, hypothesis, target, group } = syntheticRows(rows, dimension, seed)
    return { dimension, premise, hypothesis, target, group }
  }
  const own = side(pool, 1)
  const random = createRandom(2, 'raters')
  const scores = Float32Array.from({ length: 3 * pool }, (_, place) =>
    Math.min(1, Math.max(0, (own.target[Math.floor(place / 3)] ?? 0) + 0.4 * (random.uniform() - 0.5))),
  )
  return {
    pool: own,
    holdout: side(60, 3),
    ratings: { starts: Int32Array.from({ length: pool + 1 }, (_, pair) => 3 * pair), scores },
    threshold: 0.5,
  }
}

const settings: ReplaySettings = { start: 10, batch: 10, to: 60, buys: { kind: 'consensus' }, randomShare: 0 }
const alone = { signal: new AbortController().signal, onStep: (): void => undefined }

describe('one cell', () => {
  test('goes from the start to the end by batches, is the same each time, and learns', async () => {
    const replay = await openReplay(syntheticReplay(), 1)
    const cell = await replayOne(replay, { strategy: 'hybrid', seed: 3, settings }, alone)
    expect(cell.points.map(({ labels }) => labels)).toEqual([10, 20, 30, 40, 50, 60])
    const again = await replayOne(replay, { strategy: 'hybrid', seed: 3, settings }, alone)
    expect(again.points).toEqual(cell.points)
    expect(cell.points.at(-1)!.pearson).toBeGreaterThan(0.8)
    const other = await replayOne(replay, { strategy: 'random', seed: 3, settings }, alone)
    // The first labels are the same whatever chooses afterwards.
    expect(other.points[0]).toEqual(cell.points[0])
    expect(other.points[2]).not.toEqual(cell.points[2])
    await replay.kernel.dispose()
  })

  test('ends with the pool, and the whole pool is worth what the reference is', async () => {
    const data = syntheticReplay(45)
    const replay = await openReplay(data, 1)
    const wanted = { ...settings, to: 400 }
    const { points } = await replayOne(replay, { strategy: 'lcmd', seed: 1, settings: wanted }, alone)
    expect(points.at(-1)).toMatchObject({ labels: 45, pairs: 45 })
    const reference = await fitReference(data, 1, alone.signal)
    expect(points.at(-1)!.pearson).toBeCloseTo(reference.pearson!, 1)
    await replay.kernel.dispose()
  })

  test.each([
    [
      { kind: 'each', ratings: 3 },
      { labels: 60, pairs: 20 },
    ],
    [
      { kind: 'each', ratings: 1 },
      { labels: 60, pairs: 60 },
    ],
  ] as const)('pays for single ratings: %o', async (buys, last) => {
    const replay = await openReplay(syntheticReplay(), 1)
    const { points } = await replayOne(
      replay,
      { strategy: 'core-set', seed: 1, settings: { ...settings, buys } },
      alone,
    )
    expect(points.at(-1)).toMatchObject(last)
    await replay.kernel.dispose()
  })

  test('new or again spends some ratings on pairs that have one', async () => {
    const replay = await openReplay(syntheticReplay(), 1)
    const buys = { kind: 'new-or-again' } as const
    const { points } = await replayOne(
      replay,
      { strategy: 'hybrid', seed: 1, settings: { ...settings, buys } },
      alone,
    )
    const { labels, pairs } = points.at(-1)!
    expect(labels).toBe(60)
    expect(pairs).toBeLessThan(60)
    expect(pairs).toBeGreaterThan(30)
    await replay.kernel.dispose()
  })

  test('a share of each batch is drawn at random', async () => {
    const replay = await openReplay(syntheticReplay(), 1)
    const ofShare = async (strategy: StrategyName, randomShare: number) => {
      const own = { ...settings, to: 30, randomShare }
      return (await replayOne(replay, { strategy, seed: 1, settings: own }, alone)).points
    }
    const mixed = await ofShare('core-set', 0.2)
    expect(mixed.map(({ pairs }) => pairs)).toEqual([10, 20, 30])
    expect(mixed).not.toEqual(await ofShare('core-set', 0))
    // All at random is what random chooses.
    expect(await ofShare('core-set', 1)).toEqual(await ofShare('random', 0))
    await replay.kernel.dispose()
  })

  test('too few pairs are refused in words', async () => {
    await expect(openReplay(syntheticReplay(20), 1)).rejects.toThrow(/at least 40 labelled pairs/)
  })
})

test('a purse gives means of ratings in an order of its own, and counts each once', () => {
  const data = syntheticReplay(40)
  const purse = openPurse(data, { kind: 'new-or-again' }, 1)
  const own = data.ratings!.scores.subarray(3, 6)
  const first = purse.buy(1)
  expect([...own]).toContain(first.target)
  expect(first).toMatchObject({ ratings: 1, weight: 1, deviation: null })
  const second = purse.buyAgain(1)!
  expect(second).toMatchObject({ ratings: 2, weight: expect.closeTo(4 / 3, 9) as number })
  const third = purse.buyAgain(1)!
  expect(third.target).toBeCloseTo((own[0]! + own[1]! + own[2]!) / 3, 6)
  expect(purse.hasMore(1)).toBe(false)
  expect(purse.buyAgain(1)).toBeNull()
  expect(purse.spent).toBe(3)
  expect(() => openPurse({ ...data, ratings: null }, { kind: 'each', ratings: 2 }, 1)).toThrow(RangeError)
})

describe('a whole replay', () => {
  const request = (known: ReplayState, controller: AbortController, states: ReplayState[] = []) => ({
    data: syntheticReplay(),
    strategies: ['random', 'core-set'] satisfies StrategyName[],
    seeds: [0, 1],
    settings,
    known,
    startWorker: createForkWorker(pathToFileURL('/nowhere/')),
    processes: 2,
    signal: controller.signal,
    onState: (state: ReplayState): void => void states.push(state),
    onShare: (): void => undefined,
  })

  test('runs every cell in processes, goes on from what is known, and can be drawn', async () => {
    const states: ReplayState[] = []
    const whole = await runReplay(request({ reference: null, cells: [] }, new AbortController(), states))
    expect(whole.cells.map(({ strategy, seed }) => `${strategy} ${seed}`).toSorted()).toEqual([
      'core-set 0',
      'core-set 1',
      'random 0',
      'random 1',
    ])
    expect(states.at(-1)).toEqual(whole)

    const half = { reference: whole.reference, cells: whole.cells.slice(0, 3) }
    const later: ReplayState[] = []
    const shares: number[] = []
    const resumed = await runReplay({
      ...request(half, new AbortController(), later),
      onShare: (share) => void shares.push(share),
    })
    // Of the one cell that is left, and not of all four.
    expect(shares[0]).toBeCloseTo(10 / 60, 9)
    expect(shares.at(-1)).toBe(1)
    expect(later).toHaveLength(1)
    const points = (state: ReplayState, index: number): unknown => {
      const { strategy, seed } = whole.cells[index]!
      return state.cells.find((cell) => cell.strategy === strategy && cell.seed === seed)?.points
    }
    for (const index of [0, 1, 2, 3]) expect(points(resumed, index)).toEqual(points(whole, index))

    const summaries = summariseReplay(whole.cells, whole.reference)
    const svg = drawCurves('A & B', summaries, whole.reference)
    expect(svg).toContain('<title>A &amp; B</title>')
    expect(svg.match(/<polyline/g)).toHaveLength(2)
    expect(svg).not.toMatch(/NaN|undefined|Infinity/)
    const lines = curvesAsCsv(whole.cells).trim().split('\n')
    expect(lines).toHaveLength(1 + 4 * 6)
    expect(lines[1]).toMatch(/^core-set,0,10,10,0\.\d{6}$/)
    expect(replayRows(summaries).map((row) => row.length)).toEqual(
      replayRows(summaries).map(() => replayRows(summaries)[0]!.length),
    )
  })

  test('stops when it is cancelled, and has told what was done', async () => {
    const controller = new AbortController()
    const states: ReplayState[] = []
    const run = runReplay({
      ...request({ reference: null, cells: [] }, controller, states),
      seeds: Array.from({ length: 50 }, (_, seed) => seed),
      onState: (state) => {
        states.push(state)
        if (state.cells.length === 2) controller.abort()
      },
    })
    await expect(run).rejects.toMatchObject({ code: 'cancelled' })
    expect(states.at(-1)!.cells.length).toBeGreaterThanOrEqual(2)
    expect(states.at(-1)!.cells.length).toBeLessThan(100)
  })

  test('what is wrong with the data is told, rather than that the others were stopped', async () => {
    const wrong = {
      ...request({ reference: null, cells: [] }, new AbortController()),
      data: syntheticReplay(20),
    }
    await expect(runReplay(wrong)).rejects.toMatchObject({ code: 'not-enough-labels' })
  })
})

test('a curve with a gap is drawn in two pieces', () => {
  const at = (labels: number, value: number | null) => ({
    labels,
    pearson: value === null ? null : { value, low: value - 0.1, high: value + 0.1 },
  })
  const summary: ReplaySummary = {
    strategy: 'random',
    seeds: 2,
    curve: [at(20, 0.3), at(40, null), at(60, 0.5), at(80, 0.6)],
    overRandom: null,
    labelsToReach: null,
    unreached: 2,
    shareOfRandom: null,
  }
  expect(drawCurves('One', [summary], { pearson: null }).match(/<polyline/g)).toHaveLength(2)
})
