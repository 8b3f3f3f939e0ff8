import { z } from 'zod'
import { agreementFigure } from '../domain/agreement.ts'
import { ulid } from '../domain/ids.ts'
import { consensusRule } from '../domain/project.ts'
import { setAside } from '../domain/rater.ts'
import { score } from '../domain/score.ts'
import { method } from '../rpc/contract.ts'

const whole = z.number().int().nonnegative()

/** One rater as the others see them. */
export const raterFigures = z.object({
  raterId: ulid,
  name: z.string(),
  /** Why their ratings count for nothing; null where they count. */
  setAside: setAside.nullable(),
  /** Present scores. */
  ratings: whole,
  /** Present answers without a score, and their share of all answers. */
  cannotJudge: whole,
  cannotJudgeShare: agreementFigure,
  /**
   * By the rater model: how much higher than the consensus on the average pair; how strongly scores follow the consensus,
   * 1 for the average rater; standard deviation of what is left.
   */
  bias: agreementFigure,
  scale: agreementFigure,
  noise: agreementFigure,
  /** Pearson, and mean absolute difference, against the mean of the other raters of the same pairs. */
  pearson: agreementFigure,
  mae: agreementFigure,
  /** Mean absolute difference of blind repeats, and how many there are. */
  retest: agreementFigure,
  retests: whole,
  /** Share of gold pairs within their tolerance, and how many were rated. */
  gold: agreementFigure,
  golds: whole,
  /** Median seconds to a commit. */
  pace: agreementFigure,
})
export type RaterFigures = z.infer<typeof raterFigures>

/** What another rule would do to the consensus of the pairs that two raters or more have scored. */
export const ruleDifference = z.object({
  rule: consensusRule,
  /** Mean absolute difference from the mean; null where there is nothing to compare, or no model. */
  meanDifference: z.number().nullable(),
  /** Pairs whose score moves by more than .1. */
  moved: whole,
  reason: z.string().nullable(),
})
export type RuleDifference = z.infer<typeof ruleDifference>

export const agreementReport = z.object({
  /** Present scores that count, the pairs they are of, and the raters who gave them. */
  ratings: whole,
  pairs: whole,
  raters: whole,
  setAside: whole,
  /** Pairs that two raters or more have scored, and raters per such pair. */
  overlapping: whole,
  ratersPerPair: z.number().nullable(),
  /** Krippendorff's α for interval data. */
  alpha: agreementFigure,
  /** Reliability of one rater's score, and of the mean of `k` raters. */
  iccSingle: agreementFigure,
  iccMean: agreementFigure,
  /** Raters a pair has on average, as the variance components count them. */
  k: z.number().nullable(),
  table: z.array(raterFigures),
  /** The two raters who have scored most pairs together, for a start; null where no two have. */
  together: z.object({ firstId: ulid, secondId: ulid }).nullable(),
  /** Pairs by the standard deviation (n − 1) of their scores, in equal bins from 0 to `end`. */
  deviations: z.object({
    bins: z.array(whole),
    end: z.number(),
    mean: z.number().nullable(),
    reason: z.string().nullable(),
  }),
  /** Reliability of the mean of so many raters: as the variance components have it, and as measured. */
  projection: z.object({
    curve: z.array(z.object({ raters: whole, reliability: z.number() })),
    measured: z.array(z.object({ raters: whole, reliability: agreementFigure })),
    reason: z.string().nullable(),
  }),
  differences: z.array(ruleDifference),
  /** Whether intervals are there. */
  withIntervals: z.boolean(),
  /** Reading and measuring took so long. */
  seconds: z.number(),
})
export type AgreementReport = z.infer<typeof agreementReport>

/** Some ratings of one rater in a row. */
export const driftBlock = z.object({
  /** The rater's how-manieth ratings these are, from 1. */
  from: whole,
  to: whole,
  startedAt: z.iso.datetime(),
  /** Mean score; and mean difference from the others' mean on the same pairs, null where nobody else scored them. */
  score: z.number(),
  difference: z.number().nullable(),
  /** Median seconds; null where nobody measured them. */
  pace: z.number().nullable(),
})
export type DriftBlock = z.infer<typeof driftBlock>

const pairTexts = { pairId: ulid, premise: z.string(), hypothesis: z.string() }

/** A score beside another one of the same pair. */
export const scoreBeside = z.object({ ...pairTexts, score, other: score })
export type ScoreBeside = z.infer<typeof scoreBeside>

export const raterDetail = z.object({
  raterId: ulid,
  /** Counts of the present scores in 20 equal bins from 0 to 1. */
  bins: z.array(whole),
  drift: z.array(driftBlock),
  /** Pearson between first and second scores of the blind repeats, and the mean of second less first. */
  retest: z.object({ pearson: agreementFigure, difference: agreementFigure }),
  /** Repeats that lie furthest apart first: `score` is the second, `other` the first. */
  repeats: z.array(scoreBeside),
  /** Those furthest off first: `other` is the right score. */
  gold: z.array(z.object({ ...scoreBeside.shape, tolerance: z.number(), within: z.boolean() })),
})
export type RaterDetail = z.infer<typeof raterDetail>

/** Two raters on the pairs that both have scored. */
export const ratersCompared = z.object({
  /** Pairs that both have scored. */
  shared: whole,
  pearson: agreementFigure,
  mae: agreementFigure,
  /** Mean of second less first. */
  difference: agreementFigure,
  /** Scores of the same pairs [pairs], evenly taken where there are more than 5,000. */
  first: z.instanceof(Float32Array),
  second: z.instanceof(Float32Array),
  /** Those furthest apart first, at most 50: `score` is the first rater's, `other` the second's. */
  furthest: z.array(scoreBeside),
})
export type RatersCompared = z.infer<typeof ratersCompared>

const reason = z.string().trim().min(1).max(2000)

export const agreementMethods = {
  /** How far raters agree, over their present scores. Intervals are in it once they have been computed. */
  'agreement.report': method(z.object({}), agreementReport),
  /** Computes the intervals of the report, which has them once the job is done. */
  'agreement.intervals': method(z.object({}), z.object({ jobId: ulid })),
  'agreement.rater': method(z.object({ raterId: ulid }), raterDetail),
  'agreement.compare': method(z.object({ firstId: ulid, secondId: ulid }), ratersCompared),
  /** Writes every table as CSV, into the chosen folder, or as downloads where `folderToken` is null (web host). */
  'agreement.export': method(z.object({ folderToken: z.string().nullable() }), z.object({ jobId: ulid })),
  /** A rater's ratings count for nothing from now on; they stay. */
  'rater.setAside': method(z.object({ raterId: ulid, reason }), z.object({})),
  'rater.takeBack': method(z.object({ raterId: ulid, reason }), z.object({})),
  /** Fits the rater model to the present ratings, unless it is; `fitted` is false where there is too little to fit. */
  'consensus.fit': method(z.object({}), z.object({ fitted: z.boolean(), reason: z.string().nullable() })),
}
