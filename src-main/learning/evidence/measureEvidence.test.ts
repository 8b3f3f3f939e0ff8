import { describe, expect, test } from 'vitest'
import { evidenceFigures, type EvidenceFigures } from '#shared/domain/evidence.ts'
import { createRandom } from '../random.ts'
import { splitArms, armCodes } from './arms.ts'
import { drawHoldout, drawLabels } from './draw.ts'
import { curveSizes } from './learningCurve.ts'
import { measureEvidence } from './measureEvidence.ts'
import { alone, testPairs, testRequest } from './testEvidence.ts'

const holdout = testPairs(80, 9)
/** Every third since the 60th at random, the others chosen. */
const mixed = (place: number) =>
  place < 60 ? 'random' : place % 3 === 0 ? 'random-suggestion' : ('chosen' as const)

/** Every number in it is one. */
function expectNumbers(figures: EvidenceFigures): void {
  expect(evidenceFigures.parse(figures)).toEqual(figures)
  expect(JSON.parse(JSON.stringify(figures))).toEqual(figures)
}

describe('measuring', () => {
  test('the curve rises to what the last run of the replay model reaches, the same each time', async () => {
    const request = testRequest(testPairs(200, 1), holdout, mixed)
    const figures = await measureEvidence(request, alone)
    expectNumbers(figures)
    const { points } = figures.curve
    expect(points[0]?.labels).toBe(20)
    expect(points.at(-1)?.labels).toBe(200)
    expect(points.at(-1)!.pearson.value).toBeGreaterThan(points[0]!.pearson.value)
    expect(points.at(-1)!.pearson.value).toBeGreaterThan(0.8)
    for (const { pearson } of points)
      expect(pearson.low < pearson.value && pearson.value < pearson.high).toBe(true)
    expect(figures.labels).toEqual({ given: 200, used: 200, random: 107, chosen: 93, other: 0, base: 60 })
    expect(figures.comparison.points.map(({ added }) => added)).toEqual([12, 24, 35, 47])
    expect(figures.projection.points.map(({ labels }) => labels)).toEqual([250, 400, 700])
    const again = await measureEvidence(request, alone)
    expect({ ...again, seconds: figures.seconds }).toEqual(figures)
  })

  test('an arm that misleads is told from one that teaches, whichever it is', async () => {
    const labels = testPairs(240, 3)
    const armOf = (place: number) =>
      place < 60 ? 'random' : place % 2 === 0 ? ('chosen' as const) : 'random-suggestion'
    const comparison = async (misleading: 'chosen' | 'random-suggestion') => {
      const target = labels.target.map((value, place) => (armOf(place) === misleading ? 1 - value : value))
      return (await measureEvidence(testRequest({ ...labels, target }, holdout, armOf), alone)).comparison
    }
    const worse = await comparison('chosen')
    expect(worse.verdict).toBe('worse')
    expect(worse.sentence).toMatch(/less than random ones: r is lower by \d?\.\d{3} \(/)
    expect(worse.points.at(-1)!.difference.high).toBeLessThan(0)
    const better = await comparison('random-suggestion')
    expect(better.verdict).toBe('better')
    expect(better.points.at(-1)!.difference.low).toBeGreaterThan(0)
  })

  test('a saving is found where chosen labels are worth several random ones', async () => {
    const labels = testPairs(400, 5)
    const random = createRandom(4, 'noise')
    // What random labels say is nearly all chance; the chosen ones say what is so.
    const armOf = (place: number) => (place < 250 ? 'random' : ('chosen' as const))
    const target = labels.target.map((value, place) =>
      armOf(place) === 'random' ? 0.1 * value + 0.9 * random.uniform() : value,
    )
    const request = testRequest({ ...labels, target }, testPairs(160, 9), armOf)
    const { saving } = await measureEvidence(request, alone)
    expect(saving.verdict).toBe('saved')
    expect(saving.saved!.low).toBeGreaterThan(0)
    // The curve of 250 random labels is followed to 500: at most 100 more than the 400 given.
    expect(saving.saved!.high).toBeLessThanOrEqual(100)
    expect(saving.sentence).toMatch(/^At least 100 labels saved so far \(\d+ or more\): the 400 labels given/)
  })

  test('it can be cancelled', async () => {
    const controller = new AbortController()
    const options = { signal: controller.signal, onShare: (): void => controller.abort() }
    await expect(
      measureEvidence(testRequest(testPairs(60, 1), holdout, mixed), options),
    ).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe('bad ground', () => {
  const labels = testPairs(120, 1)
  test.each([
    ['a small holdout', labels, testPairs(18, 2), /18 rated pairs of 9 premises: too small to judge/],
    [
      'few premises',
      labels,
      { ...holdout, group: holdout.group.map((group) => group % 4) },
      /of 4 premises: too small/,
    ],
    ['no label', testPairs(0, 1), holdout, /0 pairs outside the holdout are rated; it takes 20/],
    ['one label', testPairs(1, 1), holdout, /1 pair outside the holdout is rated/],
    ['equal labels', { ...labels, target: labels.target.map(() => 0.5) }, holdout, /nothing to learn/],
    [
      'an equal holdout',
      labels,
      { ...holdout, target: holdout.target.map(() => 1) },
      /nothing can be judged/,
    ],
  ])('%s says so in every part', async (_, own, judged, reason) => {
    const figures = await measureEvidence(testRequest(own, judged, mixed), alone)
    expectNumbers(figures)
    expect(figures.curve).toEqual({ points: [], reason: expect.stringMatching(reason) as string })
    expect([figures.comparison.verdict, figures.saving.saved, figures.projection.gain]).toEqual([
      null,
      null,
      null,
    ])
  })

  test('an arm without labels says what is missing', async () => {
    const told = async (armOf: Parameters<typeof testRequest>[2]) => {
      const figures = await measureEvidence(testRequest(labels, holdout, armOf), alone)
      expectNumbers(figures)
      return [figures.comparison.sentence, figures.saving.sentence]
    }
    expect(await told(() => 'random')).toEqual([
      expect.stringMatching(/No suggestion is rated yet/),
      expect.stringMatching(/^No evidence of saving yet: no pair chosen by a strategy is rated/),
    ])
    expect(await told((place) => (place < 60 ? 'random' : 'chosen'))).toEqual([
      expect.stringMatching(/^0 random pairs are rated since the first suggestion/),
      expect.stringMatching(
        /^No evidence of saving yet: what 60 random labels are worth can be followed to 120/,
      ),
    ])
    expect(await told((place) => (place < 117 ? 'random-suggestion' : 'chosen'))).toEqual([
      expect.stringMatching(/^3 rated pairs were chosen by a strategy; a comparison needs 10/),
      expect.any(String),
    ])
    expect((await told(() => 'other'))[0]).toMatch(/nothing to compare/)
  })

  test('what cannot be followed has no projection', async () => {
    const few = await measureEvidence(testRequest(testPairs(26, 1), holdout, mixed), alone)
    expect(few.projection).toMatchObject({ points: [], gain: null, reason: expect.stringMatching(/too few/) })
  })
})

test('arms are told apart, and the base ends with the first suggestion', () => {
  const arm = Int32Array.from(
    (['random', 'other', 'random-suggestion', 'chosen', 'random'] as const).map((name) =>
      armCodes.indexOf(name),
    ),
  )
  const { base, random, randomSince, chosen } = splitArms(arm)
  expect([base, [...random], [...randomSince], [...chosen]]).toEqual([2, [0, 2, 4], [2, 4], [3]])
  expect(splitArms(Int32Array.of(0, 0, 3)).base).toBe(3)
})

test('sizes go from 20 to all in about equal steps', () => {
  expect(curveSizes(19)).toEqual([])
  expect(curveSizes(20)).toEqual([20])
  const sizes = curveSizes(1000)
  expect([sizes.length, sizes[0], sizes.at(-1)]).toEqual([12, 20, 1000])
  expect(sizes).toEqual(sizes.toSorted((left, right) => left - right))
})

test('of many labels and held-out pairs some are drawn, whole premises together', () => {
  expect([...drawLabels(3)]).toEqual([0, 1, 2])
  const labels = drawLabels(5000)
  expect([labels.length, labels[0], labels.at(-1)]).toEqual([2000, 0, 4997])
  const group = Int32Array.from({ length: 3000 }, (_, row) => Math.floor(row / 7))
  const places = drawHoldout(group, 1)
  expect(places.length).toBeGreaterThan(1990)
  expect(places.length).toBeLessThanOrEqual(2000)
  const taken = new Set(Array.from(places, (place) => group[place]))
  expect(places.length).toBe(group.filter((premise) => taken.has(premise)).length)
})
