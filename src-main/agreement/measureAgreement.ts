import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { GradusError } from '#shared/contract/errors.ts'
import type { AgreementFigure } from '#shared/domain/agreement.ts'
import type { AgreementFigures, AgreementIntervals } from './agreementContract.ts'
import { absent, between, known, needsOverlap, withInterval } from './figure.ts'
import { krippendorffAlpha } from './krippendorff.ts'
import { againstOthers } from './raterFigures.ts'
import { fitRaterModel, raterIntervals, type FittedRaters } from './raterModel.ts'
import { sharedOnly, sumPairs, type PairSums, type RatingTable } from './ratingTable.ts'
import { measureReliability, projectReliability } from './reliability.ts'
import { iccOne, iccTwo, varianceComponents, type VarianceComponents } from './varianceComponents.ts'

const bins = 20
/** A mean of two scores 0 and 1 has SD .71; more raters come to .5 at most for large numbers. */
const greatestDeviation = 0.75
const tooFew = 'needs raters who have more pairs in common'
const noVariance = 'all scores are the same'
/** Fixes who is drawn for the measured points. */
const drawSeed = 1

/** Scores looked at by all resamples together: a second or two. */
const mostWork = 1.5e8
const resamples = { most: 1000, fewest: 100 }

/** Every figure of the agreement of raters that takes no resampling. */
export function agreementFigures(table: RatingTable): AgreementFigures {
  const sums = sumPairs(table)
  const shared = sharedOnly(table)
  const components = varianceComponents(shared)
  const model = fitRaterModel(shared)
  const others = againstOthers(table)
  return {
    ...overall(sums, components),
    k: components?.k ?? null,
    deviations: binDeviations(sums),
    projection: {
      curve: components === null ? [] : projectReliability(components),
      measured: measureReliability(shared, drawSeed),
      reason: components === null ? (shared.pair.length === 0 ? needsOverlap : tooFew) : null,
    },
    raters: others.map(({ shared: pairs, pearson, mae }, by) => {
      const modelled = (values: Float64Array | undefined): AgreementFigure => {
        const value = values?.[by]
        if (pairs === 0) return absent(needsOverlap)
        return value === undefined ? absent(noVariance) : known(value)
      }
      return {
        bias: modelled(model?.bias),
        scale: modelled(model?.scale),
        noise: modelled(model?.deviation),
        pearson,
        mae,
      }
    }),
  }
}

function overall(
  sums: PairSums,
  components: VarianceComponents | null,
): Pick<AgreementFigures, 'alpha' | 'iccSingle' | 'iccMean'> {
  const overlap = sums.count.some((count) => count >= 2)
  const figure = (value: number | null, reason: string): AgreementFigure =>
    value === null ? absent(overlap ? reason : needsOverlap) : known(value)
  const icc = (value: (of: VarianceComponents) => number | null): AgreementFigure =>
    components === null ? figure(null, tooFew) : figure(value(components), noVariance)
  return {
    alpha: figure(krippendorffAlpha(sums), noVariance),
    iccSingle: icc(iccOne),
    iccMean: icc((of) => iccTwo(of, of.k)),
  }
}

function binDeviations({ count, sum, squares }: PairSums): AgreementFigures['deviations'] {
  const counts = new Array<number>(bins).fill(0)
  let [total, pairs] = [0, 0]
  for (let pair = 0; pair < count.length; pair++) {
    const n = count[pair] ?? 0
    if (n < 2) continue
    const mean = (sum[pair] ?? 0) / n
    const deviation = Math.sqrt(Math.max(0, (squares[pair] ?? 0) - n * mean * mean) / (n - 1))
    const bin = Math.min(bins - 1, Math.floor((deviation / greatestDeviation) * bins))
    counts[bin] = (counts[bin] ?? 0) + 1
    total += deviation
    pairs += 1
  }
  return {
    bins: counts,
    end: greatestDeviation,
    mean: pairs === 0 ? null : total / pairs,
    reason: pairs === 0 ? needsOverlap : null,
  }
}

/** How the caller hears of the work, and ends it. */
export interface MeasureListener {
  readonly signal: AbortSignal
  readonly onProgress: (share: number) => void
}

