import { adamRates } from '../optimiser/adamW.ts'
import { createRandom } from '../random.ts'

/** Consecutive training steps, the same for every member and every back end. */
export interface Steps {
  readonly count: number
  /** Rows of one step. */
  readonly batch: number
  /** Row numbers [count × batch]. */
  readonly rows: Int32Array
  /** 1 for a row, 0 for padding [count × batch]. */
  readonly counted: Float32Array
  /** Where each step's mask begins in the pool [count]. */
  readonly maskOffsets: Int32Array
  readonly members: number
  /** `adamRates` of each step and member: step size, smallest, keep [count × members × 3]. */
  readonly rates: Float32Array
}

/** What decides the steps of a training. */
export interface PlanOptions {
  readonly seed: number
  readonly batchSize: number
  readonly maximumEpochs: number
  /** The highest learning rate and the weight decay of each member. */
  readonly rates: readonly { readonly learningRate: number; readonly weightDecay: number }[]
  /** Training rows. */
  readonly rows: number
  /** Places in the mask pool where a mask may begin. */
  readonly maskStarts: number
  /** How long each row is [rows]: rows of like length then share a step. Null where all cost the same. */
  readonly lengths: Int32Array | null
}

/** Rows are sorted by length within so many steps: enough for little padding, few enough to stay well mixed. */
const stepsSortedTogether = 8

/** Share of all steps over which the learning rate rises. */
const warmUpShare = 0.1

/** Steps of an epoch and rows of a step. Rows are spread evenly, so that no step is left with a handful. */
export function batchSizes(rows: number, batchSize: number): { count: number; batch: number } {
  const count = Math.ceil(rows / batchSize)
  return { count, batch: Math.ceil(rows / count) }
}

/** The learning rate of step `step` (from 1) of `total`: linear up to `peak`, then down a cosine to 0. */
export function learningRateAt(step: number, total: number, peak: number): number {
  const warmUp = Math.max(1, Math.round(total * warmUpShare))
  if (step <= warmUp) return (peak * step) / warmUp
  return (peak * (1 + Math.cos((Math.PI * (step - warmUp)) / Math.max(1, total - warmUp)))) / 2
}

/**
 * Plans the steps of an epoch (from 1): every row once, in an order drawn from seed and epoch. All members see the
 * same rows in the same order; they differ by initial weights, dropout and row weights.
 */
export function planEpoch(options: PlanOptions, epoch: number): Steps {
  const { count, batch } = batchSizes(options.rows, options.batchSize)
  const random = createRandom(options.seed, 'epoch', epoch)
  const order = random.shuffle(Int32Array.from({ length: options.rows }, (_, row) => row))
  const { lengths } = options
  const places = Int32Array.from({ length: count }, (_, step) => step)
  if (lengths !== null) {
    const window = stepsSortedTogether * batch
    for (let start = 0; start < order.length; start += window)
      order
        .subarray(start, start + window)
        .sort((left, right) => (lengths[left] ?? 0) - (lengths[right] ?? 0))
    random.shuffle(places)
  }
  const rows = new Int32Array(count * batch)
  const counted = new Float32Array(count * batch)
  const maskOffsets = new Int32Array(count)
  const members = options.rates.length
  const rates = new Float32Array(count * members * 3)
  for (let step = 0; step < count; step++) {
    const place = places[step] ?? 0
    const start = Math.floor((place * options.rows) / count)
    const own = order.subarray(start, Math.floor(((place + 1) * options.rows) / count))
    rows.set(own, step * batch)
    counted.fill(1, step * batch, step * batch + own.length)
    maskOffsets[step] = random.integer(options.maskStarts)
    const number = (epoch - 1) * count + step + 1
    for (const [member, { learningRate, weightDecay }] of options.rates.entries()) {
      const present = learningRateAt(number, options.maximumEpochs * count, learningRate)
      const { stepSize, smallest, keep } = adamRates(number, present, weightDecay)
      rates.set([stepSize, smallest, keep], (step * members + member) * 3)
    }
  }
  return { count, batch, rows, counted, maskOffsets, members, rates }
}

/** The steps from `start` (included) to `end` (excluded). */
export function sliceSteps(steps: Steps, start: number, end: number): Steps {
  const { batch, members } = steps
  return {
    count: end - start,
    batch,
    rows: steps.rows.subarray(start * batch, end * batch),
    counted: steps.counted.subarray(start * batch, end * batch),
    maskOffsets: steps.maskOffsets.subarray(start, end),
    members,
    rates: steps.rates.subarray(start * members * 3, end * members * 3),
  }
}
