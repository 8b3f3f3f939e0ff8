import { expect, test } from 'vitest'
import { learningWeights, partition } from './partition.ts'

const group = Int32Array.from({ length: 120 }, (_, row) => Math.floor(row / 3))
const groupsIn = (rows: Iterable<number>): Set<number> => new Set([...rows].map((row) => group[row] ?? -1))

test('a fold, the rows its head chooses on and the rows it learns from share no premise', () => {
  const { folds, choosing, judged, choosingShare } = partition(group, 0.15, 42)
  const weights = learningWeights({ folds, choosing, judged, choosingShare }, new Float32Array(120).fill(2))
  expect(folds).toMatchObject({ count: 5, byGroup: true })
  expect(choosingShare).toBeCloseTo(1 / 7, 12)
  expect([...judged.flatMap((rows) => [...rows])].sort((a, b) => a - b)).toEqual([...group.keys()])
  for (const [fold, own] of judged.entries()) {
    const chosenOn = choosing[fold] ?? new Uint32Array()
    const learnt = [...group.keys()].filter((row) => weights[fold * 120 + row] === 2)
    expect([own.length, learnt.length + chosenOn.length + own.length]).toEqual([24, 120])
    // A seventh of the 32 groups outside the fold, to the nearest whole: 4 or 5 of three rows each.
    expect([12, 15]).toContain(chosenOn.length)
    const sides = [groupsIn(own), groupsIn(chosenOn), groupsIn(learnt)]
    expect(new Set(sides.flatMap((side) => [...side])).size).toBe(
      sides.reduce((sum, side) => sum + side.size, 0),
    )
  }
})

test('every fold has rows to choose on, however few premises there are', () => {
  for (const groups of [1, 2, 5, 7, 8]) {
    const few = Int32Array.from({ length: 40 }, (_, row) => row % groups)
    const { choosing, folds } = partition(few, 0.15, 1)
    expect(folds.byGroup).toBe(groups >= 5)
    for (const [fold, rows] of choosing.entries()) {
      expect(rows.length).toBeGreaterThan(0)
      expect([...rows].some((row) => folds.of[row] === fold)).toBe(false)
    }
  }
})