/**
 * The figures of `agreementFigures` that take resampling, with 95% intervals: α and the ICCs by a bootstrap over pairs (of
 * 1000 resamples, fewer where there are very many scores), the rater model's by sampling.
 * @throws GradusError `cancelled`.
 */
export async function agreementIntervals(
  table: RatingTable,
  seed: number,
  listener: MeasureListener,
): Promise<AgreementIntervals> {
  const shared = sharedOnly(table)
  const sums = sumPairs(shared)
  const step = async (share: number): Promise<void> => {
    listener.onProgress(share)
    await yieldToOthers()
    if (listener.signal.aborted) throw new GradusError('cancelled', 'Computing intervals was cancelled.')
  }
  const plain = overall(sums, varianceComponents(shared))
  const resampled = await resampleFigures(shared, sums, seed, (share) => step(share / 2))
  const model = fitRaterModel(shared)
  await step(0.6)
  return {
    alpha: withInterval(plain.alpha, resampled.alpha),
    iccSingle: withInterval(plain.iccSingle, resampled.iccSingle),
    iccMean: withInterval(plain.iccMean, resampled.iccMean),
    raters: await modelledRaters(shared, model, seed, (share) => step(0.6 + 0.4 * share)),
  }
}

async function resampleFigures(
  table: RatingTable,
  sums: PairSums,
  seed: number,
  step: (share: number) => Promise<void>,
): Promise<Record<'alpha' | 'iccSingle' | 'iccMean', Float64Array>> {
  const scored = Int32Array.from({ length: table.pairs }, (_, pair) => pair).filter(
    (pair) => (sums.count[pair] ?? 0) >= 2,
  )
  const wanted = Math.round(mostWork / Math.max(1, table.pair.length))
  const count = Math.max(resamples.fewest, Math.min(resamples.most, wanted))
  const [alpha, iccSingle, iccMean] = [0, 1, 2].map(() => new Float64Array(count).fill(Number.NaN))
  const random = xoroshiro128plus(seed)
  const drawn = new Int32Array(scored.length)
  const weight = new Int32Array(table.pairs)
  for (let resample = 0; resample < count && scored.length > 0; resample++) {
    weight.fill(0)
    for (let draw = 0; draw < drawn.length; draw++) {
      const pair = scored[uniformInt(random, 0, scored.length - 1)] ?? 0
      drawn[draw] = pair
      weight[pair] = (weight[pair] ?? 0) + 1
    }
    const put = (figures: Float64Array | undefined, value: number | null): void => {
      if (figures !== undefined && value !== null) figures[resample] = value
    }
    put(alpha, krippendorffAlpha(sums, drawn))
    const components = varianceComponents(table, weight)
    if (components !== null) {
      put(iccSingle, iccOne(components))
      put(iccMean, iccTwo(components, components.k))
    }
    if (resample % 10 === 0) await step(resample / count)
  }
  const none = new Float64Array()
  return { alpha: alpha ?? none, iccSingle: iccSingle ?? none, iccMean: iccMean ?? none }
}

async function modelledRaters(
  table: RatingTable,
  model: FittedRaters | null,
  seed: number,
  step: (share: number) => Promise<void>,
): Promise<AgreementIntervals['raters']> {
  const counts = new Int32Array(table.raters)
  for (const by of table.rater) counts[by] = (counts[by] ?? 0) + 1
  const none = (by: number): AgreementFigure => absent((counts[by] ?? 0) === 0 ? needsOverlap : noVariance)
  if (model === null)
    return Array.from(counts, (_, by) => ({ bias: none(by), scale: none(by), noise: none(by) }))
  const found = await raterIntervals(table, model, seed, step)
  return Array.from(counts, (count, by) => {
    const figure = (
      values: Float64Array,
      [low, high]: readonly [Float64Array, Float64Array],
    ): AgreementFigure => {
      const value = values[by] ?? 0
      // The most likely value can lie a hair outside an interval about the mean of a skewed posterior.
      return count === 0
        ? none(by)
        : between(value, [Math.min(value, low[by] ?? value), Math.max(value, high[by] ?? value)])
    }
    return {
      bias: figure(model.bias, found.bias),
      scale: figure(model.scale, found.scale),
      noise: figure(model.deviation, found.deviation),
    }
  })
}
