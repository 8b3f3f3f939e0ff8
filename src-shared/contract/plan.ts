import { z } from 'zod'
import { ulid } from '../domain/ids.ts'
import { gold, overlapPlan } from '../domain/plan.ts'
import { score } from '../domain/score.ts'
import { method } from '../rpc/contract.ts'

const whole = z.number().int().nonnegative()

/** What one rater has to do under the plan. */
export const plannedRater = z.object({
  raterId: ulid,
  name: z.string(),
  setAside: z.boolean(),
  /** The plan deals pairs to them; false for whoever is only known from an import. */
  takesPart: z.boolean(),
  /** Pairs dealt to them or asked of them, and how many of those are answered. */
  assigned: whole,
  answered: whole,
})

export const goldPair = gold.extend({ premise: z.string(), hypothesis: z.string() })

export const planOverview = z.object({
  overlap: overlapPlan.nullable(),
  raters: z.array(plannedRater),
  /** Pairs of the calibration round. */
  calibration: whole,
  gold: z.array(goldPair),
  /** Whose file this is, where it was split off for one rater. */
  workOf: z.string().nullable(),
})
export type PlanOverview = z.infer<typeof planOverview>

/** One pair of the calibration round: the own score beside what others gave. */
export const calibrationRow = z.object({
  pairId: ulid,
  premise: z.string(),
  hypothesis: z.string(),
  /** Null where the rater could not judge. */
  own: score.nullable(),
  /** The right score of a gold pair, else the mean of the other raters; null where there are none. */
  against: score.nullable(),
  isGold: z.boolean(),
})

export const calibrationResult = z.object({
  rows: z.array(calibrationRow),
  /** Mean of own less others', and of its absolute value; null where nothing can be compared. */
  bias: z.number().nullable(),
  mae: z.number().nullable(),
})
export type CalibrationResult = z.infer<typeof calibrationResult>

/** A file that was made for a rater to work in elsewhere. */
export const workFile = z.object({
  rater: z.string(),
  fileName: z.string(),
  pairs: whole,
  /** Where the browser fetches it; null where it lies in the chosen folder. */
  download: z.string().nullable(),
})
export type WorkFile = z.infer<typeof workFile>

/** What merging one work file did. */
export const mergedFile = z.object({
  fileName: z.string(),
  rater: z.string(),
  /** Rows of ratings that were not there yet, and that were. */
  added: whole,
  known: whole,
  /** Ratings of pairs that this project does not have. */
  leftOut: whole,
})
export type MergedFile = z.infer<typeof mergedFile>

export const planMethods = {
  'plan.read': method(z.object({}), planOverview),
  /** Decides how many raters a pair gets, and deals the pairs; null: everybody rates everything. */
  'plan.set': method(z.object({ overlap: overlapPlan.nullable() }), z.object({ jobId: ulid.nullable() })),
  /** Whether the plan deals pairs to a rater; then deals anew. */
  'plan.takePart': method(z.object({ raterId: ulid, takesPart: z.boolean() }), z.object({})),
  /** Deals anew what nobody has answered: after new pairs or raters. */
  'plan.deal': method(z.object({}), z.object({ jobId: ulid })),
  /** Chooses so many pairs at random, the same for all raters, to be rated first; 0 ends the round. */
  'calibration.choose': method(
    z.object({ pairs: z.number().int().min(0).max(200) }),
    z.object({ pairs: whole }),
  ),
  /** How a rater has done in the calibration round. */
  'calibration.result': method(z.object({ raterId: ulid }), calibrationResult),
  /** Writes a file for each of these raters to work in elsewhere, into the chosen folder or (null) as downloads. */
  'work.split': method(
    z.object({ raterIds: z.array(ulid).min(1), folderToken: z.string().nullable() }),
    z.object({ files: z.array(workFile) }),
  ),
  /** Brings ratings back from files that were split off this project, in any order and as often as one likes. */
  'work.merge': method(
    z.object({ fileTokens: z.array(z.string()).min(1) }),
    z.object({ files: z.array(mergedFile) }),
  ),
}
