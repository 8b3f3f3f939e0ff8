import { z } from 'zod'
import { interval } from './interval.ts'
import { humanCeiling } from './run.ts'

const whole = z.number().int().nonnegative()

/**
 * How a label came to be given, by the pair's first rating that counts: in a rater's own random order, the calibration
 * round or an import; as a suggestion drawn at random; as a suggestion chosen by another strategy; or otherwise, such as a
 * pair opened from a list or one that somebody was asked to rate. The last belongs to no arm: a person chose it, so it can
 * neither stand for chance nor for a strategy.
 */
export const labelArm = z.enum(['random', 'random-suggestion', 'chosen', 'other'])
export type LabelArm = z.infer<typeof labelArm>

/** r on the holdout with some number of labels. */
export const evidencePoint = z.object({ labels: whole, pearson: interval })

/** As many chosen labels as random ones, each on top of the labels from before the first suggestion. */
export const comparedPoint = z.object({
  /** Labels of each arm beside the base. */
  added: whole,
  /** r with the chosen and with the random ones, means over draws. */
  chosen: z.number(),
  random: z.number(),
  /** The former less the latter. */
  difference: interval,
})

/** r after more labels. */
export const projectedPoint = z.object({ more: whole, labels: whole, pearson: interval })

/** What more labels than there are, are projected for. */
export const projectedSteps = [50, 200, 500] as const

/** What the labels and the holdout of a project say of its labels. Each part that cannot be told is empty or null with a sentence that says why. */
export const evidenceFigures = z.object({
  labels: z.object({
    /** Labelled pairs outside the holdout, and how many of them were drawn to be measured on. */
    given: whole,
    used: whole,
    /** By arm, of those used; `random` counts random suggestions, too. */
    random: whole,
    chosen: whole,
    other: whole,
    /** Labels from before the first suggestion. */
    base: whole,
  }),
  holdout: z.object({ pairs: whole, premises: whole, used: whole }),
  curve: z.object({ points: z.array(evidencePoint), reason: z.string().nullable() }),
  comparison: z.object({
    points: z.array(comparedPoint),
    /** Draws from each arm that the points are means over. */
    draws: whole,
    verdict: z.enum(['better', 'worse', 'no-evidence']).nullable(),
    sentence: z.string(),
  }),
  saving: z.object({
    /** Random labels that would be worth the present ones, less those; the interval's ends may be bounds. */
    saved: interval.nullable(),
    /** The random arm alone. */
    points: z.array(evidencePoint),
    verdict: z.enum(['saved', 'lost', 'no-evidence']),
    sentence: z.string(),
  }),
  projection: z.object({
    points: z.array(projectedPoint),
    /** r(m) = a − b · m^−c over so many points of the curve; null where it could not be fitted. */
    fit: z.object({ a: z.number(), b: z.number(), c: z.number(), points: whole }).nullable(),
    /** What the next 50 labels are expected to add to r. */
    gain: interval.nullable(),
    reason: z.string().nullable(),
  }),
  remarks: z.array(z.string()),
  seconds: z.number(),
})
export type EvidenceFigures = z.infer<typeof evidenceFigures>

/** Whether more labels are worth giving. */
export const stopAdvice = z.object({
  advice: z.enum(['stop', 'go-on', 'unknown']),
  /** With the figures it rests on. */
  sentence: z.string(),
})
export type StopAdvice = z.infer<typeof stopAdvice>

/** What a run reached on the holdout as it was then. */
export const evidenceRun = z.object({ number: z.number().int(), labels: whole, pearson: interval })
export type EvidenceRun = z.infer<typeof evidenceRun>

/** What is kept of the last measuring. */
export const evidenceReport = z.object({
  figures: evidenceFigures,
  /** Finished runs outside the bin that were judged, by their number. */
  runs: z.array(evidenceRun),
  /** The score that the advice is about: that of the run in use, else of the last point of the curve. */
  present: interval.nullable(),
  ceiling: humanCeiling.nullable(),
  stop: stopAdvice,
  createdAt: z.iso.datetime(),
})
export type EvidenceReport = z.infer<typeof evidenceReport>

/** How fast somebody rates, by their last ratings. */
export const raterPace = z.object({
  raterId: z.string(),
  name: z.string(),
  /** Ratings that it rests on, at most 20. */
  ratings: whole,
  pairsPerMinute: z.number(),
})

/** How fast people rate, and what the next 50 labels would take one person of usual pace. */
export const evidencePace = z.object({
  raters: z.array(raterPace),
  /** All recent ratings together, as if by one person. */
  pairsPerMinute: z.number().nullable(),
  /** Minutes of work for the next 50 labels. */
  minutesForNext: z.number().nullable(),
  reason: z.string().nullable(),
})
export type EvidencePace = z.infer<typeof evidencePace>
