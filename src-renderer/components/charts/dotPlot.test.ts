import { expect, test } from 'vitest'
import { placeDots, type DotScore } from './dotPlot.ts'

const point = (score: number): DotScore => ({ score, range: null })
const on = { width: 100, diameter: 8, levels: 3 }

test('equal and near scores stand on one another, others on the line', () => {
  const placed = placeDots([0.5, 0.9, 0.5, 0.54, 0.1].map(point), on)
  expect(placed.map(({ x, level }) => [Math.round(x), level])).toEqual([
    [10, 0],
    [50, 0],
    [50, 1],
    [54, 2],
    [90, 0],
  ])
})

test('a range takes its level from end to end', () => {
  const range: DotScore = { score: 0.3, range: { low: 0.1, high: 0.5 } }
  const placed = placeDots([point(0.4), range, point(0.05), point(0.58)], on)
  expect(placed.map(({ x, level }) => [Math.round(x), level])).toEqual([
    [5, 0],
    [30, 1],
    [40, 0],
    [58, 0],
  ])
})

test('where no level is free, dots overlap on the one whose last lies farthest back; all stay on the line', () => {
  const placed = placeDots([0, 0.01, 0.02, 0.03, 1.2].map(point), on)
  expect(placed.map(({ x, level }) => [Math.round(x), level])).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 0],
    [100, 0],
  ])
})
