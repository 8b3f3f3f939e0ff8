import { z } from 'zod'
import { classScores, defaultClassScores } from './classes.ts'
import { scaleKind } from './score.ts'

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
}

/** The task everybody follows, in versions; each rating knows its version. */
export const guideline = z.object({ version: z.number().int().positive(), text: z.string() })
export type Guideline = z.infer<typeof guideline>
