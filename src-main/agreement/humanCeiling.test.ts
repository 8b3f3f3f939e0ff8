import { existsSync, readFileSync } from 'node:fs'
import Papa from 'papaparse'
import { expect, test } from 'vitest'
import { humanCeiling } from './humanCeiling.ts'

test('two raters per pair leave nothing to chance in the difference', async () => {
  const pairs = [[0.2, 0.4], [0.9, 0.6], [0.5, 0.5], [0.7]]
  expect(await humanCeiling(pairs, 1)).toMatchObject({ pairs: 3, mae: expect.closeTo(0.5 / 3, 12) as number })
})

test('raters who agree fully reach 1, and constant scores have no correlation', async () => {
  expect(
    await humanCeiling(
      [
        [0, 0, 0],
        [0.5, 0.5],
        [1, 1],
      ],
      7,
    ),
  ).toEqual({
    pairs: 3,
    pearson: expect.closeTo(1, 12) as number,
    mae: 0,
  })
  expect(
    await humanCeiling(
      [
        [0.5, 0.5],
        [0.5, 0.5],
        [0.5, 0.5],
      ],
      7,
    ),
  ).toEqual({ pairs: 3, pearson: null, mae: 0 })
  expect(
    await humanCeiling(
      [
        [0.1, 0.3],
        [0.5, 0.9],
      ],
      7,
    ),
  ).toMatchObject({ pairs: 2, pearson: null })
  expect(await humanCeiling([[0.5], []], 7)).toBeNull()
})

test('the same seed draws the same raters', async () => {
  const pairs = Array.from({ length: 30 }, (_, pair) => [pair / 40, (pair + 5) / 40, ((pair * 7) % 30) / 40])
  expect(await humanCeiling(pairs, 3)).toEqual(await humanCeiling(pairs, 3))
  expect(await humanCeiling(pairs, 3)).not.toEqual(await humanCeiling(pairs, 4))
})

const file = '../shared/data/pavlick/ratings.csv'

test.skipIf(!existsSync(file))(
  `the ceiling of real slider data is the published one (needs ${file})`,
  async () => {
    const { data } = Papa.parse<Record<'pair_id' | 'rater' | 'score' | 'cannot_judge', string>>(
      readFileSync(file, 'utf8'),
      { header: true, skipEmptyLines: true },
    )
    const pairs = new Map<string, Map<string, number>>()
    for (const { pair_id, rater, score, cannot_judge } of data) {
      if (cannot_judge !== '0' || score === '') continue
      const raters = pairs.get(pair_id) ?? new Map<string, number>()
      pairs.set(pair_id, raters)
      if (!raters.has(rater)) raters.set(rater, Number(score))
    }
    const ceiling = await humanCeiling(
      [...pairs.values()].map((raters) => [...raters.values()]),
      0,
    )
    // The data folder's README: r .69–.70, mean absolute difference .212.
    expect(ceiling).toEqual({
      pairs: 500,
      pearson: expect.closeTo(0.7, 2) as number,
      mae: expect.closeTo(0.212, 2) as number,
    })
  },
)
