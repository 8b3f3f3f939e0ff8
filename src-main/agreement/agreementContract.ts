import { z } from 'zod'
import { agreementFigure } from '#shared/domain/agreement.ts'
import { method } from '#shared/rpc/contract.ts'

// `z.instanceof` would refuse, by type alone, views on memory that might be shared.
const int32 = z.custom<Int32Array>((value) => value instanceof Int32Array, 'Not an Int32Array')
const float64 = z.custom<Float64Array>((value) => value instanceof Float64Array, 'Not a Float64Array')

/** As `RatingTable`: scores that count, by rising number of the pair. */
const ratingTable = z.object({
  pairs: z.number().int().nonnegative(),
  raters: z.number().int().nonnegative(),
  pair: int32,
  rater: int32,
  score: float64,
})

/** One rater as the others see them, by the rater model and plainly. */
const raterFigures = z.object({
  /** Scores are bias + scale · μ, give or take `noise`. */
  bias: agreementFigure,
  scale: agreementFigure,
  noise: agreementFigure,
  /** Against the mean of the others of the same pairs. */
  pearson: agreementFigure,
  mae: agreementFigure,
})

const overall = {
  /** Krippendorff's α for interval data. */
  alpha: agreementFigure,
  /** ICC(1): reliability of one score. */
  iccSingle: agreementFigure,
  /** ICC(2,k): reliability of the mean of `k` raters. */
  iccMean: agreementFigure,
}

const figures = z.object({
  ...overall,
  /** Raters a pair has, as the variance components count them; null without components. */
  k: z.number().nullable(),
  /** Pairs by the SD (n − 1) of their scores, in equal bins from 0 to `end`. */
  deviations: z.object({
    bins: z.array(z.number().int()),
    end: z.number(),
    mean: z.number().nullable(),
    reason: z.string().nullable(),
  }),
  projection: z.object({
    curve: z.array(z.object({ raters: z.number().int(), reliability: z.number() })),
    measured: z.array(
      z.object({
        raters: z.number().int(),
        /** How many pairs have twice as many. */
        pairs: z.number().int(),
        reliability: agreementFigure,
      }),
    ),
    reason: z.string().nullable(),
  }),
  /** [raters] */
  raters: z.array(raterFigures),
})
export type AgreementFigures = z.infer<typeof figures>

const intervals = z.object({
  ...overall,
  /** Those of the rater model [raters]. */
  raters: z.array(raterFigures.pick({ bias: true, scale: true, noise: true })),
})
export type AgreementIntervals = z.infer<typeof intervals>

/** What the backend and the agreement process say to each other. */
export const agreementContract = {
  methods: {
    /** Every figure, without the intervals that take resampling. */
    figures: method(z.object({ table: ratingTable }), figures),
    /** The figures that take resampling, with their intervals. Cancelling rejects with `cancelled`. */
    intervals: method(z.object({ table: ratingTable, seed: z.number().int() }), intervals),
    /** The fitted rater model; null with the reason where there is too little. */
    fitRaterModel: method(
      z.object({ table: ratingTable }),
      z.object({
        model: z
          .object({
            mean: z.number(),
            variance: z.number(),
            usualDeviation: z.number(),
            /** [raters] */
            bias: float64,
            scale: float64,
            deviation: float64,
          })
          .nullable(),
        reason: z.string().nullable(),
      }),
    ),
  },
  events: {
    /** Share of the intervals done, 0–1. */
    progress: z.object({ share: z.number().min(0).max(1) }),
  },
} as const
