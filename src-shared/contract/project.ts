import { z } from 'zod'
import { ulid } from '../domain/ids.ts'
import { guideline, mostExamples, projectSettings, workedExample } from '../domain/project.ts'
import { rater } from '../domain/rater.ts'
import { method } from '../rpc/contract.ts'

/** A rater with what they have done, for choosing who is at work. */
export const raterSummary = rater.extend({
  /** Present answers with a score. */
  ratings: z.number().int(),
  /** Present answers without one. */
  cannotJudge: z.number().int(),
  /** Pairs they are to rate under the project's plan; null where everybody rates everything. */
  planned: z.number().int().nullable(),
})
export type RaterSummary = z.infer<typeof raterSummary>

/** What a run has changed by taking over from another one. */
export const modelChange = z.object({
  /** The run that was in use before, with its holdout Pearson. */
  before: z.object({ runNumber: z.number().int(), pearson: z.number().nullable() }),
  /** Why the two figures are not to be compared, as the end of a sentence; null where they are. */
  caution: z.string().nullable(),
  /** Pairs that waited in the queue of suggestions and are not in it any more, and new ones. */
  left: z.number().int().nonnegative(),
  entered: z.number().int().nonnegative(),
})
export type ModelChange = z.infer<typeof modelChange>

/** All that the frame of the window shows of the open project; sent anew whenever one of it changes. */
export const projectOverview = z.object({
  id: ulid,
  title: z.string(),
  fileName: z.string(),
  /** Tells files apart: a copy and a work file have the id of their project, but another key. Says nothing else. */
  fileKey: z.string(),
  settings: projectSettings,
  guideline,
  /** The file was split off for one rater: only they rate in it, and the project is elsewhere. */
  isWorkFile: z.boolean(),
  raters: z.array(raterSummary),
  counts: z.object({
    pairs: z.number().int(),
    /** Pairs with at least one current score. */
    labelledPairs: z.number().int(),
    /** Present answers with a score, of all raters. */
    ratings: z.number().int(),
    disputes: z.number().int(),
    /** Suggestions of the run in use that nobody has rated since. */
    suggestions: z.number().int(),
  }),
  /** The run in use. */
  model: z
    .object({
      runId: ulid,
      runNumber: z.number().int(),
      /** Holdout Pearson of the model in use; null where it could not be judged. */
      pearson: z.number().nullable(),
      newRatings: z.number().int(),
      /** True after every 20 new ratings. */
      retrainOffered: z.boolean(),
      /** Null where no run was in use before, or somebody went back to this one. */
      change: modelChange.nullable(),
    })
    .nullable(),
})
export type ProjectOverview = z.infer<typeof projectOverview>

/** A version of the guideline, with when it was written and how many ratings that stand were made under it. */
export const guidelineVersion = guideline.extend({ createdAt: z.iso.datetime(), ratings: z.number().int() })
export type GuidelineVersion = z.infer<typeof guidelineVersion>

export const recentProject = z.object({
  /** Opaque: the window never learns paths it did not choose. */
  recentId: z.string(),
  title: z.string(),
  fileName: z.string(),
  folder: z.string(),
  openedAt: z.iso.datetime(),
  missing: z.boolean(),
})
export type RecentProject = z.infer<typeof recentProject>

const title = z.string().trim().min(1).max(120)

export const projectMethods = {
  'project.current': method(z.object({}), projectOverview.nullable()),
  'project.recent': method(z.object({}), z.array(recentProject)),
  /** Makes `<title>.gradus` in the chosen folder, or in the projects folder where `folderToken` is null, and opens it. */
  'project.create': method(z.object({ title, folderToken: z.string().nullable() }), projectOverview),
  'project.open': method(
    z.discriminatedUnion('by', [
      z.object({ by: z.literal('recent'), recentId: z.string() }),
      z.object({ by: z.literal('file'), fileToken: z.string() }),
      /** The sample project, made anew where it is missing. */
      z.object({ by: z.literal('sample') }),
    ]),
    projectOverview,
  ),
  /** How many present ratings carry each class label, by name; `scored`: those whose score is that of the class. */
  'project.labels': method(
    z.object({}),
    z.array(z.object({ label: z.string(), ratings: z.number().int(), scored: z.number().int() })),
  ),
  'project.close': method(z.object({}), z.object({})),
  /** Other scores or names of classes reach the labels that were imported: at once, or by a job where they are many. */
  'project.configure': method(
    z.object({ title: title.optional(), settings: projectSettings.partial().optional() }),
    projectOverview,
  ),
  /**
   * A new text, or other worked examples, make a new version; ratings keep the version they were made under. Without
   * `examples` they stay as they are.
   */
  'project.writeGuideline': method(
    z.object({
      text: z.string().max(100_000),
      examples: z.array(workedExample).max(mostExamples).optional(),
    }),
    guideline,
  ),
  /** Every version of the guideline, newest first. */
  'project.guidelines': method(z.object({}), z.array(guidelineVersion)),
  'rater.create': method(z.object({ name: z.string().trim().min(1).max(80) }), rater),
}
