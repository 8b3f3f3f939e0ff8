import { expect, test } from 'vitest'
import { exampleEvaluation } from '../../testing/examples.ts'
import { axisLabel, roundAxis } from './axes.ts'
import { bandStretches, curveRange, curvesChartOption } from './curvesChart.ts'
import { bandLabel, bandOption, bandRange, bandWords, type BandChart } from './bandChart.ts'
import { decisionCuts, decisionOption } from './decisionChart.ts'
import { binLabel } from './histogramChart.ts'
import { intervalFigures } from './intervalChart.ts'
import type { Palette } from './palette.ts'
import { projectionOption, stepWords, type ProjectionChart } from './projectionChart.ts'
import { binWords, reliabilityOption } from './reliabilityChart.ts'
import { riskAt, riskCoverageOption, riskTones } from './riskCoverageChart.ts'
import { scatterOption } from './scatterChart.ts'

const palette: Palette = {
  ink: 'ink',
  ink2: 'ink2',
  ink3: 'ink3',
  line: 'line',
  line2: 'line2',
  raised: 'raised',
  accent: 'accent',
  good: 'good',
  warn: 'warn',
  font: 'font',
}
/** What an option draws: the points of each series. */
const drawn = (option: { series?: unknown }): unknown[] =>
  (option.series as { data: unknown }[]).map((series) => series.data)

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

test('a band is drawn behind its curve in the stretches where it is defined, and the range holds it', () => {
  const curve = {
    label: 'r',
    tone: 'accent' as const,
    points: [
      [10, 0.5],
      [20, null],
      [30, 0.6],
      [40, 0.7],
    ] as const,
    band: [
      [10, 0.3, 0.55],
      [20, null, null],
      [30, 0.55, 0.65],
      [40, 0.66, 0.74],
    ] as const,
  }
  // A single point has no area.
  expect(bandStretches(curve.band)).toEqual([
    [
      [30, 0.65],
      [40, 0.74],
      [40, 0.66],
      [30, 0.55],
    ],
  ])
  const chart = { curves: [curve], step: 'labels', lastStep: 40, level: null, mark: null, decimals: 2 }
  expect([curveRange(chart), curveRange({ ...chart, range: { low: 0.1, high: 0.9 } })]).toEqual([
    { low: 0.3, high: 0.74 },
    { low: 0.1, high: 0.9 },
  ])
  const { series } = curvesChartOption(chart, palette) as { series: { type: string }[] }
  expect(series.map(({ type }) => type)).toEqual(['custom', 'line'])
})

test('bins are named by their ends', () => {
  expect([binLabel(0, 20), binLabel(19, 20), binLabel(14, 15, 0.75)]).toEqual([
    '.00–.05',
    '.95–1.00',
    '.70–.75',
  ])
})

test('a bin says what was scored, what people say and of how many pairs', () => {
  expect(binWords('score', { n: 1, predicted: 0.42, observed: { value: 0.38, low: 0.3, high: 0.46 } })).toBe(
    'score .42\npeople .38 [.30, .46]\n1 pair',
  )
})

test('reliability draws the diagonal, and each bin as a whisker and a point that knows its number', () => {
  const bin = (predicted: number) => ({ n: 9, predicted, observed: { value: 0.5, low: 0.4, high: 0.6 } })
  const curve = (...predicted: number[]) => ({ n: 18, bins: predicted.map(bin), calibrationError: 0.1 })
  const option = reliabilityOption(
    [
      { label: 'calibrated', curve: curve(0.3), strong: false },
      { label: 'score', curve: curve(0.2, 0.7), strong: true },
    ],
    palette,
  )
  expect(drawn(option)).toEqual([
    [
      [0, 0],
      [1, 1],
    ],
    [[0.3, 0.4, 0.6]],
    [[0.3, 0.5, 0]],
    [
      [0.2, 0.4, 0.6],
      [0.7, 0.4, 0.6],
    ],
    [
      [0.2, 0.5, 1],
      [0.7, 0.5, 2],
    ],
  ])
})

