import { describe, expect, test } from 'vitest'
import { judge } from './judge.ts'
import { judgeSlices, type SliceColumn } from './slices.ts'

const count = 60
const score = Array.from({ length: count }, (_, row) => ((row * 37) % count) / count)
/** Errors grow with the number of the row, up to .2. */
const target = score.map((value, row) => value + (row % 2 === 0 ? 1 : -1) * (row / 300))
const group = score.map((_, row) => row)
const slicesOf = (values: SliceColumn['values']): ReturnType<typeof judgeSlices> =>
  judgeSlices({ score, target, group }, [{ name: 'column', values }])

describe('slices', () => {
  test('are judged as their rows alone, with the rows of the greatest errors first', () => {
    const values = score.map((_, row) => (row < 40 ? 'news' : 'forum'))
    const [news, forum] = slicesOf(values)
    const { pearson, rmse, mae } = judge(score.slice(0, 40), target.slice(0, 40), group.slice(0, 40))
    expect(news).toEqual({
      column: 'column',
      label: 'news',
      n: 40,
      pearson,
      rmse,
      mae,
      worst: [39, 38, 37, 36, 35, 34, 33, 32, 31, 30],
    })
    expect(forum).toMatchObject({ label: 'forum', n: 20 })
    expect(forum!.worst.slice(0, 2)).toEqual([59, 58])
  })

  test('numbers make five bands with readable ends; few different ones stay as they are', () => {
    expect(slicesOf(group).map(({ label, n }) => [label, n])).toEqual([
      ['0 to 11', 12],
      ['12 to 23', 12],
      ['24 to 35', 12],
      ['36 to 47', 12],
      ['48 to 59', 12],
    ])
    expect(slicesOf(group.map((row) => row / 7))[1]!.label).toBe('1.71 to 3.29')
    expect(slicesOf(group.map((row) => 3 - (row % 3))).map(({ label, n }) => [label, n])).toEqual([
      ['1', 20],
      ['2', 20],
      ['3', 20],
    ])
  })

  test('beyond twenty values the rest is "other"; rows without a value come last', () => {
    const values = group.map((row) => (row < 4 ? null : `source ${row < 16 ? 0 : row % 22}`))
    const slices = slicesOf(values)
    expect(slices).toHaveLength(22)
    expect(slices[0]).toMatchObject({ label: 'source 0', n: 14 })
    expect(slices.slice(-2).map(({ label }) => label)).toEqual(['other', 'no value'])
    expect(slices.reduce((sum, { n }) => sum + n, 0)).toBe(count)
  })

  test('under five rows there is n only', () => {
    const [large, small] = slicesOf(group.map((row) => (row < 4 ? 'rare' : 'common')))
    expect(large!.mae).not.toBeNull()
    expect(small).toEqual({
      column: 'column',
      label: 'rare',
      n: 4,
      pearson: null,
      rmse: null,
      mae: null,
      worst: [],
    })
  })

  test('a column that does not fit the rows is refused by name', () => {
    expect(() => slicesOf(['a'])).toThrow('60 groups and 1 values of column do not pair up')
  })
})
