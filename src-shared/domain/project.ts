import { z } from 'zod'
import { classScores, defaultClassScores } from './classes.ts'
import { overlapPlan } from './plan.ts'
import { scaleKind, score } from './score.ts'
import { choosingSettings, defaultStrategy } from './suggestion.ts'

/** How the scores of a pair's raters become one: see `consensus` in the agreement room for the formulas. */
export const consensusRule = z.enum(['mean', 'median', 'rater-model'])
export type ConsensusRule = z.infer<typeof consensusRule>

/** What a project decides for everyone who works in it. */
export const projectSettings = z.object({
  /** Words at the two ends of the scale. */
  lowLabel: z.string().trim().min(1).max(60),
  highLabel: z.string().trim().min(1).max(60),
  scaleKind,
  /** After a rater has committed, show what the others gave. */
  showOthersAfterCommit: z.boolean(),
  /** After a rater has committed, show the model's prediction. */
  showPredictionAfterCommit: z.boolean(),
  /** Share of premise groups kept as holdout where the import declares none; 0–0.5. */
  holdoutShare: z.number().min(0).max(0.5),
  /** Fixes every rater's order and the random splits. */
  seed: z.number().int().min(0).max(0xffffffff),
  /** The classes that imported labels may name, and the score each stands for. */
  classScores,
  /** What training, export and review take as a pair's score. */
  consensus: consensusRule,
  /** Raters are asked how sure they are. */
  askConfidence: z.boolean(),
  /** Who rates what; null: everybody rates everything. */
  overlap: overlapPlan.nullable(),
  /** Share of a rater's own earlier pairs that are shown again blind; 0–0.5. */
  retestShare: z.number().min(0).max(0.5),
  /** After a commit on a gold pair, say whether it lies within the tolerance, and why. */
  goldFeedback: z.boolean(),
  ...choosingSettings.shape,
})
export type ProjectSettings = z.infer<typeof projectSettings>

export const defaultProjectSettings: ProjectSettings = {
  lowLabel: 'unrelated',
  highLabel: 'equivalent',
  scaleKind: 'linear',
  showOthersAfterCommit: true,
  showPredictionAfterCommit: true,
  holdoutShare: 0.15,
  seed: 42,
  classScores: defaultClassScores,
  consensus: 'mean',
  askConfidence: false,
  overlap: null,
  retestShare: 0.05,
  goldFeedback: false,
  strategy: defaultStrategy,
  batchSize: 20,
  randomShare: 0.2,
  retrainAfter: null,
}

/** A pair of texts that shows what a score means, pinned along the scale. */
export const workedExample = z.object({
  score,
  premise: z.string().trim().min(1).max(2000),
  hypothesis: z.string().trim().min(1).max(2000),
  /** Why it has this score; may be empty. */
  note: z.string().trim().max(1000),
})
export type WorkedExample = z.infer<typeof workedExample>

/** More would crowd the scale. */
export const mostExamples = 9

/** The task everybody follows, in versions; each rating knows its version. */
export const guideline = z.object({
  version: z.number().int().positive(),
  text: z.string(),
  examples: z.array(workedExample).max(mostExamples),
})
export type Guideline = z.infer<typeof guideline>
