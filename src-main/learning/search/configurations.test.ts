import { expect, test } from 'vitest'
import { trainingConfiguration } from '#shared/domain/run.ts'
import { drawSettings, searchedPart, searchSpace, settingsAt } from './configurations.ts'

const given = searchedPart(trainingConfiguration.parse({}))

test('the corners and the middle of the cube are the ends and the middle of the ranges', () => {
  const almostOne = 1 - 2 ** -32
  expect(settingsAt([0, 0, 0, 0, 0])).toEqual({
    learningRate: 5e-5,
    hiddenWidth: 64,
    dropout: 0,
    loss: 'mse',
    weightDecay: 1e-4,
  })
  expect(settingsAt([almostOne, almostOne, almostOne, almostOne, almostOne])).toEqual({
    learningRate: 2e-3,
    hiddenWidth: 512,
    dropout: 0.6,
    loss: 'gaussian',
    weightDecay: 0.1,
  })
  // √(5e-5 · 2e-3) = 3.16e-4 and √(1e-4 · 1e-1) = 3.16e-3.
  expect(settingsAt([0.5, 0.5, 0.5, 0.5, 0.5])).toEqual({
    learningRate: 3.2e-4,
    hiddenWidth: 256,
    dropout: 0.3,
    loss: 'binary-cross-entropy',
    weightDecay: 3.2e-3,
  })
})

test.each(['sobol', 'random'] as const)('%s: the given settings come first, all are valid', (method) => {
  const drawn = drawSettings(given, 40, method, 42)
  expect(drawn).toHaveLength(40)
  expect(drawn[0]).toEqual(given)
  for (const settings of drawn) expect(trainingConfiguration.parse(settings)).toMatchObject(settings)
  expect(new Set(drawn.map((settings) => JSON.stringify(settings))).size).toBe(40)
  expect(drawSettings(given, 40, method, 42)).toEqual(drawn)
  expect(drawSettings(given, 12, method, 42)).toEqual(drawn.slice(0, 12))
  expect(drawSettings(given, 40, method, 43)).not.toEqual(drawn)
})

test('sobol deals 32 points evenly: every width eight times, every quarter of the learning rates eight times', () => {
  const drawn = drawSettings(given, 33, 'sobol', 7).slice(1)
  for (const width of searchSpace.hiddenWidth)
    expect(drawn.filter(({ hiddenWidth }) => hiddenWidth === width)).toHaveLength(8)
  // A quarter of the logarithmic range ends at 5e-5 · 40^(1/4) = 1.257e-4.
  expect(drawn.filter(({ learningRate }) => learningRate < 1.257e-4)).toHaveLength(8)
})
