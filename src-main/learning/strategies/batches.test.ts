import fc from 'fast-check'
import { expect, test } from 'vitest'
import { strategyName } from '#shared/domain/suggestion.ts'
import { createRandom } from '../random.ts'
import { mostAgain, rankBatches, type BatchChoice, type BatchRequest } from './batches.ts'
import { planePool, predictionsOf } from './testPool.ts'

/** `labelled` rated points and `waiting` others, drawn in the plane, with predictions drawn, too. */
function drawnPool(labelled: number, waiting: number, seed = 1) {
  const random = createRandom(seed, 'test pool')
  const draw = (): number => random.uniform()
  const points = Array.from({ length: labelled + waiting }, () => [draw(), draw()] as const)
  return planePool(points, Array.from({ length: labelled }, draw), {
    predictions: predictionsOf(Array.from({ length: waiting }, draw), {
      variance: Array.from({ length: waiting }, draw),
      spread: Array.from({ length: waiting }, draw),
    }),
    seed,
  })
}
const usual: BatchRequest = { strategy: 'hybrid', batchSize: 10, randomShare: 0.2, most: 40 }

const newPairs = (choices: readonly BatchChoice[]): Extract<BatchChoice, { ask: 'new-pair' }>[] =>
  choices.filter((choice) => choice.ask === 'new-pair')

test.each(strategyName.options)(
  '%s fills batches without repeating itself, the same for a seed',
  (strategy) => {
    const pool = drawnPool(60, 90)
    const { choices, remark } = rankBatches(pool, { ...usual, strategy })
    const chosen = newPairs(choices).map(({ candidate }) => candidate)
    expect([choices.length, new Set(chosen).size, remark]).toEqual([40, 40, null])
    expect(chosen.every((candidate) => candidate >= 0 && candidate < 90)).toBe(true)
    for (let batch = 0; batch < 4; batch++) {
      const own = newPairs(choices.slice(10 * batch, 10 * batch + 10))
      const drawn = own.filter(({ because }) => because.kind === 'drawn')
      expect(drawn.length).toBe(strategy === 'random' ? 10 : 2)
      expect(drawn.every((choice) => choice.strategy === 'random')).toBe(true)
      expect(own.filter((choice) => choice.strategy === strategy).length).toBe(strategy === 'random' ? 10 : 8)
    }
    expect(rankBatches(pool, { ...usual, strategy }).choices).toEqual(choices)
    expect(rankBatches({ ...pool, seed: 2 }, { ...usual, strategy }).choices).not.toEqual(choices)
  },
)

test('batches by variance hold the highest that are left, whatever was drawn', () => {
  const pool = drawnPool(60, 50)
  const { variance } = pool.predictions!
  const { choices } = rankBatches(pool, { ...usual, strategy: 'ensemble-variance', most: 30 })
  const taken = new Set<number>()
  for (let batch = 0; batch < 3; batch++) {
    const own = newPairs(choices.slice(10 * batch, 10 * batch + 10))
    const drawn = own.filter(({ strategy }) => strategy === 'random').map(({ candidate }) => candidate)
    for (const candidate of drawn) taken.add(candidate)
    const best = [...variance.keys()]
      .filter((candidate) => !taken.has(candidate))
      .toSorted((one, other) => variance[other]! - variance[one]!)
      .slice(0, 8)
    const byStrategy = own.filter(({ strategy }) => strategy !== 'random').map(({ candidate }) => candidate)
    expect(byStrategy.toSorted()).toEqual(best.toSorted())
    for (const candidate of best) taken.add(candidate)
  }
})

test('what an earlier batch chose counts as labelled', () => {
  // On a line, one rated at 0: 10 is farthest, then 5 is farthest from both, then 2.5 and 7.5 are.
  const points = [0, 2.5, 5, 7.5, 10].map((x) => [x, 0] as const)
  const pool = planePool(points, [0.5])
  const { choices } = rankBatches(pool, { strategy: 'core-set', batchSize: 1, randomShare: 0, most: 4 })
  expect(newPairs(choices).map(({ candidate }) => points[candidate + 1]![0])).toEqual([10, 5, 2.5, 7.5])
  expect(newPairs(choices)[1]!.because).toMatchObject({ nearest: 5 })
})

