import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Split } from '#shared/domain/pair.ts'
import { effectiveSplit } from '../../store/splits.ts'
import { premiseGroups } from '../../store/pairKeys.ts'
import { fewestRows, splitForTraining, trainingObstacle, type SplitRow } from './trainingSplit.ts'

const shares = { holdoutShare: 0.15, validationShare: 0.2 }

function rowAt(place: number, declaredSplit: Split | null = null): SplitRow {
  const premiseGroup = Math.floor(place * premiseGroups)
  return {
    pairId: '',
    premiseGroup,
    declaredSplit,
    split: effectiveSplit({ premiseGroup, declaredSplit }, shares.holdoutShare),
  }
}

const groupsOf = (rows: readonly SplitRow[]): Set<number> => new Set(rows.map((row) => row.premiseGroup))
const holdoutGroupsOf = (rows: readonly SplitRow[]): Set<number> =>
  groupsOf(rows.filter((row) => row.split === 'holdout'))

const rows = fc.array(
  fc
    .record({
      place: fc.constantFrom(...Array.from({ length: 40 }, (_, index) => index / 40)),
      declared: fc.constantFrom<Split | null>(null, null, null, 'train', 'holdout', 'validation'),
    })
    .map(({ place, declared }) => rowAt(place, declared)),
  { maxLength: 120 },
)

test('no premise is on two sides, and every row is somewhere or counted', () => {
  fc.assert(
    fc.property(rows, (all) => {
      const parts = splitForTraining(all, holdoutGroupsOf(all), shares)
      const [train, validation, holdout] = [parts.train, parts.validation, parts.holdout].map(groupsOf)
      if (!parts.onePremise) expect([...train!].filter((group) => validation!.has(group))).toEqual([])
      expect([...train!].filter((group) => holdout!.has(group))).toEqual([])
      expect([...validation!].filter((group) => holdout!.has(group))).toEqual([])
      expect(
        parts.train.length +
          parts.validation.length +
          parts.holdout.length +
          parts.leftOutForHoldout +
          parts.leftOutForValidation,
      ).toBe(all.length)
      if (all.some((row) => row.split === 'validation' && !holdout!.has(row.premiseGroup)))
        expect(parts.validation.every((row) => row.split === 'validation')).toBe(true)
    }),
  )
})

test('validation is the upper end of the split line where none is declared', () => {
  const all = Array.from({ length: 100 }, (_, index) => rowAt((index + 0.5) / 100))
  const parts = splitForTraining(all, holdoutGroupsOf(all), shares)
  expect([parts.holdout.length, parts.train.length, parts.validation.length]).toEqual([15, 68, 17])
  expect(parts.validation).toEqual(all.slice(83))
  const declared = all.map((row): SplitRow => ({ ...row, declaredSplit: 'train', split: 'train' }))
  expect(splitForTraining(declared, new Set(), shares).validation).toEqual(declared.slice(80))
})

test('validation takes the next groups of the line where its share would leave it short', () => {
  const all = Array.from({ length: 30 }, (_, index) => rowAt(0.2 + index / 100))
  const parts = splitForTraining(all, new Set(), shares)
  expect(parts.validation).toEqual(all.slice(-fewestRows.validation))
})

test('pairs of a single premise are split one by one, and stay on their side when more come', () => {
  const all = Array.from({ length: 200 }, (_, index): SplitRow => ({
    ...rowAt(0.5),
    pairId: `pair ${index}`,
  }))
  const early = splitForTraining(all.slice(0, 100), new Set(), shares)
  const late = splitForTraining(all, new Set(), shares)
  expect([early.onePremise, late.onePremise]).toEqual([true, true])
  expect(late.validation).toEqual(expect.arrayContaining(early.validation))
  expect(late.train).toEqual(expect.arrayContaining(early.train))
  // 17% of 200, give or take three standard deviations of a binomial.
  expect(Math.abs(late.validation.length - 34)).toBeLessThan(16)
  expect(late.train.length + late.validation.length).toBe(200)
})

test('a premise that an unrated pair has in the holdout is not trained on', () => {
  const all = [rowAt(0.5, 'train'), rowAt(0.6, 'train')]
  expect(splitForTraining(all, groupsOf([all[0]!]), shares)).toMatchObject({
    leftOutForHoldout: 1,
    holdout: [],
  })
})

test('what is missing is said in words', () => {
  const obstacle = (train: number, validation: number, holdout = 0, leftOutForHoldout = 0): string | null =>
    trainingObstacle({ train, validation, holdout, leftOutForHoldout })
  expect([obstacle(3, 1, 2, 1), obstacle(7, 0), obstacle(19, 9), obstacle(40, 2), obstacle(20, 5)]).toEqual([
    'Training needs at least 25 rated pairs outside the holdout, and there are 4 (2 more in the holdout are never trained on, 1 share a premise with the holdout): rate 21 more.',
    'Training needs at least 25 rated pairs outside the holdout, and there are 7: rate 18 more.',
    'Training needs at least 20 rated pairs to learn from, and 19 are left beside 9 for validation: rate pairs with other premises, or declare fewer as validation.',
    'Training needs at least 5 rated validation pairs, and there are 2: rate 3 more of those declared as validation.',
    null,
  ])
})
