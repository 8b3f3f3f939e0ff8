import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { GradusError } from '#shared/contract/errors.ts'
import type { EvidenceFigures } from '#shared/domain/evidence.ts'
import { checkFinite } from '../checkRows.ts'
import { numberGroups } from '../metrics/groups.ts'
import { createPairKernel } from '../replay/pairKernel.ts'
import type { EvidenceRequest, ReplayPairs } from '../replay/replayContract.ts'
import { compareArms } from './compareArms.ts'
import { splitArms } from './arms.ts'
import type { EvidenceKernel } from './fixedRidge.ts'
import { fewestLabels, learningCurve } from './learningCurve.ts'
import { projectCurve } from './projection.ts'
import { createResamples, intervalOf } from './resamples.ts'
import { measureSaving } from './saving.ts'
import { countWord } from './words.ts'

/** A holdout with less tells nothing from chance. */
const fewestHeldOut = 20
const fewestPremises = 5
/** Labels whose products are computed before a cancel is looked for. */
const labelsAtOnce = 200

/**
 * What labels are worth: r on the holdout as they came, chosen ones against random ones, what was saved, and what more of
 * them would give. The same request gives the same figures.
 * @param onShare told the share done, 0–1.
 * @throws GradusError `cancelled`; `bad-request` where an embedding is not finite.
 */
export async function measureEvidence(
  { labels, holdout, given, seed, threads }: EvidenceRequest,
  { signal, onShare }: { readonly signal: AbortSignal; readonly onShare: (share: number) => void },
): Promise<EvidenceFigures> {
  const started = performance.now()
  const arms = splitArms(labels.arm)
  const counts = {
    labels: {
      given: given.labels,
      used: labels.target.length,
      random: arms.random.length,
      chosen: arms.chosen.length,
      other: labels.target.length - arms.random.length - arms.chosen.length,
      base: arms.base,
    },
    holdout: { pairs: given.holdout, premises: given.premises, used: holdout.target.length },
    remarks: remarksOf(given, labels, holdout),
  }
  const seconds = (): number => (performance.now() - started) / 1000
  const reason = obstacle(labels, holdout)
  if (reason !== null) return { ...counts, ...nothingTold(reason), seconds: seconds() }

  const pauseWithin =
    (from: number, to: number) =>
    async (share: number): Promise<void> => {
      onShare(from + (to - from) * share)
      await yieldToOthers()
      if (signal.aborted) throw new GradusError('cancelled', 'Cancelled.')
    }
  const kernel = await multiply(labels, holdout, threads, pauseWithin(0, 0.2))
  const resamples = createResamples(holdout, labels.group, seed)
  const { points, lambda } = await learningCurve(kernel, labels.group, resamples, pauseWithin(0.2, 0.6))
  const last = points.at(-1)
  const present = last?.labels === labels.target.length ? last.noisy : null
  if (present === null)
    return {
      ...counts,
      ...nothingTold(
        'r is not defined with the present labels: the model gives every held-out pair the same score.',
      ),
      seconds: seconds(),
    }
  const comparison = await compareArms(kernel, arms, lambda, resamples, seed, pauseWithin(0.6, 0.8))
  const saving = await measureSaving(kernel, arms, lambda, present, resamples, seed, pauseWithin(0.8, 1))
  return {
    ...counts,
    curve: {
      points: points.map((point) => ({ labels: point.labels, pearson: intervalOf(point.pearson) })),
      reason: null,
    },
    comparison,
    saving,
    projection: projectCurve(points, given.labels),
    seconds: seconds(),
  }
}

/** What was left out, one sentence each. */
function remarksOf(given: EvidenceRequest['given'], labels: ReplayPairs, holdout: ReplayPairs): string[] {
  const [used, judged] = [labels.target.length, holdout.target.length]
  return [
    ...(used === given.labels
      ? []
      : [
          `Of ${countWord(given.labels, 'label')} ${used.toLocaleString('en')} are measured on, taken evenly in the order they came.`,
        ]),
    ...(judged === given.holdout
      ? []
      : [
          `Of ${countWord(given.holdout, 'held-out pair')} ${judged.toLocaleString('en')} are measured on: whole premises drawn at random.`,
        ]),
  ]
}

/** Why nothing can be measured; null where something can. */
function obstacle(labels: ReplayPairs, holdout: ReplayPairs): string | null {
  const pairs = holdout.target.length
  const premises = numberGroups(holdout.group).count
  if (pairs < fewestHeldOut || premises < fewestPremises)
    return `The holdout has ${countWord(pairs, 'rated pair')} of ${countWord(premises, 'premise')}: too small to judge with. Rate held-out pairs until there are ${fewestHeldOut} of ${fewestPremises} premises.`
  const count = labels.target.length
  if (count < fewestLabels)
    return `${countWord(count, 'pair')} outside the holdout ${count === 1 ? 'is' : 'are'} rated; it takes ${fewestLabels} to begin.`
  const isConstant = (values: Float32Array): boolean => values.every((value) => value === values[0])
  if (isConstant(holdout.target)) return 'All held-out pairs have the same score, so nothing can be judged.'
  if (isConstant(labels.target))
    return 'All rated pairs outside the holdout have the same score, so there is nothing to learn.'
  return null
}

/** Every part with the same reason. */
function nothingTold(
  reason: string,
): Pick<EvidenceFigures, 'curve' | 'comparison' | 'saving' | 'projection'> {
  return {
    curve: { points: [], reason },
    comparison: { points: [], draws: 0, verdict: null, sentence: reason },
    saving: { saved: null, points: [], verdict: 'no-evidence', sentence: reason },
    projection: { points: [], fit: null, gain: null, reason },
  }
}

/** Products of the labels' features with one another and with those of the holdout. */
async function multiply(
  labels: ReplayPairs,
  holdout: ReplayPairs,
  threads: number,
  pause: (share: number) => Promise<void>,
): Promise<EvidenceKernel> {
  const join = (one: Float32Array, other: Float32Array): Float32Array => {
    const both = new Float32Array(one.length + other.length)
    both.set(one)
    both.set(other, one.length)
    return both
  }
  const pairs = {
    dimension: labels.dimension,
    premise: join(labels.premise, holdout.premise),
    hypothesis: join(labels.hypothesis, holdout.hypothesis),
    tokens: null,
  }
  checkFinite(pairs, 'rated')
  const count = labels.target.length
  const kernel = await createPairKernel(pairs, count, threads)
  try {
    const products: Float32Array[] = []
    for (let start = 0; start < count; start += labelsAtOnce) {
      await pause(start / count)
      const rows = Uint32Array.from(
        { length: Math.min(labelsAtOnce, count - start) },
        (_, place) => start + place,
      )
      products.push(...(await kernel.products(rows)))
    }
    return { products, target: labels.target, holdoutTarget: holdout.target }
  } finally {
    await kernel.dispose()
  }
}