test('the order within a batch tells nothing of what was drawn', () => {
  const places = new Float64Array(10)
  const seeds = 400
  for (let seed = 0; seed < seeds; seed++) {
    const { choices } = rankBatches({ ...drawnPool(60, 30), seed }, { ...usual, most: 10 })
    for (const [place, choice] of choices.entries())
      if (choice.ask === 'new-pair' && choice.strategy === 'random') places[place]! += 1
  }
  // Binomial with p = .2: standard deviation 8.
  for (const times of places) expect(Math.abs(times - 0.2 * seeds)).toBeLessThan(4 * 8)
})

test('every candidate is as likely to be drawn as another', () => {
  const drawn = new Float64Array(30)
  const seeds = 600
  for (let seed = 0; seed < seeds; seed++)
    for (const choice of newPairs(
      rankBatches({ ...drawnPool(60, 30), seed }, { ...usual, most: 10 }).choices,
    ))
      if (choice.strategy === 'random') drawn[choice.candidate]! += 1
  // 2 of 30 each time: mean 40, standard deviation 6.1.
  for (const times of drawn) expect(Math.abs(times - 40)).toBeLessThan(4 * 6.1)
})

test('pairs that want another rating take up to half of a batch, in their order', () => {
  const { choices } = rankBatches(drawnPool(60, 90), { ...usual, again: 12 })
  const again = choices.flatMap((choice) => (choice.ask === 'another-rating' ? [choice.again] : []))
  expect(again.toSorted((one, other) => one - other)).toEqual([...Array(12).keys()])
  const perBatch = [0, 1, 2, 3].map(
    (batch) =>
      choices.slice(10 * batch, 10 * batch + 10).filter(({ ask }) => ask === 'another-rating').length,
  )
  expect(perBatch).toEqual([10 * mostAgain, 10 * mostAgain, 2, 0])
  expect(new Set(again.slice(0, 5))).toEqual(new Set([0, 1, 2, 3, 4]))
})

test.each([
  ['an empty pool', 0, { ...usual }, 0],
  ['an empty pool, others wanting more', 0, { ...usual, again: 7 }, 7],
  ['a pool smaller than a batch', 3, usual, 3],
  ['none wanted', 5, { ...usual, most: 0 }, 0],
  ['every pair drawn', 30, { ...usual, randomShare: 0.9 }, 30],
])('%s is ranked as far as it goes', (_, waiting, request, length) => {
  const { choices, considered, remark } = rankBatches(drawnPool(60, waiting), request)
  expect([choices.length, considered, remark]).toEqual([length, waiting, null])
})

test('what the strategy says of a pool that it cannot tell apart is passed on', () => {
  const pool = drawnPool(60, 20)
  const flat = { ...pool, predictions: predictionsOf(Array(20).fill(0.5), { variance: Array(20).fill(0.1) }) }
  expect(rankBatches(flat, usual).remark).toBe(
    'The heads differ equally on every pair, so the pairs least like the rated ones are chosen.',
  )
  expect(rankBatches({ ...pool, predictions: null }, usual)).toMatchObject({
    remark: 'There is no model yet, so the pairs least like the rated ones are chosen.',
    choices: { length: 20 },
  })
})

test('a pool too large to compare is thinned once, and enough are compared', () => {
  // 60 labels, and what 40 choices are compared with, in the plane: work for 142 candidates.
  const pool = { ...drawnPool(60, 3000), work: 40_000 }
  const { choices, considered } = rankBatches(pool, { ...usual, strategy: 'core-set' })
  expect(choices.length).toBe(40)
  expect(considered).toBeGreaterThan(138)
  expect(considered).toBeLessThanOrEqual(142)
  const without = rankBatches({ ...pool, work: 1 }, { ...usual, strategy: 'core-set' })
  expect(without.choices.length).toBe(40)
  expect(rankBatches({ ...pool, work: 1 }, usual).considered).toBe(3000)
})

test('any pool and request is ranked without repeats, up to what there is', () => {
  fc.assert(
    fc.property(
      fc.record({
        waiting: fc.integer({ min: 0, max: 60 }),
        labelled: fc.integer({ min: 0, max: 60 }),
        batchSize: fc.integer({ min: 1, max: 20 }),
        randomShare: fc.double({ min: 0, max: 1, noNaN: true }),
        most: fc.integer({ min: 0, max: 70 }),
        strategy: fc.constantFrom(...strategyName.options),
      }),
      ({ waiting, labelled, ...request }) => {
        const { choices } = rankBatches(drawnPool(labelled, waiting), request)
        const chosen = newPairs(choices).map(({ candidate }) => candidate)
        expect([chosen.length, new Set(chosen).size]).toEqual(Array(2).fill(Math.min(waiting, request.most)))
      },
    ),
    { numRuns: 60 },
  )
})
