import { projectedSteps, type EvidenceFigures } from '#shared/domain/evidence.ts'
import type { CurvePoint } from './learningCurve.ts'
import { fitPowerLaw, powerLawAt, type PowerLaw } from './powerLaw.ts'
import { intervalOf, resampleCount } from './resamples.ts'
import { countWord } from './words.ts'

type Projection = EvidenceFigures['projection']

const fewestPoints = 5
/** The last point of a curve that is followed has at least so many times the labels of the first. */
const leastSpan = 2
/** Labels that stop advice looks ahead. */
const nextLabels = 50

/**
 * r after more labels, by a power law through the learning curve; intervals are over the holdout's premises and over which
 * labels came.
 * @param given labels that there are, from which it goes on.
 */
export function projectCurve(points: readonly CurvePoint[], given: number): Projection {
  const nothing = (reason: string): Projection => ({ points: [], fit: null, gain: null, reason })
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined) return nothing('There is no learning curve to follow.')
  if (points.length < fewestPoints || last.labels < leastSpan * first.labels)
    return nothing(
      `The learning curve has ${countWord(points.length, 'point')} up to ${countWord(last.labels, 'label')}, too few to follow: rate pairs until there are ${leastSpan * first.labels} labels or more.`,
    )
  const sizes = points.map(({ labels }) => labels)
  const law = fitPowerLaw(
    sizes,
    points.map(({ pearson }) => pearson.value),
  )
  if (law === null || law.b === 0)
    return nothing(
      `r has not risen from ${first.labels} to ${countWord(last.labels, 'label')}, so there is no rise to go on with.`,
    )
  const drawn = Array.from({ length: resampleCount }, (_, resample) =>
    fitPowerLaw(
      sizes,
      points.map(({ noisy }) => noisy.drawn[resample] ?? NaN),
    ),
  )
  const of = (figure: (law: PowerLaw) => number): ReturnType<typeof intervalOf> =>
    intervalOf({
      value: figure(law),
      drawn: Float64Array.from(drawn, (one) => (one === null ? NaN : figure(one))),
    })
  return {
    points: projectedSteps.map((more) => ({
      more,
      labels: given + more,
      pearson: of((one) => powerLawAt(one, given + more)),
    })),
    fit: { ...law, points: points.length },
    gain: of((one) => powerLawAt(one, given + nextLabels) - powerLawAt(one, given)),
    reason: null,
  }
}
