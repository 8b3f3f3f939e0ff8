import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { precisionDesign, thresholdDesign } from '#shared/domain/judging.ts'
import { designForPrecision, designThresholds, type DecisionRows } from './thresholdDesigner.ts'

/** 100 scores, of each 100 pairs of which just the score's share is truly a yes. */
const calibrated: DecisionRows = (() => {
  const score = Array.from({ length: 10_000 }, (_, row) => (Math.floor(row / 100) + 0.5) / 100)
  const target = score.map((value, row) =>
    Number(row % 100 < Math.floor(value * 100) + (row % 200 < 100 ? 0 : 1)),
  )
  return { score, target, group: score.map((_, row) => row) }
})()

const rows = fc
  .array(
    fc.record({
      score: fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10),
      target: fc.constantFrom(0, 0.4, 0.5, 1),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((all): DecisionRows => ({
    score: all.map(({ score }) => score),
    target: all.map(({ target }) => target),
    group: all.map((_, row) => row),
  }))
const price = fc.integer({ min: 0, max: 6 })

/** Thresholds between all tenths, below and above. */
const everywhere = Array.from({ length: 12 }, (_, index) => index / 10 - 0.05)

function costOf(
  { score, target }: DecisionRows,
  band: { low: number; high: number },
  prices: number[],
): number {
  const [wrongYes = 0, wrongNo = 0, abstention = 0] = prices
  let cost = 0
  for (let row = 0; row < score.length; row++) {
    const isYes = target[row]! >= 0.5
    if (score[row]! >= band.high) cost += isYes ? 0 : wrongYes
    else if (score[row]! < band.low) cost += isYes ? wrongNo : 0
    else cost += abstention
  }
  return cost / score.length
}

describe('designing a threshold', () => {
  test('no band is cheaper, and none as cheap abstains less', () => {
    fc.assert(
      fc.property(rows, price, price, price, (judged, wrongYes, wrongNo, abstention) => {
        const design = designThresholds(judged, { wrongYes, wrongNo, abstention })!
        expect(thresholdDesign.parse(design)).toEqual(design)
        const prices = [wrongYes, wrongNo, abstention]
        const abstains = ({ low, high }: { low: number; high: number }): number =>
          Array.from(judged.score).filter((value) => value >= low && value < high).length
        const bands = everywhere.flatMap((low) =>
          everywhere.filter((high) => high >= low).map((high) => ({ low, high })),
        )
        const costs = bands.map((band) => costOf(judged, band, prices))
        const cheapest = Math.min(...costs)
        expect(costOf(judged, design.band, prices)).toBeCloseTo(cheapest, 9)
        expect(design.cost.value).toBeCloseTo(cheapest, 9)
        const least = Math.min(
          ...bands.filter((_, band) => costs[band]! < cheapest + 1e-9).map((band) => abstains(band)),
        )
        expect(abstains(design.band)).toBe(least)
        expect(design.shares.abstain).toBeCloseTo(least / design.n, 12)

        const single = everywhere.map((cut) => costOf(judged, { low: cut, high: cut }, prices))
        expect(design.costWithoutAbstaining.value).toBeCloseTo(Math.min(...single), 9)
        const alone = { low: design.threshold, high: design.threshold }
        expect(costOf(judged, alone, prices)).toBeCloseTo(Math.min(...single), 9)
        if (abstention >= Math.min(wrongYes, wrongNo))
          expect(design.band).toEqual({ low: design.threshold, high: design.threshold })
      }),
      { numRuns: 60 },
    )
  })

  test('on calibrated scores it finds the thresholds of Elkan 2001 and the band of Chow 1970', () => {
    // Yes pays from wrongYes / (wrongYes + wrongNo) = .75; abstaining from a / wrongNo = .2 to 1 − a / wrongYes = .9333.
    const design = designThresholds(calibrated, { wrongYes: 3, wrongNo: 1, abstention: 0.2 })!
    expect(Math.abs(design.threshold - 0.75)).toBeLessThan(0.0101)
    expect(Math.abs(design.band.low - 0.2)).toBeLessThan(0.0101)
    expect(Math.abs(design.band.high - 0.9333)).toBeLessThan(0.0101)
    // ∫ s ds to .2, .2 · .7333 in the band, 3 ∫ (1 − s) ds above: .02 + .14667 + .00667.
    expect(design.cost.value).toBeCloseTo(0.1733, 2)
    expect(design.costWithoutAbstaining.value).toBeCloseTo(0.75 ** 2 / 2 + (3 * 0.25 ** 2) / 2, 2)
    expect(design.shares.abstain).toBeCloseTo(0.733, 1)
    expect(design.wrongNo?.value).toBeCloseTo(0.1, 1)
    expect(design.wrongYes?.value).toBeCloseTo(0.0333, 2)
    expect(design.cost.low).toBeLessThan(design.cost.value)
    expect(design.cost.high).toBeGreaterThan(design.cost.value)
  })

  test('abstaining as dear as deciding leaves the band empty; equal costs cut at one half', () => {
    const design = designThresholds(calibrated, { wrongYes: 1, wrongNo: 1, abstention: 0.5 })!
    expect(design.band).toEqual({ low: design.threshold, high: design.threshold })
    expect(Math.abs(design.threshold - 0.5)).toBeLessThan(0.0101)
    expect(design.cost).toEqual(design.costWithoutAbstaining)
  })

  test('scores that tell apart cost nothing, and the cut is midway', () => {
    const judged = { score: [0.2, 0.3, 0.7, 0.9], target: [0, 0.2, 0.6, 1], group: [1, 2, 3, 4] }
    const design = designThresholds(judged, { wrongYes: 1, wrongNo: 1, abstention: 0 })!
    expect(design).toMatchObject({
      threshold: 0.5,
      band: { low: 0.5, high: 0.5 },
      cost: { value: 0 },
      shares: { yes: 0.5, no: 0.5, abstain: 0 },
      wrong: { value: 0 },
    })
    const never = designThresholds({ ...judged, target: [0, 0, 0, 0] }, design.costs)!
    expect(never.threshold).toBeGreaterThan(1)
    expect(never.wrongYes).toBeNull()
    expect(designThresholds({ score: [], target: [], group: [] }, design.costs)).toBeNull()
  })

  test('neighbouring doubles are told apart, and the truth threshold is itself a yes', () => {
    const next = 0.5 + Number.EPSILON / 2
    const judged = { score: [0.5, next], target: [0.79, 0.8], group: [1, 2] }
    const design = designThresholds(judged, { wrongYes: 1, wrongNo: 1, abstention: 1 }, 0.8)!
    expect(design.cost.value).toBe(0)
    expect(design.threshold).toBe(next)
  })
})

describe('designing for a precision', () => {
  test('is the lowest threshold that has it', () => {
    fc.assert(
      fc.property(rows, fc.constantFrom(0.5, 0.75, 0.9, 1), (judged, wanted) => {
        const figuresAt = (threshold: number): { precision: number; recall: number; rows: number } => {
          const said = Array.from(judged.target).filter((_, row) => judged.score[row]! >= threshold)
          const right = said.filter((value) => value >= 0.5).length
          const all = Array.from(judged.target).filter((value) => value >= 0.5).length
          return { precision: right / said.length, recall: right / all, rows: said.length }
        }
        const best = everywhere.map(figuresAt).find(({ precision }) => precision >= wanted)
        const design = designForPrecision(judged, wanted)
        expect(precisionDesign.parse(design)).toEqual(design)
        expect(design.threshold === null).toBe(best === undefined)
        expect(design.reason === null).toBe(best !== undefined)
        if (best === undefined || design.threshold === null) return
        expect(figuresAt(design.threshold)).toEqual(best)
        expect(design.precision?.value).toBeCloseTo(best.precision, 12)
        expect(design.recall?.value).toBeCloseTo(best.recall, 12)
      }),
      { numRuns: 60 },
    )
  })

  test('says why there is none', () => {
    const judged = { score: [0.2, 0.6, 0.9], target: [0, 1, 0], group: [1, 2, 3] }
    expect(designForPrecision(judged, 0.9)).toEqual({
      n: 3,
      wanted: 0.9,
      truth: 0.5,
      threshold: null,
      precision: null,
      recall: null,
      reason: 'No threshold reaches a precision of 0.9; the highest is 0.500.',
    })
    expect(designForPrecision({ ...judged, target: [0, 0, 0] }, 0.9).reason).toBe(
      'No judged pair is truly a yes.',
    )
  })
})
