import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pairDigest, premiseGroup, premiseGroups } from './pairKeys.ts'
import { effectiveSplit, effectiveSplitSql } from './splits.ts'
import { createTestProject } from './testStore.ts'

test('premises that differ in case, white space or Unicode form only are one group', () => {
  const group = premiseGroup('The café is open.')
  expect([' the  CAFÉ is\topen. ', 'The cafe\u0301 is open.'].map(premiseGroup)).toEqual([group, group])
  expect(premiseGroup('The café is closed.')).not.toBe(group)
})

test('groups are what sha256 says, so that other programs can tell them, too', () => {
  // printf a | sha256sum: ca978112ca1b…
  expect(premiseGroup(' A ')).toBe(0xca978112ca1b)
})

test('a pair is known by its texts, white space at their ends aside', () => {
  expect(pairDigest(' one', 'two\n')).toEqual(pairDigest('one', 'two'))
  expect(pairDigest('one', 'two').length).toBe(16)
  expect(pairDigest('one two', '')).not.toEqual(pairDigest('one', ' two'))
  expect(pairDigest('One', 'two')).not.toEqual(pairDigest('one', 'two'))
})

test('the split is the same in SQL and in TypeScript', () => {
  const { store } = createTestProject({ pairs: 0, raters: [] })
  const sql = store.database
    .prepare<[{ declared: string | null; group: number; holdoutShare: number }], string>(
      `SELECT ${effectiveSplitSql('pair')} FROM (SELECT @declared AS declared_split, @group AS premise_group) AS pair`,
    )
    .pluck()
  fc.assert(
    fc.property(
      fc.option(fc.constantFrom('train', 'validation', 'holdout'), { freq: 3 }),
      fc.oneof(
        fc.maxSafeNat().map((n) => n % premiseGroups),
        fc.constantFrom(0, premiseGroups - 1),
      ),
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      (declared, group, holdoutShare) => {
        expect(sql.get({ declared, group, holdoutShare })).toBe(
          effectiveSplit({ declaredSplit: declared, premiseGroup: group }, holdoutShare),
        )
      },
    ),
  )
  store.close()
})
