import { lossName } from '#shared/domain/losses.ts'
import type { TrainingConfiguration } from '#shared/domain/run.ts'
import type { SearchedSettings, SearchMethod } from '#shared/domain/search.ts'
import { createRandom } from '../random.ts'
import { sobolPoints } from './sobol.ts'

/** Where settings are searched; each range with both ends. */
export const searchSpace = {
  /** Even on a logarithmic scale. */
  learningRate: { low: 5e-5, high: 2e-3 },
  hiddenWidth: [64, 128, 256, 512],
  dropout: { low: 0, high: 0.6 },
  /** Every loss there is: heads of one loss have the same columns, so those of the Gaussian stack like all others. */
  loss: lossName.options,
  /** Even on a logarithmic scale. */
  weightDecay: { low: 1e-4, high: 1e-1 },
} as const

const dimensions = Object.keys(searchSpace).length

/**
 * The settings at a point of the unit cube [5], coordinates 0 (included) to 1 (excluded), in the order of `searchSpace`.
 * Numbers are rounded to what people can type.
 */
export function settingsAt(point: readonly number[]): SearchedSettings {
  const [learningRate = 0, hiddenWidth = 0, dropout = 0, loss = 0, weightDecay = 0] = point
  const { dropout: shares } = searchSpace
  return {
    learningRate: onLogarithm(searchSpace.learningRate, learningRate),
    hiddenWidth: oneOf(searchSpace.hiddenWidth, hiddenWidth),
    dropout: Number((shares.low + (shares.high - shares.low) * dropout).toFixed(2)),
    loss: oneOf(searchSpace.loss, loss),
    weightDecay: onLogarithm(searchSpace.weightDecay, weightDecay),
  }
}

function onLogarithm({ low, high }: { readonly low: number; readonly high: number }, share: number): number {
  return Number((low * (high / low) ** share).toPrecision(2))
}

function oneOf<Choice>(choices: readonly Choice[], share: number): Choice {
  const choice = choices[Math.min(choices.length - 1, Math.floor(share * choices.length))]
  if (choice === undefined) throw new RangeError('There is nothing to choose from')
  return choice
}

/** The settings of a configuration that a search varies. */
export function searchedPart(configuration: TrainingConfiguration): SearchedSettings {
  const { learningRate, hiddenWidth, dropout, loss, weightDecay } = configuration
  return { learningRate, hiddenWidth, dropout, loss, weightDecay }
}

/**
 * The settings that a search tries: first those given, then `count − 1` points of the search space. The same seed and
 * method draw the same ones; more of them begin with the same.
 */
export function drawSettings(
  given: SearchedSettings,
  count: number,
  method: SearchMethod,
  seed: number,
): SearchedSettings[] {
  const drawn = count - 1
  if (method === 'sobol') return [given, ...sobolPoints(drawn, dimensions, seed).map(settingsAt)]
  const random = createRandom(seed, 'random search')
  const points = Array.from({ length: drawn }, () =>
    Array.from({ length: dimensions }, () => random.uniform()),
  )
  return [given, ...points.map(settingsAt)]
}
