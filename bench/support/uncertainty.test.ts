import { expect, test } from 'vitest'
import { hindsight, placesWithin } from './uncertainty.ts'

test('places are those within the own part, ties share theirs', () => {
  const places = placesWithin([5, 100, 1, 300, 5, 200, 9], [0, 1, 0, 1, 0, 1, 0])
  expect([...places]).toEqual([0.5, 0, 0, 1, 0.5, 0.5, 1])
})

test('one two-valued column: the odds are those of its two groups', () => {
  // Of four rows at 0 one is wrong, of four rows at 1 three are: log odds of −ln 3 and ln 3.
  const odds = hindsight([[0, 0, 0, 0, 1, 1, 1, 1]], [true, false, false, false, true, true, true, false])
  expect(odds[0]).toBeCloseTo(-Math.log(3), 2)
  expect(odds[7]).toBeCloseTo(Math.log(3), 2)
})

test('a column that says nothing, and one that says the same again, change nothing', () => {
  const column = [0, 0, 0, 0, 1, 1, 1, 1]
  const wrong = [true, false, false, false, true, true, true, false]
  const odds = hindsight([column, column.map(() => 7), column.map((value) => 3 * value)], wrong)
  expect(odds[0]).toBeCloseTo(-Math.log(3), 2)
})