test('risk over coverage: the signal in use solid, its rivals told apart by dashes, the point it works at', () => {
  const curves = exampleEvaluation().abstention!.curves
  const series = Object.entries(curves).map(([label, curve]) => ({
    label,
    curve,
    strong: label === 'variance',
  }))
  expect(riskTones(series)).toEqual(['quiet', 'accent', 'dotted', 'mixed'])
  const point = { label: 'here', coverage: 0.6, risk: 0.16 }
  expect(drawn(riskCoverageOption(series, point, palette)).at(-1)).toEqual([[0.6, 0.16]])
  expect(drawn(riskCoverageOption(series, null, palette))).toHaveLength(4)
  const few = {
    n: 2,
    points: [
      { coverage: 0.5, risk: 0.1 },
      { coverage: 1, risk: 0.3 },
    ],
    aurc: null,
  }
  expect([
    riskAt({ ...few, excessAurc: null, riskAt80: null }, 0.7),
    riskAt({ ...few, points: [], excessAurc: null, riskAt80: null }, 0.7),
  ]).toEqual([0.1, null])
})

test('decisions are cut where they change, and only inside the scale', () => {
  expect([
    decisionCuts({ low: 0.3, high: 0.6 }),
    decisionCuts({ low: 0.4, high: 0.4 }),
    decisionCuts({ low: 0, high: 1.01 }),
    decisionCuts(null),
  ]).toEqual([
    [
      { at: 0.3, label: 'abstain' },
      { at: 0.6, label: 'yes' },
    ],
    [{ at: 0.4, label: 'yes' }],
    [],
    [],
  ])
  const chart = { score: [0.1, 0.9], target: [0.2, 1], band: null, truth: 0.5 }
  expect(drawn(decisionOption(chart, palette))).toEqual([
    [
      [0.1, 0.2],
      [0.9, 1],
    ],
  ])
})

test('a scatter draws one dot a pair beside the diagonal', () => {
  const option = scatterOption({ xName: 'Ada', yName: 'Ben', x: [0.1, 0.2], y: [0.3, 0.4] }, palette)
  expect(drawn(option)).toEqual([
    [
      [0, 0],
      [1, 1],
    ],
    [
      [0.1, 0.3],
      [0.2, 0.4],
    ],
  ])
})

test('a projection is drawn with what was measured, and says both at a step', () => {
  const chart: ProjectionChart = {
    xName: 'raters',
    yName: 'reliability',
    step: 'rater',
    curve: [
      { x: 1, y: 0.5 },
      { x: 2, y: 0.67 },
    ],
    measured: [{ x: 2, y: { value: 0.7, low: 0.6, high: 0.8 } }],
    levels: [],
  }
  expect([stepWords(chart, 1), stepWords(chart, 2)]).toEqual([
    '1 rater\nprojected .50',
    '2 raters\nprojected .67\nmeasured .70 [.60, .80]',
  ])
  expect(drawn(projectionOption(chart, palette))).toEqual([
    [
      [1, 0.5],
      [2, 0.67],
    ],
    [[2, 0.6, 0.8]],
    [[2, 0.7]],
  ])
})

test('bands say what is known at a step, hold every interval and draw nothing for a single point', () => {
  const y = { value: 0.8, low: 0.72, high: 0.86 }
  const chart: BandChart = {
    xName: 'labels',
    yName: 'r',
    step: 'label',
    lines: [
      {
        label: 'r',
        tone: 'accent',
        points: [
          { x: 1, y },
          { x: 1200, y },
        ],
      },
    ],
    dots: [{ label: 'run 2', x: 1200, y }],
    level: { label: 'people', value: 0.91 },
    decimals: 2,
  }
  expect(bandWords(chart, 1200)).toBe('1,200 labels\nr .80 [.72, .86]\nrun 2 .80 [.72, .86]')
  expect(bandLabel(chart)).toBe(
    '1 label r .80 [.72, .86]; 1,200 labels r .80 [.72, .86] run 2 .80 [.72, .86]; people .91',
  )
  const { min, max } = bandRange(chart)
  expect(min <= 0.72 && max >= 0.91).toBe(true)
  // Band, line, whiskers, dots.
  expect(drawn(bandOption(chart, palette))[0]).toHaveLength(1)
  const [line] = chart.lines
  const single = { ...chart, lines: [{ ...line!, points: line!.points.slice(0, 1) }] }
  expect(drawn(bandOption(single, palette))[0]).toEqual([])
})
