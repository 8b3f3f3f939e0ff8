import { expect, test } from 'vitest'
import { axisLabel, roundAxis } from './axes.ts'
import { curveRange } from './curvesChart.ts'
import { binLabel } from './histogramChart.ts'
import { intervalFigures } from './intervalChart.ts'

test('axes end at round numbers around what they hold', () => {
  expect([
    roundAxis(0.42, 0.88, 4),
    roundAxis(0, 312, 3),
    roundAxis(0.7, 0.7, 4),
    roundAxis(0, 50, 5),
  ]).toEqual([
    { min: 0.4, max: 1, step: 0.2 },
    { min: 0, max: 400, step: 200 },
    { min: 0.7, max: 0.75, step: 0.05 },
    { min: 0, max: 50, step: 10 },
  ])
})

test('axis labels have the decimals their step needs', () => {
  expect([axisLabel(0.2)(0.4), axisLabel(0.05)(0.7), axisLabel(0.2)(1), axisLabel(10)(40)]).toEqual([
    '.4',
    '.70',
    '1.0',
    '40',
  ])
})

test('a row without a figure says so', () => {
  expect([
    intervalFigures({ label: 'ridge', interval: { value: 0.78, low: 0.75, high: 0.8 }, strong: false }),
    intervalFigures({ label: 'mean', interval: null, strong: false }),
  ]).toEqual(['.78  [.75, .80]', '–'])
})

test('the range of curves leaves out what is not defined and holds the level', () => {
  const curve = {
    label: 'r',
    tone: 'accent' as const,
    points: [
      [1, null],
      [2, 0.4],
      [3, Number.NaN],
      [4, 0.6],
    ] as const,
  }
  const chart = { curves: [curve], step: 'epoch', lastStep: 50, mark: null, decimals: 2 }
  expect([
    curveRange({ ...chart, level: { label: 'ridge', value: 0.7 } }),
    curveRange({ ...chart, curves: [], level: null }),
  ]).toEqual([{ low: 0.4, high: 0.7 }, null])
})

test('bins are named by their ends', () => {
  expect([binLabel(0, 20), binLabel(19, 20)]).toEqual(['.00–.05', '.95–1.00'])
})
