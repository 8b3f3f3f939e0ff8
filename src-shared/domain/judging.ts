import { z } from 'zod'
import { interval } from './interval.ts'

const count = z.number().int().nonnegative()
const share = z.number().min(0).max(1)

/** How often a yes-or-no statement was right and wrong. */
export const confusionCounts = z.object({
  truePositive: count,
  falsePositive: count,
  trueNegative: count,
  falseNegative: count,
})
export type ConfusionCounts = z.infer<typeof confusionCounts>

/** Null: accuracy without rows, precision where nothing is said to be, recall where nothing is, F1 where neither. */
const confusionFigures = {
  n: count,
  counts: confusionCounts,
  accuracy: interval.nullable(),
  precision: interval.nullable(),
  recall: interval.nullable(),
  f1: interval.nullable(),
}

/** Scores and targets as yes (at the threshold and above) or no. */
export const classification = z.object({ threshold: z.number(), ...confusionFigures })
export type Classification = z.infer<typeof classification>

/** What people say of pairs to which about the same score was given, in bins of rising score. */
export const reliabilityCurve = z.object({
  n: count,
  bins: z.array(
    z.object({
      n: count,
      /** Mean score given. */
      predicted: z.number(),
      /** Mean target. */
      observed: interval,
    }),
  ),
  /** Mean over rows of |predicted − observed| of their bin; null without rows. */
  calibrationError: z.number().nullable(),
})
export type ReliabilityCurve = z.infer<typeof reliabilityCurve>

/** What calibration rows say of how wide an interval must be. */
export const conformalFit = z.object({
  /** Share of targets that intervals shall hold. */
  level: share,
  /** Calibration rows. */
  n: count,
  /** Half the width of an interval, in predicted uncertainties; null where `reason` says why. */
  quantile: z.number().nonnegative().nullable(),
  reason: z.string().nullable(),
})
export type ConformalFit = z.infer<typeof conformalFit>

/** What conformal intervals hold on rows they were not fitted on; null without rows or intervals. */
export const conformalReport = z.object({
  fit: conformalFit,
  n: count,
  coverage: interval.nullable(),
  meanWidth: interval.nullable(),
})
export type ConformalReport = z.infer<typeof conformalReport>

/** The mean loss of the rows that are accepted where the least uncertain ones are; null without rows. */
export const riskCoverageCurve = z.object({
  n: count,
  /** At most 100, in rising coverage, which ends at 1. */
  points: z.array(z.object({ coverage: share, risk: z.number() })),
  /** Area under the curve: the mean of the risk over all coverages. */
  aurc: interval.nullable(),
  /** AURC less that of the best order there is. */
  excessAurc: z.number().nullable(),
  riskAt80: z.number().nullable(),
})
export type RiskCoverageCurve = z.infer<typeof riskCoverageCurve>

/** How well abstaining above a threshold of uncertainty finds the scores that are wrong. */
export const abstentionFigures = z.object({
  /** Rows of greater uncertainty are abstained from: "positive" in `counts`, where "true" means wrong indeed. */
  threshold: z.number(),
  ...confusionFigures,
  /** Share of rows that are accepted. */
  coverage: interval.nullable(),
  /** Share of accepted rows that are wrong; null where none is accepted. */
  acceptedError: interval.nullable(),
  /** Share of all rows that are wrong. */
  baseError: interval.nullable(),
})
export type AbstentionFigures = z.infer<typeof abstentionFigures>

/** What decisions cost, in any unit. */
export const decisionCosts = z.object({
  wrongYes: z.number().nonnegative(),
  wrongNo: z.number().nonnegative(),
  abstention: z.number().nonnegative(),
})
export type DecisionCosts = z.infer<typeof decisionCosts>

/** The cheapest way to decide: no below `band.low`, yes from `band.high`, abstain in between. */
export const thresholdDesign = z.object({
  n: count,
  costs: decisionCosts,
  /** A pair is truly a yes where its target is at least this. */
  truth: z.number(),
  /** The cheapest threshold of yes where none may be abstained from; above 1 where a yes never pays. */
  threshold: z.number(),
  /** `low` and `high` are equal where abstaining does not pay. */
  band: z.object({ low: z.number(), high: z.number() }),
  /** Expected cost per pair with the band, and with the threshold alone. */
  cost: interval,
  costWithoutAbstaining: interval,
  shares: z.object({ yes: share, no: share, abstain: share }),
  /** Shares that are wrong, of the yes, of the no and of all decisions; null where there are none. */
  wrongYes: interval.nullable(),
  wrongNo: interval.nullable(),
  wrong: interval.nullable(),
})
export type ThresholdDesign = z.infer<typeof thresholdDesign>

/** The lowest threshold with a wanted precision; all null where `reason` says why there is none. */
export const precisionDesign = z.object({
  n: count,
  wanted: share,
  truth: z.number(),
  threshold: z.number().nullable(),
  precision: interval.nullable(),
  recall: interval.nullable(),
  reason: z.string().nullable(),
})
export type PrecisionDesign = z.infer<typeof precisionDesign>

/** How good scores are on the rows that have something in common; figures are null under 5 rows. */
export const slice = z.object({
  /** What the rows are cut by, and what these have of it. */
  column: z.string(),
  label: z.string(),
  n: count,
  pearson: interval.nullable(),
  rmse: interval.nullable(),
  mae: interval.nullable(),
  /** Numbers of the rows with the greatest errors, the greatest first, at most ten. */
  worst: z.array(count),
})
export type Slice = z.infer<typeof slice>
