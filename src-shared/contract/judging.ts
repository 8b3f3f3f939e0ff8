import { z } from 'zod'
import { ulid } from '../domain/ids.ts'
import { decisionCosts, precisionDesign, slice, thresholdDesign } from '../domain/judging.ts'
import { score } from '../domain/score.ts'
import { method } from '../rpc/contract.ts'

const share = z.number().min(0).max(1)
const cost = z.number().min(0).max(1e9)

/** A prediction beside what people say of the pair. */
export const judgedPair = z.object({
  pairId: ulid,
  premise: z.string(),
  hypothesis: z.string(),
  score,
  /** Consensus of the current ratings. */
  target: score,
  /** Ends of the prediction's interval. */
  low: score,
  high: score,
})
export type JudgedPair = z.infer<typeof judgedPair>

/** A slice with the pairs of its greatest errors, the greatest first, at most ten. */
export const judgedSlice = slice.omit({ worst: true }).extend({ worst: z.array(judgedPair) })
export type JudgedSlice = z.infer<typeof judgedSlice>

/** What there is to judge with; `reason` says why where there is nothing. */
const judgedOn = {
  /** The run in use. */
  runNumber: z.number().int().nullable(),
  /** Held-out pairs with a prediction of that run and a rating. */
  n: z.number().int().nonnegative(),
  reason: z.string().nullable(),
}

export const judgedSlices = z.object({ ...judgedOn, slices: z.array(judgedSlice) })
export type JudgedSlices = z.infer<typeof judgedSlices>

/** Scores and consensus of the same pairs, for drawing. */
export const judgedScores = z.object({
  ...judgedOn,
  /** Evenly taken where there are more than 5,000 pairs [rows]. */
  score: z.instanceof(Float32Array),
  target: z.instanceof(Float32Array),
})

/** All of the run in use, over the held-out pairs that have its prediction and a rating, as they are rated now. */
export const judgingMethods = {
  /** The cheapest decisions; null where there are no such pairs, and `judging.rows` says why. */
  'judging.threshold': method(
    z.object({
      costs: decisionCosts.extend({ wrongYes: cost, wrongNo: cost, abstention: cost }),
      truth: share,
    }),
    thresholdDesign.nullable(),
  ),
  /** The lowest threshold with a wanted precision; null as above. */
  'judging.precision': method(z.object({ wanted: share, truth: share }), precisionDesign.nullable()),
  'judging.slices': method(z.object({}), judgedSlices),
  'judging.rows': method(z.object({}), judgedScores),
}
