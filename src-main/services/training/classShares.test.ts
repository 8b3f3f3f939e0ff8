import { expect, test } from 'vitest'
import { classShares } from './classShares.ts'

const classes = ['entailment', 'neutral', 'contradiction']
const row = (...counts: [string, number][]) => ({
  classCounts: counts.map(([name, count]) => ({ name, count })),
})

test('a row is the shares of its labels, over the ends of pages; a row without labels stays empty', () => {
  const { shares, labelled } = classShares(
    [[row(['entailment', 2], ['neutral', 1]), row()], [row(['contradiction', 1])]],
    classes,
  )
  expect([...shares]).toEqual([2 / 3, 1 / 3, 0, 0, 0, 0, 0, 0, 1].map(Math.fround))
  expect([...labelled]).toEqual([0, 2])
})

test('labels of classes that were taken away count for nothing', () => {
  const { shares, labelled } = classShares([[row(['maybe', 3], ['neutral', 1]), row(['maybe', 1])]], classes)
  expect([[...shares], [...labelled]]).toEqual([[0, 1, 0, 0, 0, 0], [0]])
})

test('without rows there are no shares', () => {
  expect(classShares([], classes)).toEqual({
    classes,
    shares: new Float32Array(0),
    labelled: new Int32Array(0),
  })
})
