import type { EvidenceFigures } from '#shared/domain/evidence.ts'
import { createRandom } from '../random.ts'
import type { Arms } from './arms.ts'
import { fitInOrder, type EvidenceKernel } from './fixedRidge.ts'
import { fitPowerLaw, labelsToReach } from './powerLaw.ts'
import { intervalOf, meanOf, resampleCount, withNoise, type Resampled, type Resamples } from './resamples.ts'
import { meanInfluence, spreadInfluence } from './spreadInfluence.ts'
import { countWord } from './words.ts'

type Saving = EvidenceFigures['saving']

/** Fewer random labels make no curve. */
const fewestRandom = 40
const drawCount = 5
const shares = [0.2, 0.3, 0.45, 0.67, 1] as const
/** The curve of the random arm is followed to at most so many times the labels it has. */
const mostExtrapolated = 2

/**
 * How many random labels would give the r that all present labels give, less the present labels: from a power law through
 * the mean r of draws from the random arm.
 * @param present r with all labels, with noise of the labels on it; null where it is not defined.
 */
export async function measureSaving(
  kernel: EvidenceKernel,
  { random, chosen }: Arms,
  lambda: number,
  present: Resampled | null,
  resamples: Resamples,
  seed: number,
  pause: (share: number) => Promise<void>,
): Promise<Saving> {
  const labels = kernel.target.length
  const nothing = (why: string, points: Saving['points'] = []): Saving => ({
    saved: null,
    points,
    verdict: 'no-evidence',
    sentence: `No evidence of saving yet: ${why}`,
  })
  if (chosen.length === 0) return nothing('no pair chosen by a strategy is rated.')
  if (random.length < fewestRandom)
    return nothing(
      `${countWord(random.length, 'random pair')} ${random.length === 1 ? 'is' : 'are'} rated, and it takes ${fewestRandom} to say what random ones are worth.`,
    )
  const sizes = shares.map((share) => Math.round(share * random.length))
  const found = sizes.map((): { figures: (Resampled | null)[]; influences: Float64Array[] } => ({
    figures: [],
    influences: [],
  }))
  for (let draw = 0; draw < drawCount; draw++) {
    await pause(draw / drawCount)
    const order = createRandom(seed, 'random arm', draw).shuffle(Uint32Array.from(random))
    for (const [place, { score, influence }] of fitInOrder(kernel, order, sizes, lambda).entries()) {
      found[place]?.figures.push(resamples.ofScores(score))
      found[place]?.influences.push(spreadInfluence(influence, order, labels))
    }
  }
  const curve = found.flatMap(({ figures, influences }, place) => {
    const pearson = meanOf(figures)
    if (pearson === null) return []
    const noise = resamples.ofLabels(meanInfluence(influences, labels))
    return { labels: sizes[place] ?? 0, pearson: withNoise(pearson, noise) }
  })
  if (present === null || curve.length < sizes.length)
    return nothing('r is not defined with these labels, since scores do not vary.')
  const points = curve.map((point) => ({ labels: point.labels, pearson: intervalOf(point.pearson) }))
  const least = sizes[0] ?? 0
  const most = mostExtrapolated * random.length
  if (most <= labels)
    return nothing(
      `what ${countWord(random.length, 'random label')} are worth can be followed to ${most.toLocaleString('en')} at most, and ${labels.toLocaleString('en')} were given. A larger share of random pairs would tell.`,
      points,
    )
  const worth = (values: ArrayLike<number>, reached: number): number => {
    const law = fitPowerLaw(sizes, values)
    return law === null ? NaN : Math.min(most, Math.max(least, labelsToReach(law, reached)))
  }
  const value = worth(
    curve.map(({ pearson }) => pearson.value),
    present.value,
  )
  const drawn = Float64Array.from({ length: resampleCount }, (_, resample) =>
    worth(
      curve.map(({ pearson }) => pearson.drawn[resample] ?? NaN),
      present.drawn[resample] ?? NaN,
    ),
  )
  const equal = intervalOf({ value, drawn })
  const saved = {
    value: equal.value - labels,
    low: equal.low - labels,
    high: equal.high - labels,
  }
  return { saved, points, ...inWords(saved, labels, most - labels) }
}

/** @param bound what is saved at the end to which the curve is followed. */
function inWords(
  { value, low, high }: NonNullable<Saving['saved']>,
  labels: number,
  bound: number,
): Pick<Saving, 'verdict' | 'sentence'> {
  const whole = (number: number): string => Math.round(number).toLocaleString('en')
  const worth = `the ${countWord(labels, 'label')} given are worth ${value >= bound ? 'at least' : 'about'} ${whole(labels + value)} random ones`
  const orMore = high >= bound ? ' or more' : ''
  if (low > 0)
    return {
      verdict: 'saved',
      sentence: `${value >= bound ? 'At least' : 'About'} ${whole(value)} labels saved so far (${whole(low)}${high >= bound ? '' : ` to ${whole(high)}`}${orMore}): ${worth}.`,
    }
  if (high < 0)
    return {
      verdict: 'lost',
      sentence: `Choosing has cost labels so far: ${worth}, ${whole(-value)} fewer (${whole(-high)} to ${whole(-low)}).`,
    }
  const given = countWord(labels, 'label')
  return {
    verdict: 'no-evidence',
    sentence: `No evidence of saving yet: the ${given} given may be worth ${whole(labels + low)} random ones, or ${whole(labels + high)}${orMore}.`,
  }
}
