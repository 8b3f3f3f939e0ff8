import { createGrowingRidge } from '../replay/growingRidge.ts'
import { fitInOrder, type EvidenceKernel } from './fixedRidge.ts'
import { withNoise, type Resampled, type Resamples } from './resamples.ts'
import { spreadInfluence } from './spreadInfluence.ts'

/** Fewer labels than these teach the model nothing that could be told from chance. */
export const fewestLabels = 20
const mostPoints = 12
/** Up to so many labels the strength is chosen anew at each point; the best one hardly depends on their number from there on. */
const mostForStrength = 600
const rowsAtOnce = 20

/** r on the holdout with the first labels. */
export interface CurvePoint {
  readonly labels: number
  /** Over the holdout's premises alone, as runs have it. */
  readonly pearson: Resampled
  /** With what other labels of the same number would have given. */
  readonly noisy: Resampled
}

/** The curve with the strength that its last point was fitted with. */
export interface LearningCurve {
  /** Points at which r is defined. */
  readonly points: readonly CurvePoint[]
  readonly lambda: number
}

/** Numbers of labels from 20 to all, twelve at most, each about the same share more than the last. */
export function curveSizes(labels: number): number[] {
  if (labels < fewestLabels) return []
  const step = (labels / fewestLabels) ** (1 / (mostPoints - 1))
  return [
    ...new Set(
      Array.from({ length: mostPoints }, (_, point) =>
        point === mostPoints - 1 ? labels : Math.round(fewestLabels * step ** point),
      ),
    ),
  ]
}

/**
 * r on the holdout at growing numbers of labels in the order they came. The strength of the ridge is chosen as in a replay,
 * by leaving premises out, at each point up to 600 labels.
 * @param group premises of the labels [labels]. @param pause awaited now and then with the share done.
 */
export async function learningCurve(
  kernel: EvidenceKernel,
  group: Int32Array,
  resamples: Resamples,
  pause: (share: number) => Promise<void>,
): Promise<LearningCurve> {
  const labels = kernel.target.length
  const sizes = curveSizes(labels)
  const strengths = await chooseStrengths(kernel, group, sizes, (share) => pause(0.7 * share))
  const order = Uint32Array.from(group.keys())
  const points: CurvePoint[] = []
  const distinct = [...new Set(strengths)]
  for (const [place, lambda] of distinct.entries()) {
    await pause(0.7 + (0.3 * place) / distinct.length)
    const own = sizes.filter((_, point) => strengths[point] === lambda)
    for (const [point, { score, influence }] of fitInOrder(kernel, order, own, lambda).entries()) {
      const pearson = resamples.ofScores(score)
      if (pearson === null) continue
      const noise = resamples.ofLabels(spreadInfluence(influence, order, labels))
      points.push({ labels: own[point] ?? 0, pearson, noisy: withNoise(pearson, noise) })
    }
  }
  points.sort((left, right) => left.labels - right.labels)
  return { points, lambda: strengths.at(-1) ?? 1 }
}

/** λ at each size; from 600 labels on the last that was chosen. */
async function chooseStrengths(
  { products, target }: EvidenceKernel,
  group: Int32Array,
  sizes: readonly number[],
  pause: (share: number) => Promise<void>,
): Promise<number[]> {
  const capacity = Math.min(target.length, Math.max(mostForStrength, sizes[0] ?? 0))
  const ridge = createGrowingRidge(capacity)
  const strengths: number[] = []
  for (const size of sizes) {
    const wanted = Math.min(size, capacity)
    const isNew = ridge.rows.length < wanted
    while (ridge.rows.length < wanted) {
      const start = ridge.rows.length
      const end = Math.min(wanted, start + rowsAtOnce)
      const added = Array.from({ length: end - start }, (_, place) => start + place)
      ridge.add(
        added.map((label) => ({ target: target[label] ?? 0, weight: 1, group: group[label] ?? 0 })),
        added.map((label) => Float64Array.from((products[label] ?? new Float32Array()).subarray(0, end))),
      )
      await pause((end / capacity) ** 3)
    }
    strengths.push(isNew ? ridge.fit().lambda : (strengths.at(-1) ?? 1))
  }
  return strengths
}
